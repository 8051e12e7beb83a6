/** What is reported when: once per change of state, statistics by the clock, malformed lines together. */
import type { ValueCounts } from '../flow/batch.ts'
import type { Malformed } from '../flow/chunk.ts'
import type { PipelineCounts } from '../flow/delivery.ts'
import { type Report, type ReportValues, reportKinds } from './report.ts'
import { type MalformedLines, MalformedTally } from './tally.ts'

const statisticsMs = 5 * 60_000
const malformedMs = 60_000

/** A destination that is reported on. */
export interface WatchedDestination {
  readonly name: string
  readonly to: string
  counts(): Omit<PipelineCounts, keyof ValueCounts | 'batches'>
}

/** Bytes of a log file that were gone before they were delivered. */
interface LostData {
  readonly source: string
  readonly path: string
  /** What became of the file, as a participle: deleted, replaced, shortened. */
  readonly cause: string
  /** Null when nobody knows how many, if any. */
  readonly bytes: number | null
  readonly offset: number
}

/** A folder of a source became unreadable, or readable again. */
interface FolderChange {
  readonly source: string
  readonly folder: string
  /** Why it can't be read; null when it can. */
  readonly reason: string | null
}

export interface ReporterOptions {
  readonly version: string
  /** Names of the sources. */
  readonly sources: readonly string[]
  readonly destinations: readonly WatchedDestination[]
  readonly emit: (report: Report) => void
  /** Between statistics; five minutes by default. */
  readonly statisticsMs?: number
  /** Between reports on malformed lines for one destination; a minute by default. */
  readonly malformedMs?: number
}

/** Something that is down, since when. */
interface Outage {
  readonly reason: string
  readonly sinceMs: number
}

/** Turns what happens in the pipelines into reports. */
export class Reporter {
  readonly #options: ReporterOptions
  readonly #destinations: ReadonlyMap<string, WatchedDestination>
  readonly #tallies: ReadonlyMap<string, MalformedTally>
  /** By name. Each pipeline reads the sources on its own: what was seen last counts. */
  readonly #sourcesDown = new Map<string, Outage>()
  readonly #destinationsDown = new Map<string, Outage>()
  #startedMs = Date.now()
  #timer: NodeJS.Timeout | undefined

  constructor(options: ReporterOptions) {
    const { destinations, malformedMs: everyMs = malformedMs } = options
    this.#options = options
    this.#destinations = new Map(destinations.map((destination) => [destination.name, destination]))
    this.#tallies = new Map(
      destinations.map(({ name }) => [
        name,
        new MalformedTally(everyMs, (lines) => this.#malformedTogether(name, lines)),
      ]),
    )
  }

  /** Delivery begins. Statistics follow regularly, without keeping the process alive. */
  started(): void {
    const { version, sources, destinations, statisticsMs: everyMs = statisticsMs } = this.#options
    this.#startedMs = Date.now()
    const names = destinations.map(({ name }) => name)
    const message = `msgtrk ${version} started; sources: ${sources.join(', ')}; destinations: ${names.join(', ')}`
    this.#emit('started', { message, outcome: 'success' })
    this.#timer = setInterval(() => this.#statistics(), everyMs)
    this.#timer.unref()
  }

  /** Delivery ends: the last reports, nothing may come after them. `error`: why, when nobody asked for it. */
  stopping(error?: Error): void {
    clearInterval(this.#timer)
    for (const tally of this.#tallies.values()) tally.end()
    this.#statistics()
    const startedMs = this.#startedMs
    if (error === undefined) {
      this.#emit('stopping', { message: 'msgtrk is shutting down', outcome: 'success', startedMs })
    } else {
      const message = 'msgtrk is shutting down because of an error'
      this.#emit('failed', { message, outcome: 'failure', reason: error.message, startedMs })
    }
  }

  /** Told by every pipeline that reads the source. */
  folderChanged({ source, folder, reason }: FolderChange): void {
    const outage = this.#sourcesDown.get(source)
    const common = { source, file: folder }
    if (reason !== null && outage === undefined) {
      this.#sourcesDown.set(source, { reason, sinceMs: Date.now() })
      const message = 'The folder of a source cannot be read'
      this.#emit('sourceUnreachable', { ...common, message, outcome: 'failure', reason })
    } else if (reason === null && outage !== undefined) {
      this.#sourcesDown.delete(source)
      const message = `The folder of a source is readable again after ${seconds(outage)}`
      this.#emit('sourceBack', { ...common, message, outcome: 'success', reason: outage.reason })
    }
  }

  /** `name`, here and below: the destination whose pipeline says it. */
  lost(name: string, { source, path, cause, bytes, offset }: LostData): void {
    this.#emit('dataLost', {
      message: `A log file was ${cause} before it was delivered; ${bytes ?? 'nobody knows how many, if any,'} bytes are lost`,
      outcome: 'failure',
      reason: cause,
      source,
      file: path,
      destination: name,
      lostBytes: bytes ?? undefined,
      offset,
    })
  }

  /** Said again while it lasts, also for another reason, it changes nothing. */
  unavailable(name: string, reason: string): void {
    if (this.#destinationsDown.has(name)) return
    this.#destinationsDown.set(name, { reason, sinceMs: Date.now() })
    const message = 'The destination is not available; delivery to it goes on when it is back'
    this.#emit('destinationDown', { ...this.#naming(name), message, outcome: 'failure', reason })
  }

  available(name: string): void {
    const outage = this.#destinationsDown.get(name)
    if (outage === undefined) return
    this.#destinationsDown.delete(name)
    const message = `The destination is available again after ${seconds(outage)}`
    const { reason } = outage
    this.#emit('destinationBack', { ...this.#naming(name), message, outcome: 'success', reason })
  }

  malformed(name: string, lines: readonly Malformed[]): void {
    this.#tallies.get(name)?.add(lines)
  }

  #malformedTogether(name: string, { count, first }: MalformedLines): void {
    this.#emit('malformed', {
      message: `Lines that are no record went to the dead letters: ${count}; the first one is named`,
      outcome: 'failure',
      reason: first.reason,
      file: first.path,
      destination: name,
      count,
      offset: first.offset,
    })
  }

  #statistics(): void {
    for (const destination of this.#options.destinations) {
      const { read, delivered, filtered, malformed, rejected, inFlight, ...others } = destination.counts()
      const { lost, rewinds, repeated, failovers, failbacks, sentBytes, lastDeliveredAt } = others
      this.#emit('statistics', {
        message:
          `read ${read}, delivered ${delivered}, filtered ${filtered}, malformed ${malformed}, ` +
          `rejected ${rejected}, lost ${lost}, in flight ${inFlight}, rewinds ${rewinds}, repeated ${repeated}, ` +
          `failovers ${failovers}, failbacks ${failbacks}, bytes sent ${sentBytes}`,
        ...this.#naming(destination.name),
        read,
        delivered,
        filtered,
        malformed,
        rejected,
        inFlight,
        startedMs: this.#startedMs,
        lastDeliveredMs: lastDeliveredAt ?? undefined,
      })
    }
  }

  #naming(name: string): Pick<ReportValues, 'destination' | 'receiver'> {
    const to = this.#destinations.get(name)?.to
    return { destination: name, ...(to !== undefined && { receiver: to }) }
  }

  #emit(kind: keyof typeof reportKinds, values: ReportValues): void {
    this.#options.emit({ atMs: Date.now(), kind: reportKinds[kind], values })
  }
}

function seconds({ sinceMs }: Outage): string {
  // The clock of the machine may have been set back.
  return `${Math.max(0, Math.round((Date.now() - sinceMs) / 1000))} s`
}
