/** The time by which batches come to count as delivered. */
export interface Clock {
  /** Monotonic, in ms. */
  now(): number
  /** Calls `due` once after so long, unless what it returns was called before. */
  after(ms: number, due: () => void): () => void
}

/** That of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, due) {
    const timer = setTimeout(due, ms)
    return () => clearTimeout(timer)
  },
}

/** Something that is due at a time. */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #forget: (() => void) | undefined

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Rings at this time by the clock, unless it is set already. */
  set(at: number): void {
    this.#forget ??= this.#clock.after(Math.max(0, Math.ceil(at - this.#clock.now())), () =>
      // After a pause of the whole process a reset may lie in the kernel by then: one round of I/O first.
      setImmediate(() => {
        this.#forget = undefined
        this.#ring()
      }),
    )
  }

  clear(): void {
    this.#forget?.()
    this.#forget = undefined
  }
}
