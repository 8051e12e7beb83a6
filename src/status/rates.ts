/** How fast counters grow, over the last minutes: from samples of them, never by looking at what they count. */

/** Counters by name, which only grow. */
export type Counters = Readonly<Record<string, number>>

interface Sample {
  readonly atMs: number
  readonly values: Counters
}

const everyMs = 5_000
const longestMs = 15 * 60_000

/** Samples of some counters. */
export class Rates {
  readonly #now: () => number
  readonly #samples: Sample[] = []

  /** `now`: a clock in milliseconds that does not jump. */
  constructor(values: Counters, now: () => number = () => performance.now()) {
    this.#now = now
    this.#samples.push({ atMs: now(), values })
  }

  /** Takes a sample, if it is time for one. */
  sample(values: Counters): void {
    const atMs = this.#now()
    if (atMs - (this.#samples.at(-1)?.atMs ?? 0) < everyMs) return
    this.#samples.push({ atMs, values })
    while (this.#samples.length > 2 && atMs - (this.#samples[1]?.atMs ?? 0) >= longestMs)
      this.#samples.shift()
  }

  /** How much a counter, which says `value` now, grew in a second; over so long, or since the first sample. */
  perSecond(name: string, value: number, overMs: number): number {
    const nowMs = this.#now()
    const since = this.#before(overMs)
    if (since === undefined || nowMs <= since.atMs) return 0
    return (this.growth(name, value, overMs) / (nowMs - since.atMs)) * 1000
  }

  /** How much it grew in that time. */
  growth(name: string, value: number, overMs: number): number {
    return Math.max(0, value - (this.#before(overMs)?.values[name] ?? 0))
  }

  #before(overMs: number): Sample | undefined {
    const nowMs = this.#now()
    return this.#samples.findLast(({ atMs }) => nowMs - atMs >= overMs) ?? this.#samples[0]
  }
}
