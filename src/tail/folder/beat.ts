/**
 * One beat for all folders of a source. Logs to which somebody writes change at times of their own, hundreds of times a
 * second over many servers; each look alone wakes the process, a thread and whoever sends. So what is to be looked at
 * between two beats is looked at together, and the first after a rest at once.
 */

/** So many that ask for each beat are many. */
const many = 8
/** Of how many beats the number that ask is told, on average. */
const beats = 16

/** Calls those who ask, no sooner than so many milliseconds after the last time. */
export class Beat {
  readonly #everyMs: number
  readonly #busyMs: number
  /** How many ask, on average. */
  #usual = 0
  #asking: (() => void)[] = []
  #lastMs = Number.NEGATIVE_INFINITY

  /** `busyMs` is the time between two while it is busy. */
  constructor(everyMs: number, busyMs = everyMs) {
    this.#everyMs = everyMs
    this.#busyMs = busyMs
  }

  /** Whether many ask for each. */
  get isBusy(): boolean {
    return this.#usual >= many
  }

  /** `look` is called at the next beat. What is of no use any more then has to see that itself. */
  ask(look: () => void): void {
    this.#asking.push(look)
    if (this.#asking.length > 1) return
    const waitMs = this.#lastMs + (this.isBusy ? this.#busyMs : this.#everyMs) - performance.now()
    // Of a part of a millisecond a timer takes no notice.
    setTimeout(() => this.#call(), Math.max(0, Math.ceil(waitMs))).unref()
  }

  #call(): void {
    this.#lastMs = performance.now()
    const asking = this.#asking
    this.#asking = []
    this.#usual += (asking.length - this.#usual) / beats
    for (const look of asking) look()
  }
}
