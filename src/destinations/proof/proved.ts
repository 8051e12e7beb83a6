/**
 * Batches that were proved to be read and wait a moment before they count.
 *
 * A receiver that dies takes along what it has read and not yet passed on, and on systems where the kernel
 * can't be asked, its death may have looked like a clean end. Either way the connection that took over breaks
 * too, and at once: so it has to outlive the proof for a while.
 */
import { Alarm, type Clock } from '../clock.ts'
import type { Settle } from '../stream/connection.ts'

/** In the order of sending. */
export class ProvedBatches {
  readonly #outliveMs: number
  readonly #clock: Clock
  readonly #alarm: Alarm
  readonly #delivered: () => void
  readonly #waiting: { readonly settle: Settle; readonly dueAt: number }[] = []
  #watchers: (() => void)[] = []

  /** The next connection has to stay healthy for `outliveMs`; `delivered` is called for each batch that counts. */
  constructor(
    { outliveMs, clock }: { readonly outliveMs: number; readonly clock: Clock },
    delivered: () => void,
  ) {
    this.#outliveMs = outliveMs
    this.#clock = clock
    this.#alarm = new Alarm(clock, () => this.#timeIsUp())
    this.#delivered = delivered
  }

  add(settles: readonly Settle[]): void {
    const dueAt = this.#clock.now() + this.#outliveMs
    for (const settle of settles) this.#waiting.push({ settle, dueAt })
    this.#arm()
  }

  /** The connection that took over broke: all are unavailable. Returns how many there were. */
  fail(reason: string): number {
    this.#alarm.clear()
    const failed = this.#waiting.splice(0)
    for (const { settle } of failed) settle({ status: 'unavailable', reason })
    this.#notify()
    return failed.length
  }

  /** How many wait. */
  get count(): number {
    return this.#waiting.length
  }

  /** Resolves when none waits any more: once the last one that was added is outlived, at the latest. */
  async settled(): Promise<void> {
    if (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#watchers.push(resolve))
  }

  #arm(): void {
    const [first] = this.#waiting
    if (first !== undefined) this.#alarm.set(first.dueAt)
  }

  #timeIsUp(): void {
    this.#settleUntil(this.#clock.now())
    this.#arm()
  }

  #settleUntil(now: number): void {
    const count = this.#waiting.findIndex(({ dueAt }) => dueAt > now)
    for (const { settle } of this.#waiting.splice(0, count < 0 ? this.#waiting.length : count)) {
      settle({ status: 'delivered' })
      this.#delivered()
    }
    this.#notify()
  }

  #notify(): void {
    if (this.#waiting.length > 0) return
    for (const wake of this.#watchers.splice(0)) wake()
  }
}
