/**
 * The time up to which all logs are read. Mails are quiet by this clock, and not by that of the process: in a backlog
 * days are read in minutes, and of one server sooner than of another. A source that is behind holds the clock at the time
 * of its last row; one that has nothing to read, or cannot be read, holds up nothing.
 */

/** Once reading begins nobody knows for so long what there is to read. */
const BEGIN_MS = 3_000
/** A source that gives nothing for so long, though it has something, is waited for no longer. */
const PATIENCE_MS = 60_000

export interface LogClockOptions {
  /** All there are, by name. */
  readonly sources: readonly string[]
  /** Whether more of the source is there than was read. */
  readonly isBehind: (source: string) => boolean
  /** The clock of the process, in milliseconds since 1970. */
  readonly now: () => number
}

interface LastRow {
  readonly atMs: number
  readonly takenAtMs: number
}

/** Never goes back. */
export class LogClock {
  readonly #options: LogClockOptions
  readonly #last = new Map<string, LastRow>()
  #begunAtMs: number
  #nowMs = Number.NEGATIVE_INFINITY

  constructor(options: LogClockOptions) {
    this.#options = options
    this.#begunAtMs = options.now()
  }

  /** Reading begins, for the first time or again. */
  begin(): void {
    this.#begunAtMs = this.#options.now()
    this.#last.clear()
  }

  /** The last row that was read of a source; NaN where its time is none. */
  took(source: string, atMs: number): void {
    const takenAtMs = this.#options.now()
    const before = this.#last.get(source)?.atMs ?? this.#nowMs
    this.#last.set(source, { atMs: Number.isNaN(atMs) ? before : this.believed(atMs), takenAtMs })
  }

  /** A time in a log as far as it can be believed: none is of the future. */
  believed(atMs: number): number {
    return Math.min(atMs, this.#options.now())
  }

  /** In milliseconds since 1970; before anything was read of no time at all. */
  get nowMs(): number {
    const nowMs = this.#options.now()
    const times = this.#options.sources.flatMap((source) => this.#heldAtMs(source, nowMs) ?? [])
    if (times.length === 0 && nowMs - this.#begunAtMs < BEGIN_MS) return this.#nowMs
    this.#nowMs = Math.max(this.#nowMs, Math.min(nowMs, ...times))
    return this.#nowMs
  }

  /** Where a source holds the clock; null when it does not. */
  #heldAtMs(source: string, nowMs: number): number | null {
    const last = this.#last.get(source) ?? { atMs: this.#nowMs, takenAtMs: this.#begunAtMs }
    const isAwaited = nowMs - last.takenAtMs < PATIENCE_MS && this.#options.isBehind(source)
    return isAwaited ? last.atMs : null
  }
}
