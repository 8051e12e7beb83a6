/** Upper ends of the ranges, in seconds: connections take turns every five, and a batch in trouble takes minutes. */
const bounds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10, 15, 30, 60, 120, 300] as const

/** How long batches took, at one moment: how many up to each bound and above the one before, then those above all. */
export interface LatencyCounts {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  /** Of all of them together, in seconds. */
  readonly sum: number
}

/** How long each batch took from being handed to the destination to its delivery being committed; once a batch. */
export class Latency {
  readonly #counts: number[] = new Array(bounds.length + 1).fill(0)
  #sum = 0

  /** One took so long. */
  took(seconds: number): void {
    const index = bounds.findIndex((bound) => seconds <= bound)
    const range = index < 0 ? bounds.length : index
    this.#counts[range] = (this.#counts[range] ?? 0) + 1
    this.#sum += seconds
  }

  /** All at this moment. */
  snapshot(): LatencyCounts {
    return { bounds, counts: [...this.#counts], sum: this.#sum }
  }
}
