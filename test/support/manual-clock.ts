/** A clock that stands still until a test lets time pass. */
import type { Clock } from '../../src/destinations/clock.ts'

export class ManualClock implements Clock {
  readonly #waiting = new Set<{ readonly at: number; readonly due: () => void }>()
  #nowMs = 0

  now(): number {
    return this.#nowMs
  }

  after(ms: number, due: () => void): () => void {
    const one = { at: this.#nowMs + ms, due }
    this.#waiting.add(one)
    return () => void this.#waiting.delete(one)
  }

  /** Lets so much time pass, and calls what fell due. */
  pass(ms: number): void {
    this.#nowMs += ms
    for (const one of [...this.#waiting].filter(({ at }) => at <= this.#nowMs)) {
      this.#waiting.delete(one)
      one.due()
    }
  }
}
