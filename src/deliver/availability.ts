/** Whether a destination can be delivered to, and who hears of it. */
import type { Listener } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'
import { LoggedTrouble, type Wrong } from '../flow/trouble.ts'

/** That of one destination, as its pipeline learns it. */
export class Availability {
  readonly #trouble: LoggedTrouble
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #events: Listener

  /** What is wrong there the destination itself has said. */
  constructor(log: Log, fields: Readonly<Record<string, unknown>>, events: Listener = {}) {
    this.#fields = fields
    this.#events = events
    this.#trouble = new LoggedTrouble(
      log,
      'debug',
      'The destination is not available; trying again until it is',
      'The destination is available again',
    )
  }

  /** It is not; returns what is wrong, if that is news. */
  lacks(reason: string): Wrong | null {
    const news = this.#trouble.report(reason, this.#fields)
    if (news !== null) this.#events.unavailable?.(news)
    return news
  }

  /** It is. */
  returned(): void {
    const was = this.#trouble.over(this.#fields)
    if (was !== null) this.#events.available?.(was)
  }
}
