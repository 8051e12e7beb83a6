/** What is reported when: once per change of state, statistics by the clock, malformed lines together. */
import type { ValueCounts } from '../flow/batch.ts'
import type { Malformed } from '../flow/chunk.ts'
import type { PipelineCounts } from '../flow/delivery.ts'
import type { FolderChange, Loss } from '../flow/events.ts'
import { Trouble, type Wrong } from '../flow/trouble.ts'
import { type Report, type ReportValues, reportKinds } from './report.ts'
import { type MalformedLines, MalformedTally } from './tally.ts'

const statisticsMs = 5 * 60_000
const malformedMs = 60_000
/** So much waits before it is told, and so little when it is told to be worked off: a busy log always has some. */
const muchBytes = 32 * 1024 * 1024
const littleBytes = 1024 * 1024

/** A destination that is reported on. */
export interface WatchedDestination {
  readonly name: string
  readonly to: string
  counts(): Omit<PipelineCounts, keyof ValueCounts | 'batches'>
}

/** What is reported on. */
export interface Watched {
  /** Names of the sources. */
  readonly sources: readonly string[]
  readonly destinations: readonly WatchedDestination[]
}

export interface ReporterOptions extends Watched {
  readonly version: string
  readonly emit: (report: Report) => void
  /** Between statistics; five minutes by default. */
  readonly statisticsMs?: number
  /** Between reports on malformed lines for one destination; a minute by default. */
  readonly malformedMs?: number
}

/** Turns what happens in the pipelines into reports. */
export class Reporter {
  readonly #options: ReporterOptions
  #destinations: ReadonlyMap<string, WatchedDestination> = new Map()
  #tallies: ReadonlyMap<string, MalformedTally> = new Map()
  /** Of the sources, by name. Each pipeline reads them on its own: what was seen last counts. */
  #unreachable: ReadonlyMap<string, Trouble> = new Map()
  /** Destinations for which much waits. */
  readonly #caching = new Set<string>()
  #startedMs = Date.now()
  #timer: NodeJS.Timeout | undefined

  constructor(options: ReporterOptions) {
    this.#options = options
    this.watch(options)
  }

  /** From now on it reports on these; what is known of those that it reported on before stays. */
  watch({ sources, destinations }: Watched): void {
    const everyMs = this.#options.malformedMs ?? malformedMs
    this.#destinations = new Map(destinations.map((destination) => [destination.name, destination]))
    this.#unreachable = new Map(sources.map((name) => [name, this.#unreachable.get(name) ?? new Trouble()]))
    const tallies = destinations.map(({ name }) => {
      const known = this.#tallies.get(name)
      return [
        name,
        known ?? new MalformedTally(everyMs, (lines) => this.#malformedTogether(name, lines)),
      ] as const
    })
    const left = [...this.#tallies].filter(([name]) => !this.#destinations.has(name))
    for (const [, tally] of left) tally.end()
    this.#tallies = new Map(tallies)
  }

  /** The configuration was read again and is in force; `changed`: names of settings. */
  reloaded(changed: readonly string[]): void {
    const what = changed.length === 0 ? 'nothing' : changed.join(', ')
    this.#emit('reloaded', {
      message: `The configuration was read again; changed: ${what}`,
      outcome: 'success',
    })
  }

  /** It was read again, and that of before stays in force because of these mistakes. */
  reloadFailed(reason: string): void {
    const message = 'The configuration was read again and has mistakes; that of before stays in force'
    this.#emit('reloadFailed', { message, outcome: 'failure', reason })
  }

  /** Delivery begins. Statistics follow regularly, without keeping the process alive. */
  started(): void {
    const { version, statisticsMs: everyMs = statisticsMs } = this.#options
    this.#startedMs = Date.now()
    const [sources, destinations] = [this.#unreachable, this.#destinations].map((all) =>
      [...all.keys()].join(', '),
    )
    const message = `msgtrk ${version} started; sources: ${sources}; destinations: ${destinations}`
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
    const trouble = this.#unreachable.get(source)
    const common = { source, file: folder }
    if (reason !== null) {
      if (!trouble?.begins(reason)) return
      const message = 'The folder of a source cannot be read'
      this.#emit('sourceUnreachable', { ...common, message, outcome: 'failure', reason })
      return
    }
    const was = trouble?.over()
    if (!was) return
    const message = `The folder of a source is readable again after ${seconds(was)}`
    this.#emit('sourceBack', { ...common, message, outcome: 'success', reason: was.firstReason })
  }

  /** `name`, here and below: the destination whose pipeline says it. */
  lost(name: string, { source, path, cause, bytes, offset }: Loss): void {
    const values: ReportValues = {
      message: `A log file was ${cause} before it was delivered; ${bytes ?? 'nobody knows how many, if any,'} bytes are lost`,
      outcome: 'failure',
      reason: cause,
      source,
      file: path,
      destination: name,
      lostBytes: bytes ?? undefined,
      offset,
    }
    this.#emit('dataLost', values)
    this.#emit('cacheLost', values)
  }

  /** So many bytes of logs wait for it now. */
  backlog(name: string, bytes: number): void {
    const values = { ...this.#naming(name), count: bytes }
    if (bytes >= muchBytes && !this.#caching.has(name)) {
      this.#caching.add(name)
      const message = `The logs hold ${bytes} bytes that are not delivered yet`
      this.#emit('caching', { ...values, message, outcome: 'failure' })
    } else if (bytes <= littleBytes && this.#caching.delete(name)) {
      this.#emit('cacheEmpty', {
        ...values,
        message: 'What was waiting in the logs is delivered',
        outcome: 'success',
      })
    }
  }

  /** That it is so for another reason now changes nothing. */
  unavailable(name: string, { reason, changes }: Wrong): void {
    if (changes > 0) return
    const message = 'The destination is not available; delivery to it goes on when it is back'
    this.#emit('destinationDown', { ...this.#naming(name), message, outcome: 'failure', reason })
  }

  available(name: string, was: Wrong): void {
    const message = `The destination is available again after ${seconds(was)}`
    const { firstReason: reason } = was
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
    for (const destination of this.#destinations.values()) {
      const { read, delivered, filtered, malformed, rejected, inFlight, ...others } = destination.counts()
      const { lost, held, rewinds, repeated, failovers, failbacks, sentBytes, lastDeliveredAt } = others
      this.#emit('statistics', {
        message:
          `read ${read}, delivered ${delivered}, filtered ${filtered}, malformed ${malformed}, ` +
          `rejected ${rejected}, lost ${lost}, in flight ${inFlight},${held > 0 ? ` in open mails ${held},` : ''} rewinds ${rewinds}, repeated ${repeated}, ` +
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

function seconds({ sinceMs }: Wrong): string {
  // The clock of the machine may have been set back.
  return `${Math.max(0, Math.round((Date.now() - sinceMs) / 1000))} s`
}
