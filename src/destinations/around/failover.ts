/**
 * Several receivers that stand in for each other, as one destination.
 *
 *   over: an unavailable outcome makes the next one active; the pipeline rewinds and reads again for it
 *   back: a preferred one (earlier in the list) that can be reached again takes over once all that was sent
 *         to the active one is settled, so that order holds, whoever of them breaks then
 *
 * What must stay true: between an unavailable outcome and the rewind nothing is sent to the next one. The
 * window sees to it, save for a batch that waits in here.
 */
import type { Batch } from '../../flow/batch.ts'
import {
  closed,
  type Destination,
  type Outcome,
  type Sending,
  settledAs,
  type Unavailable,
} from '../../flow/delivery.ts'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { Trouble } from '../../flow/trouble.ts'
import { type FailbackOptions, type Probe, Probing } from './probing.ts'

/** One receiver of the list. */
export interface FailoverTarget {
  /** Its URL. */
  readonly to: string
  readonly destination: Destination
  readonly probe: Probe
}

const overtaken: Unavailable = {
  status: 'unavailable',
  reason: 'a batch before this one was not delivered',
  unsent: true,
}

/** Delivers to one of `targets` at a time; the first is the one to return to. */
export class Failover implements Destination {
  readonly name: string
  readonly #targets: readonly FailoverTarget[]
  readonly #log: Log
  readonly #events: Listener
  readonly #probing: Probing
  #active = 0
  /** Counts failures of active ones. An outcome of an earlier term is old news and changes nothing. */
  #term = 0
  /** Batches of this term whose fate is not known. */
  #pending = 0
  /** The preferred one that takes over as soon as nothing is pending. */
  #returning: { readonly index: number; readonly probes: number } | undefined
  /** Why they failed since something was last delivered, by their place in the list. */
  readonly #failures = new Map<number, string>()
  /** Whether that is all of them. */
  readonly #allFailed = new Trouble()
  #failuresInRow = 0
  #closed = false
  #waiting: (() => void)[] = []

  /** `targets` holds two or more, in the order of preference. */
  constructor(
    name: string,
    targets: readonly FailoverTarget[],
    failback: FailbackOptions,
    log: Log,
    events: Listener = {},
  ) {
    this.name = name
    this.#targets = targets
    this.#log = log
    this.#events = events
    this.#probing = new Probing(
      targets.map((target) => (signal) => this.#probe(target, signal)),
      failback,
      (index, probes) => this.#return({ index, probes }),
    )
  }

  /** URL of the receiver that gets the batches now. */
  get active(): string {
    return this.#at(this.#active).to
  }

  async send(batch: Batch): Promise<Sending> {
    const term = this.#term
    while (this.#returning !== undefined && this.#pending > 0 && !this.#closed) await this.#change()
    if (this.#closed) return settledAs(closed)
    // The window of this batch broke while it waited: sent now, it would overtake what is read again.
    if (this.#term !== term) return settledAs(overtaken)
    this.#pending++
    const { outcome } = await this.#at(this.#active).destination.send(batch)
    return { outcome: outcome.then((fate) => this.#settle(fate, term)) }
  }

  /** The active one: another one takes over when a batch fails. */
  async connect(): Promise<string | null> {
    return (await this.#at(this.#active).destination.connect?.()) ?? null
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#notify()
    await Promise.all([this.#probing.close(), ...this.#targets.map(({ destination }) => destination.close())])
  }

  #settle(outcome: Outcome, term: number): Outcome {
    if (term !== this.#term || this.#closed) return outcome
    this.#pending--
    if (outcome.status === 'unavailable') return this.#failOver(outcome)
    this.#answered()
    this.#goBack()
    return outcome
  }

  /** What the pipeline hears: the reason, and to come back at once while there is one left to be tried. */
  #failOver(outcome: Unavailable): Unavailable {
    const failed = this.#active
    const next = this.#returning?.index ?? (failed + 1) % this.#targets.length
    this.#failures.set(failed, outcome.reason)
    this.#failuresInRow++
    this.#term++
    this.#pending = 0
    this.#returning = undefined
    this.#active = next
    this.#probing.failed(failed)
    this.#probing.watch(next)
    this.#notify()

    const all = this.#failures.size === this.#targets.length
    const reason = all ? this.#reasons() : outcome.reason
    const fields = { destination: this.name, from: this.#at(failed).to, to: this.active, reason }
    if (!all) {
      this.#log.warn('Failing over to the next receiver', fields)
      this.#events.failedOver?.()
    } else if (this.#allFailed.begins(reason))
      this.#log.warn('None of the receivers is available; each is tried in turn', fields)
    else this.#log.debug('Still none of the receivers is available', fields)
    const roundIsOver = this.#failuresInRow % this.#targets.length === 0
    return { ...outcome, reason, ...(!roundIsOver && { next: 'at once' }) }
  }

  /** Delivered or rejected: either way somebody is there. */
  #answered(): void {
    if (this.#failures.size === 0) return
    if (this.#allFailed.over() !== null) {
      this.#log.info('A receiver is available again', { destination: this.name, to: this.active })
    }
    this.#failures.clear()
    this.#failuresInRow = 0
  }

  async #probe({ to, probe }: FailoverTarget, signal: AbortSignal): Promise<string | null> {
    const reason = await probe(signal)
    this.#log.debug('Probed a preferred receiver', {
      destination: this.name,
      to,
      reason: reason ?? 'can be reached',
    })
    return reason
  }

  #return(candidate: { readonly index: number; readonly probes: number }): void {
    if (this.#closed || candidate.index >= (this.#returning?.index ?? this.#active)) return
    this.#returning = candidate
    this.#goBack()
  }

  #goBack(): void {
    if (this.#returning === undefined || this.#pending > 0) return
    const from = this.active
    const { index, probes } = this.#returning
    this.#active = index
    this.#returning = undefined
    const reason = `${probes} successful probes in a row`
    const fields = { destination: this.name, from, to: this.active, reason }
    this.#log.info('Failing back to a preferred receiver', fields)
    this.#events.failedBack?.()
    this.#probing.watch(index)
    this.#notify()
  }

  /** The same text for the same reasons, whoever failed last: it is logged when it changes. */
  #reasons(): string {
    const reasons = this.#targets.map(({ to }, index) => `${to}: ${this.#failures.get(index)}`)
    return `none of the receivers is available: ${reasons.join('; ')}`
  }

  #at(index: number): FailoverTarget {
    return this.#targets[index] as FailoverTarget
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #notify(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
