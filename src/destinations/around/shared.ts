/**
 * One destination in two hands, for what only one may write to: events and the reports on msgtrk itself go there by pipelines
 * of their own. It is closed when both have let go of it.
 */
import type { Batch } from '../../flow/batch.ts'
import { closed, type Destination, type Outcome, type Sending, settledAs } from '../../flow/delivery.ts'
import { pause } from '../../flow/pause.ts'

/** What was sent by the one that lets go first is waited for so long. */
const settleMs = 2500

/** Two destinations that are this one, the second under another name. */
export function inTwoHands(
  destination: Destination,
  secondName: string,
): readonly [Destination, Destination] {
  let held = 2
  const letGo = async (): Promise<void> => {
    if (--held === 0) await destination.close()
  }
  return [new Hand(destination, destination.name, letGo), new Hand(destination, secondName, letGo)]
}

class Hand implements Destination {
  readonly name: string
  readonly #destination: Destination
  readonly #letGo: () => Promise<void>
  readonly #pending = new Set<Promise<Outcome>>()
  #closed: Promise<void> | undefined

  constructor(destination: Destination, name: string, letGo: () => Promise<void>) {
    this.name = name
    this.#destination = destination
    this.#letGo = letGo
  }

  get active(): string | undefined {
    return this.#destination.active
  }

  async send(batch: Batch): Promise<Sending> {
    if (this.#closed !== undefined) return settledAs(closed)
    const sending = await this.#destination.send(batch)
    this.#pending.add(sending.outcome)
    void sending.outcome.then(() => this.#pending.delete(sending.outcome))
    return sending
  }

  async connect(): Promise<string | null> {
    return (await this.#destination.connect?.()) ?? null
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const over = new AbortController()
    const settled = Promise.all(this.#pending).then(() => over.abort())
    await Promise.race([settled, pause(settleMs, over.signal)])
    await this.#letGo()
  }
}
