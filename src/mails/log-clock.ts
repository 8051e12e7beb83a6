/**
 * The time up to which all logs are read. Mails are quiet by this clock, and not by that of the process: in a backlog
 * days are read in minutes, and of one server, or one kind of its logs, sooner than of another. A series of files that is
 * behind holds the clock at the time of its last row; one that has nothing to read, or cannot be read, holds up nothing.
 */
import type { LogFile } from '../flow/chunk.ts'

/** Once reading begins nobody knows for so long what there is to read. */
const BEGIN_MS = 3_000
/** A series that gives nothing for so long, though it has something, is waited for no longer. */
const PATIENCE_MS = 60_000

export interface LogClockOptions {
  /** All there are, by name. */
  readonly sources: readonly string[]
  /** The series of a source of which more is there than was read. */
  readonly behind: (source: string) => readonly string[]
  /** The clock of the process, in milliseconds since 1970. */
  readonly now: () => number
}

interface LastRow {
  atMs: number
  takenAtMs: number
}

/** Goes back only with the clock of the process, when that was wrong and is set right. */
export class LogClock {
  readonly #options: LogClockOptions
  /** Of each series of each source. */
  readonly #last = new Map<string, LastRow>()
  #begunAtMs: number
  #nowMs = Number.NEGATIVE_INFINITY
  /** What the clock of the process said last. */
  #seenMs = Number.NEGATIVE_INFINITY

  constructor(options: LogClockOptions) {
    this.#options = options
    this.#begunAtMs = this.#processMs
  }

  /** Reading begins, for the first time or again. */
  begin(): void {
    this.#begunAtMs = this.#processMs
    this.#last.clear()
  }

  /** The last row that was read of a file; NaN where its time is none. */
  took({ source, series = '' }: Pick<LogFile, 'source' | 'series'>, atMs: number): void {
    const takenAtMs = this.#processMs
    const name = nameOf(source, series)
    const before = this.#last.get(name)?.atMs ?? this.#nowMs
    this.#last.set(name, { atMs: Number.isNaN(atMs) ? before : this.believed(atMs), takenAtMs })
  }

  /** Nothing was asked of any source for so long: it is not them who gave nothing. */
  passOver(ms: number): void {
    this.#begunAtMs += ms
    for (const last of this.#last.values()) last.takenAtMs += ms
  }

  /** A time in a log as far as it can be believed: none is of the future. */
  believed(atMs: number): number {
    return Math.min(atMs, this.#processMs)
  }

  /** In milliseconds since 1970; before anything was read of no time at all. */
  get nowMs(): number {
    const nowMs = this.#processMs
    const times = this.#options.sources.flatMap((source) => this.#heldAtMs(source, nowMs))
    if (times.length === 0 && nowMs - this.#begunAtMs < BEGIN_MS) return this.#nowMs
    this.#nowMs = Math.max(this.#nowMs, Math.min(nowMs, ...times))
    return this.#nowMs
  }

  /** What was taken for later than that was not. */
  get #processMs(): number {
    const nowMs = this.#options.now()
    if (nowMs < this.#seenMs) {
      this.#nowMs = Math.min(this.#nowMs, nowMs)
      this.#begunAtMs = Math.min(this.#begunAtMs, nowMs)
      for (const last of this.#last.values()) {
        last.atMs = Math.min(last.atMs, nowMs)
        last.takenAtMs = Math.min(last.takenAtMs, nowMs)
      }
    }
    this.#seenMs = nowMs
    return nowMs
  }

  /** Where the series of a source hold the clock; one that was not heard of yet, where it stands. */
  #heldAtMs(source: string, nowMs: number): readonly number[] {
    return this.#options.behind(source).flatMap((series) => {
      const { atMs, takenAtMs } = this.#last.get(nameOf(source, series)) ?? {
        atMs: this.#nowMs,
        takenAtMs: this.#begunAtMs,
      }
      return nowMs - takenAtMs < PATIENCE_MS ? [atMs] : []
    })
  }
}

function nameOf(source: string, series: string): string {
  return `${source}/${series}`
}
