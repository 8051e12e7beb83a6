/**
 * Counters of one pipeline that always balance:
 *
 *   read = delivered + filtered + malformed + rejected + lost + held + inFlight
 *
 * Rows are counted as settled when their batch is committed. Rows that a rewind gave up are owed: they stay
 * in flight, and as reading their file starts again right where they begin, the next rows of that file are
 * known to be the same ones and are not counted as read again. When their file is gone they are lost; when it
 * was changed and is read again from its start, they are counted anew as far as they are still there. Rows that wait in open
 * mails are held until those go out.
 */

import type { BatchCounts } from '../flow/batch.ts'
import type { Outcome, PipelineCounts, Unavailable } from '../flow/delivery.ts'
import type { Listener, Loss } from '../flow/events.ts'
import { sourceIn } from '../flow/file-id.ts'
import { Latency } from './latency.ts'

/** Counts what a pipeline does, and hears what else there is to count. */
export class PipelineStatistics implements Listener {
  /** How long the batches took that were delivered. */
  readonly latency = new Latency()
  readonly #counts = {
    delivered: 0,
    filtered: 0,
    malformed: 0,
    rejected: 0,
    lost: 0,
    cut: 0,
    clamped: 0,
    invalid: 0,
    brokenHeaders: 0,
    batches: 0,
    rewinds: 0,
    repeated: 0,
    failovers: 0,
    failbacks: 0,
    sentBytes: 0,
    lastDeliveredAt: null as number | null,
  }
  #read = 0
  #held = 0
  readonly #filteredBy: number[] = []
  /** By the name of the source, which a file id begins with. */
  readonly #readOf = new Map<string, number>()
  /** Rows of the current window, and rows owed from those before, by file id. */
  readonly #unsettled = new Map<string, number>()
  readonly #owed = new Map<string, number>()
  /** Of which nothing is read any more. */
  readonly #handedOver = new Set<string>()
  /** Those of the current window that were read before their file was read again from its start. */
  readonly #outdated = new Map<string, number>()

  /** A batch of this file entered the window. */
  took(fileId: string, counts: BatchCounts): void {
    const rows = rowsOf(counts)
    const again = Math.min(rows, this.#owed.get(fileId) ?? 0)
    add(this.#owed, fileId, -again)
    add(this.#unsettled, fileId, rows)
    const known = Math.min(rows - again, counts.held ?? 0)
    this.#held -= known
    this.#readRows(fileId, rows - again - known)
  }

  /** So many rows of this file were read, and wait in open mails. */
  held(fileId: string, rows: number): void {
    this.#held += rows
    this.#readRows(fileId, rows)
  }

  /** So many rows of this file are left out, of which each rule of the filter so many, where it has several. */
  leftOut(fileId: string, rows: number, by: readonly number[]): void {
    this.#readRows(fileId, rows)
    this.#counts.filtered += rows
    this.#filteredByRules(by)
  }

  /** Of the filtered rows those that each rule of the filter left out, where it has several. */
  get filteredBy(): readonly number[] {
    return this.#filteredBy
  }

  /** Rows read of a source, as `read` counts them, but that what is read anew counts anew. */
  readOf(source: string): number {
    return this.#readOf.get(source) ?? 0
  }

  /** Frames went out, whatever became of them. */
  sent(bytes: number): void {
    this.#counts.sentBytes += bytes
  }

  /** A batch that was taken has been committed with this outcome. */
  settled(fileId: string, counts: BatchCounts, outcome: Exclude<Outcome, Unavailable>): void {
    const { status } = outcome
    const totals = this.#counts
    const rows = rowsOf(counts)
    add(this.#unsettled, fileId, -rows)
    add(this.#outdated, fileId, -Math.min(rows, this.#outdated.get(fileId) ?? 0))
    // Several events of a row are one here.
    const excepted = status === 'delivered' ? Math.min(outcome.except?.length ?? 0, counts.events) : 0
    totals[status] += counts.events - excepted
    totals.rejected += excepted
    totals.filtered += counts.filtered
    totals.malformed += counts.malformed
    this.#filteredByRules(counts.filteredBy ?? [])
    totals.cut += counts.cut
    totals.clamped += counts.clamped
    totals.invalid += counts.invalid
    totals.brokenHeaders += counts.brokenHeaders
    totals.batches++
    if (status === 'delivered' && counts.events > excepted) totals.lastDeliveredAt = Date.now()
  }

  /** The window was given up; what it held will be read again. */
  rewound(): void {
    this.ended()
    this.#counts.rewinds++
  }

  /** The window was given up, and nothing more is read. */
  ended(): void {
    for (const [fileId, rows] of this.#unsettled) add(this.#owed, fileId, rows)
    for (const [fileId, rows] of this.#outdated) this.#uncount(fileId, rows)
    for (const fileId of this.#handedOver) this.#uncount(fileId, this.#owed.get(fileId) ?? 0)
    this.#handedOver.clear()
    this.#unsettled.clear()
    this.#outdated.clear()
  }

  /** The file was changed and is read again from its start: what is owed of it may be in it or not. */
  restarted(fileId: string): void {
    this.#uncount(fileId, this.#owed.get(fileId) ?? 0)
    const rows = this.#unsettled.get(fileId)
    if (rows !== undefined) this.#outdated.set(fileId, rows)
  }

  /** When a file is gone, what is owed of it is never read again. One that was shortened is still there. */
  lost({ fileId, cause }: Pick<Loss, 'fileId' | 'cause'>): void {
    if (fileId === null || cause === 'shortened') return
    const rows = this.#owed.get(fileId) ?? 0
    add(this.#owed, fileId, -rows)
    this.#counts.lost += rows
  }

  /** Nothing more of the file is read here: what is owed of it, now or when the window is given up, another instance counts. */
  handedOver(fileId: string): void {
    this.#handedOver.add(fileId)
    this.#uncount(fileId, this.#owed.get(fileId) ?? 0)
  }

  #filteredByRules(counts: readonly number[]): void {
    for (const [rule, rows] of counts.entries()) {
      this.#filteredBy[rule] = (this.#filteredBy[rule] ?? 0) + rows
    }
  }

  #readRows(fileId: string, rows: number): void {
    this.#read += rows
    const source = sourceIn(fileId)
    this.#readOf.set(source, this.readOf(source) + rows)
  }

  #uncount(fileId: string, rows: number): void {
    add(this.#owed, fileId, -rows)
    this.#read -= rows
  }

  /** So many events that were sent are sent again, now or after the next start. */
  repeats(events: number): void {
    this.#counts.repeated += events
  }

  /** The next receiver took over. */
  failedOver(): void {
    this.#counts.failovers++
  }

  /** A preferred receiver took over again. */
  failedBack(): void {
    this.#counts.failbacks++
  }

  /** All counters at this moment. */
  snapshot(): PipelineCounts {
    const { delivered, filtered, malformed, rejected, lost } = this.#counts
    const held = this.#held
    const inFlight = this.#read - delivered - filtered - malformed - rejected - lost - held
    return { read: this.#read, held, inFlight, ...this.#counts }
  }
}

/** Keeps no zeros, so that files long done take no memory. */
function add(rowsByFile: Map<string, number>, fileId: string, rows: number): void {
  const sum = (rowsByFile.get(fileId) ?? 0) + rows
  if (sum === 0) rowsByFile.delete(fileId)
  else rowsByFile.set(fileId, sum)
}

function rowsOf({ events, filtered, malformed }: BatchCounts): number {
  return events + filtered + malformed
}
