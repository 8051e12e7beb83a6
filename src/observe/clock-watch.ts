/**
 * Servers whose clock is wrong, by the times of their records. One row of each chunk is looked at.
 *
 * A record can't be of the future, so that shows in whatever is read. That a record is old means nothing: a
 * backlog is, and so are logs copied into a folder. Only rows that were appended while we were looking are known
 * to be new; and only when those stay old for a while it is the clock, and no copy being written.
 */
import type { Chunk } from '../flow/chunk.ts'
import type { Listener } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'
import { Trouble } from '../flow/trouble.ts'

const aheadMs = 5 * 60_000
const behindMs = 24 * 3_600_000
/** Appended rows must have been that old for so long. */
const lastingMs = 10 * 60_000

const lineFeed = 0x0a
const timeShape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z,$/
const timeBytes = 'yyyy-MM-ddTHH:mm:ss.fffZ'.length

export interface ClockWatchOptions {
  readonly log: Log
  /** Seconds to add to the times of a source, by its name. */
  readonly corrections?: ReadonlyMap<string, number>
  /** Epoch milliseconds. */
  readonly now?: () => number
}

/** What is known of the clock of one source. */
interface SourceClock {
  readonly wrong: Trouble<'ahead' | 'behind'>
  /** The latest time that was ahead: the same rows may be read again and again. */
  latestAheadMs: number
  /** Since when all appended rows were too old; null when the last one was not. */
  oldSinceMs: number | null
}

/** Tells once when a source's times turn wrong, and once when they are right again. */
export class ClockWatch implements Listener {
  readonly #log: Log
  readonly #corrections: ReadonlyMap<string, number>
  readonly #now: () => number
  readonly #clocks = new Map<string, SourceClock>()

  constructor({ log, corrections = new Map(), now = Date.now }: ClockWatchOptions) {
    this.#log = log
    this.#corrections = corrections
    this.#now = now
  }

  /** A chunk was read, old or new. */
  read(chunk: Chunk): void {
    const timeMs = this.#timeOf(chunk)
    if (timeMs - this.#now() > aheadMs) this.#ahead(chunk, timeMs)
  }

  /** The rows of this chunk were appended to a file in the last `withinMs`. */
  appended(chunk: Chunk, withinMs: number): void {
    const timeMs = this.#timeOf(chunk)
    if (Number.isNaN(timeMs)) return
    const nowMs = this.#now()
    const clock = this.#clockOf(chunk)
    if (timeMs - nowMs > aheadMs) {
      clock.oldSinceMs = null
      this.#ahead(chunk, timeMs)
    } else if (nowMs - timeMs > behindMs + withinMs) {
      clock.oldSinceMs ??= nowMs
      if (nowMs - clock.oldSinceMs >= lastingMs) this.#behind(chunk, timeMs)
    } else {
      clock.oldSinceMs = null
      if (clock.wrong.over() !== null) {
        this.#log.info('The times of a source are right again', { source: chunk.file.source })
      }
    }
  }

  #ahead(chunk: Chunk, timeMs: number): void {
    const clock = this.#clockOf(chunk)
    const isLater = timeMs > clock.latestAheadMs
    clock.latestAheadMs = Math.max(clock.latestAheadMs, timeMs)
    if (!isLater || clock.wrong.is('ahead') === null) return
    this.#warn('The records of a source lie in the future', chunk, timeMs)
  }

  #behind(chunk: Chunk, timeMs: number): void {
    if (this.#clockOf(chunk).wrong.is('behind') === null) return
    this.#warn('A source writes its records with times long past', chunk, timeMs)
  }

  #warn(message: string, { file }: Chunk, timeMs: number): void {
    this.#log.warn(message, {
      source: file.source,
      file: file.path,
      time: new Date(timeMs).toISOString(),
      secondsAhead: Math.round((timeMs - this.#now()) / 1000),
      remedy:
        'set the clock of the server right, or of this machine; correctSeconds of the source corrects the ' +
        'times of its records',
    })
  }

  /** Corrected time of the last row, in epoch milliseconds; NaN when that has none. */
  #timeOf({ bytes, layout, file }: Chunk): number {
    // The time comes first in every known layout. Others would have to be parsed for it.
    const [first = ''] = layout?.columns ?? ['date-time']
    if (first.toLowerCase() !== 'date-time') return Number.NaN
    const start = bytes.length < 2 ? 0 : bytes.lastIndexOf(lineFeed, bytes.length - 2) + 1
    const text = bytes.toString('latin1', start, start + timeBytes + 1)
    if (!timeShape.test(text)) return Number.NaN
    return Date.parse(text.slice(0, -1)) + (this.#corrections.get(file.source) ?? 0) * 1000
  }

  #clockOf({ file: { source } }: Chunk): SourceClock {
    let clock = this.#clocks.get(source)
    if (clock === undefined) {
      clock = { wrong: new Trouble(), latestAheadMs: Number.NEGATIVE_INFINITY, oldSinceMs: null }
      this.#clocks.set(source, clock)
    }
    return clock
  }
}
