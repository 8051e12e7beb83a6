/**
 * Whether a clock can be believed: one that was set a moment ago may have been set wrong, be it by a person or by a server of
 * times, and by one that is a year ahead every file is too old.
 */

/** What it may go faster or slower than the time between two looks. */
const jumpMs = 600_000
/** So long after it was set, whoever set it wrong may see it and set it right. */
const doubtMs = 3_600_000

export class SteadyClock {
  readonly #now: () => number
  readonly #elapsed: () => number
  /** How far the clock is ahead of the time that has passed. */
  #ahead: number
  #setAtMs = Number.NEGATIVE_INFINITY

  /** `now`: the clock. `elapsed`: milliseconds that have passed, whoever sets a clock. */
  constructor(now: () => number, elapsed: () => number = () => performance.now()) {
    this.#now = now
    this.#elapsed = elapsed
    this.#ahead = now() - elapsed()
  }

  /** False for an hour after the clock was set by more than ten minutes; to be asked often. */
  get isSteady(): boolean {
    const elapsedMs = this.#elapsed()
    const ahead = this.#now() - elapsedMs
    if (Math.abs(ahead - this.#ahead) > jumpMs) this.#setAtMs = elapsedMs
    this.#ahead = ahead
    return elapsedMs - this.#setAtMs >= doubtMs
  }
}
