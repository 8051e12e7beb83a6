/** Says in the own log how a destination fares, once per change of state. */
import type { Listener, SeenCertificate } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'
import { Trouble } from '../flow/trouble.ts'
import { adviceIn } from './advice.ts'
import { isLasting } from './lasting.ts'

/** What lasts is said again after this. */
const againMs = 3_600_000

/** Whether there was anything to be delivered. */
export type When = 'before' | 'delivering'

/** What it works with beside the log, for tests a clock in milliseconds. */
export interface StatusOptions {
  readonly events?: Listener | undefined
  readonly now?: () => number
}

/**
 * A receiver that takes connections and drops each of them would make "connected" and "lost" alternate for
 * ever. So trouble lasts until a batch was delivered, and is repeated only when its reason changes.
 */
export class DestinationStatus {
  readonly #log: Log
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #to: string
  readonly #events: Listener
  readonly #now: () => number
  readonly #trouble = new Trouble()
  /** Nothing was to be delivered yet when it began: a connection is enough to end it. */
  #isBeforeDelivery = false
  #saidAtMs = 0

  constructor(name: string, to: string, log: Log, { events = {}, now = Date.now }: StatusOptions = {}) {
    this.#log = log
    this.#to = to
    this.#events = events
    this.#now = now
    this.#fields = { destination: name, to }
  }

  /** A connection is there, or a socket for datagrams. */
  connected(fields: Readonly<Record<string, unknown>> = {}, certificates?: readonly SeenCertificate[]): void {
    if (this.#trouble.now === undefined || this.#isBeforeDelivery) {
      this.#isBeforeDelivery = false
      this.#log.info('Destination ready', { ...this.#fields, ...fields })
      this.#trouble.over()
    } else {
      this.#log.debug('Destination ready again', { ...this.#fields, ...fields })
    }
    this.#tell(certificates)
  }

  /** A batch was delivered. */
  delivered(): void {
    if (this.#trouble.over() === null) return
    this.#isBeforeDelivery = false
    this.#log.info('Delivering again', this.#fields)
    this.#tell()
  }

  /** The peer closed a connection on which nothing was pending. */
  closedIdle(reason: string): void {
    this.#log.debug('Connection closed while idle; the next batch connects anew', { ...this.#fields, reason })
  }

  /** There is no connection, or batches could not be delivered. */
  unavailable(reason: string, when: When = 'delivering'): void {
    this.#isBeforeDelivery = when === 'before' && (this.#isBeforeDelivery || !this.#trouble.now)
    const level = isLasting(reason) ? 'error' : 'warn'
    const isNews = this.#trouble.is(reason) !== null
    const { sinceMs = 0 } = this.#trouble.now ?? {}
    if (isNews) {
      this.#log[level]('Destination unavailable; delivery goes on when it is back', {
        ...this.#fields,
        reason,
      })
    } else if (this.#now() - this.#saidAtMs >= againMs) {
      const since = new Date(sinceMs).toISOString()
      this.#log[level]('Destination still unavailable', { ...this.#fields, reason, since })
    } else {
      this.#log.debug('Still unavailable', { ...this.#fields, reason })
      return
    }
    this.#saidAtMs = this.#now()
    if (isNews) this.#tell()
  }

  #tell(certificates?: readonly SeenCertificate[]): void {
    const wrong = this.#trouble.now ?? null
    const lasting = wrong !== null && isLasting(wrong.reason)
    const advice = wrong && adviceIn(wrong.reason)
    this.#events.receiverChanged?.({ to: this.#to, wrong, isLasting: lasting, advice, certificates })
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
    this.#saidAtMs = this.#now()
    this.#log.warn('Datagrams were refused after they were sent; UDP is best effort', {
      ...this.#fields,
      reason,
    })
  }
}
