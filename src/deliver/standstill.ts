import type { Log } from '../flow/log.ts'
import { Trouble } from '../flow/trouble.ts'

/** Windows in a row of which events were sent and none settled. */
const habit = 3
const lastingMs = 30_000
/** A single window may take long to be given up. */
const longMs = 60_000

/** Says once, as an error, that events are sent again and again and none of them is ever settled. */
export class Standstill {
  readonly #log: Log
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #remedy: string
  readonly #now: () => number
  readonly #trouble = new Trouble()
  #windows = 0
  #since = 0
  /** When events of this window were sent first, and for how long those of the windows before waited in vain. */
  #sentAt: number | undefined
  #waitedMs = 0

  /** `remedy`: what to do about it. `now`: a monotonic clock in milliseconds. */
  constructor(
    log: Log,
    fields: Readonly<Record<string, unknown>>,
    remedy = 'look at the receiver, and why it confirms nothing',
    now = () => performance.now(),
  ) {
    this.#log = log
    this.#fields = fields
    this.#remedy = remedy
    this.#now = now
  }

  /** A window begins. */
  begin(): void {
    this.#sentAt = undefined
  }

  /** Events of it are sent. */
  sent(): void {
    this.#sentAt ??= this.#now()
  }

  /** A window was given up of which events were sent and none settled. */
  stuck(reason: string): void {
    const now = this.#now()
    if (this.#windows++ === 0) this.#since = now
    this.#waitedMs += now - (this.#sentAt ?? now)
    const isHabit = this.#windows >= habit && now - this.#since >= lastingMs
    if (!isHabit && this.#waitedMs < longMs) return
    if (!this.#trouble.begins(reason)) return
    this.#log.error(
      'Events are sent again and again and none is confirmed; the receiver may have them many times',
      {
        ...this.#fields,
        reason,
        remedy: this.#remedy,
      },
    )
  }

  /** Some were. */
  settled(): void {
    this.#windows = 0
    this.#waitedMs = 0
    if (this.#trouble.over() !== null) this.#log.info('Events are confirmed again', this.#fields)
  }
}
