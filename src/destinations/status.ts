/** Says in the own log how a destination fares, once per change of state. */
import type { Log } from '../flow/log.ts'
import { Trouble } from '../flow/trouble.ts'
import { endsUnasked } from './reasons.ts'

/**
 * A receiver that takes connections and drops each of them would make "connected" and "lost" alternate for
 * ever. So trouble lasts until a batch was delivered, and is repeated only when its reason changes.
 */
export class DestinationStatus {
  readonly #log: Log
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #trouble = new Trouble()

  constructor(name: string, to: string, log: Log) {
    this.#log = log
    this.#fields = { destination: name, to }
  }

  /** A connection is there, or a socket for datagrams. */
  connected(fields: Readonly<Record<string, unknown>> = {}): void {
    if (this.#trouble.now === undefined) {
      this.#log.info('Destination ready', { ...this.#fields, ...fields })
      this.#trouble.over()
    } else {
      this.#log.debug('Destination ready again', { ...this.#fields, ...fields })
    }
  }

  /** A batch was delivered. */
  delivered(): void {
    if (this.#trouble.over() !== null) this.#log.info('Delivering again', this.#fields)
  }

  /** The peer closed a connection on which nothing was pending. */
  closedIdle(reason: string): void {
    this.#log.debug('Connection closed while idle; the next batch connects anew', { ...this.#fields, reason })
  }

  /** Batches could not be delivered. */
  unavailable(reason: string): void {
    const level = reason.endsWith(endsUnasked) ? 'error' : 'warn'
    if (this.#trouble.is(reason) === null) this.#log.debug('Still unavailable', { ...this.#fields, reason })
    else
      this.#log[level]('Destination unavailable; delivery goes on when it is back', {
        ...this.#fields,
        reason,
      })
  }

  /** The peer leaves ended connections open, so that their end proves nothing; said once. */
  neverCloses(waitedMs: number): void {
    this.#log.warn(
      'The receiver does not close connections that we end, so nothing shows whether it read them; ' +
        'going on as with confirm: time, which loses what a receiver holds unread when it dies',
      { ...this.#fields, waitedMs },
    )
  }

  /** Events come faster than the pace lets them go; said once for each time. */
  heldBack(maxEventsPerSecond: number): void {
    this.#log.warn(
      'Events have waited for their pace on UDP for ten minutes; they wait in the logs, as long as Exchange keeps ' +
        'them: raise maxEventsPerSecond to what the receiver takes, or use tcp:// or tls://',
      { ...this.#fields, maxEventsPerSecond },
    )
  }

  /** Datagrams that had counted as delivered were refused. */
  datagramsLost(reason: string): void {
    if (this.#trouble.is(reason) === null) return
    this.#log.warn('Datagrams were refused after they were sent; UDP is best effort', {
      ...this.#fields,
      reason,
    })
  }
}
