/** A topic of Kafka as a destination. */
import type { Batch } from '../../flow/batch.ts'
import { closed, type Destination, type Sending, settledAs } from '../../flow/delivery.ts'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import type { TopicAddress } from '../../kafka/address.ts'
import { DestinationStatus } from '../status.ts'
import { aboutTopic, remadeTeller, topicClient } from './about.ts'
import { KafkaOnce } from './once.ts'
import { type KafkaOptions, recordsOf, settingsOf } from './options.ts'
import { TopicProducer } from './producer.ts'
import type { TopicClient } from './topic-client.ts'
import { TopicStatus } from './topic-status.ts'
import { Turns } from './turns.ts'

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
  readonly #client: TopicClient
  readonly #producer: TopicProducer
  readonly #status: TopicStatus
  readonly #turns: Turns

  constructor(options: KafkaOptions, address: TopicAddress, status: DestinationStatus, onRemade: () => void) {
    const { compression, idempotent, maxRequestBytes, deliveryTimeoutMs, tls } = settingsOf(options)
    this.name = options.name
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
    this.#turns = new Turns({
      records: recordsOf(options),
      producer: this.#producer,
      status: this.#status,
    })
  }

  async send(batch: Batch): Promise<Sending> {
    if (batch.ends.length === 0) return settledAs({ status: 'delivered' })
    return this.#turns.send(batch, async (fate, settle) => {
      if (fate.status === 'delivered') this.#status.delivered()
      settle(fate)
    })
  }

  async connect(): Promise<string | null> {
    const reason = await this.#producer.open(this.#turns.closing)
    if (this.#turns.closing.aborted) return closed.reason
    if (reason === null) await this.#status.connected()
    else this.#status.failed(reason, 'before')
    return reason
  }

  async close(): Promise<void> {
    await this.#turns.close()
    await this.#client.close()
  }
}
