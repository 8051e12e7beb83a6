/** A topic of Kafka as a destination: one batch is under way, and the next one is made ready meanwhile. */
import type { Batch } from '../../flow/batch.ts'
import { closed, type Destination, type Sending, settledAs, type Unavailable } from '../../flow/delivery.ts'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { pause } from '../../flow/pause.ts'
import type { TopicAddress } from '../../kafka/address.ts'
import { DestinationStatus } from '../status.ts'
import { aboutTopic, remadeTeller, topicClient } from './about.ts'
import { Arenas } from './arenas.ts'
import { KafkaOnce } from './once.ts'
import { type KafkaOptions, recordsOf, settingsOf } from './options.ts'
import { Taken } from './parts.ts'
import { type Fate, TopicProducer } from './producer.ts'
import type { TopicClient } from './topic-client.ts'
import { TopicStatus } from './topic-status.ts'

/** One goes out while the next is made ready; each is a copy of a batch. */
const mostPending = 2
/** Of a usual batch of a mebibyte: its frames, and its records. */
const mostArenaBytes = 16 * 1024 * 1024
/** How long what is under way may take to be answered when it is closed. */
const closeGraceMs = 3000

/** Throws a `ProblemsError` when a certificate can't be used. */
export function createKafka(
  options: KafkaOptions,
  address: TopicAddress,
  log: Log,
  events?: Listener,
): Destination {
  const status = new DestinationStatus(options.name, options.to, log, { events })
  const once = options.kafka?.exactlyOnce
  return once === undefined
    ? new KafkaDestination(options, address, status, remadeTeller(options, log))
    : new KafkaOnce({ settings: options, address, once, status, log })
}

class KafkaDestination implements Destination {
  readonly name: string
  readonly #records: ReturnType<typeof recordsOf>
  readonly #client: TopicClient
  readonly #producer: TopicProducer
  readonly #status: TopicStatus
  readonly #closing = new AbortController()
  readonly #givingUp = new AbortController()
  readonly #arenas = new Arenas(mostPending, mostArenaBytes)
  #last: Promise<unknown> = Promise.resolve()
  #pending = 0
  #failure: Unavailable | undefined
  #failures = 0

  constructor(options: KafkaOptions, address: TopicAddress, status: DestinationStatus, onRemade: () => void) {
    const { compression, idempotent, maxRequestBytes, deliveryTimeoutMs, tls } = settingsOf(options)
    this.name = options.name
    this.#records = recordsOf(options)
    this.#client = topicClient(options, address, onRemade)
    this.#status = new TopicStatus(status, this.#client, tls?.cert)
    this.#producer = new TopicProducer({
      client: this.#client,
      about: aboutTopic(options, address),
      compression,
      isIdempotent: idempotent,
      maxRequestBytes,
      deliveryTimeoutMs,
      onTrouble: (reason) => this.#status.failed(reason),
    })
  }

  /** A batch that waits for its turn while another fails would be sent in vain: it is read again, too. */
  async send(batch: Batch): Promise<Sending> {
    if (batch.ends.length === 0) return settledAs({ status: 'delivered' })
    const failures = this.#failures
    while (this.#pending >= mostPending) {
      await this.#last
      if (this.#failures > failures) return settledAs(this.#unsent())
    }
    if (this.#closing.signal.aborted) return settledAs(closed)
    const taken = new Taken(batch, this.#records, (bytes) => this.#arenas.open(bytes))
    this.#producer.prepare(taken)
    this.#pending++
    const outcome = this.#inTurn(this.#last, taken, failures)
    this.#last = outcome
    return { outcome }
  }

  async connect(): Promise<string | null> {
    const reason = await this.#producer.open(this.#closing.signal)
    if (this.#closing.signal.aborted) return closed.reason
    if (reason === null) await this.#status.connected()
    else this.#status.failed(reason, 'before')
    return reason
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const over = new AbortController()
    const settled = this.#last.then(() => over.abort())
    await pause(closeGraceMs, over.signal)
    this.#givingUp.abort()
    await settled
    await this.#client.close()
  }

  async #inTurn(before: Promise<unknown>, taken: Taken, failures: number): Promise<Fate> {
    await before
    const fate =
      this.#failures > failures ? this.#unsent() : await this.#producer.deliver(taken, this.#givingUp.signal)
    this.#pending--
    if (fate.status === 'delivered') {
      // Of what was given up something may be on its way still.
      taken.done()
      await this.#status.connected()
      this.#status.delivered()
    } else if (this.#failures === failures) {
      this.#failure = fate
      this.#failures++
      if (!this.#givingUp.signal.aborted) this.#status.failed(fate.reason)
    }
    return fate
  }

  #unsent(): Unavailable {
    return { ...(this.#failure ?? closed), unsent: true }
  }
}
