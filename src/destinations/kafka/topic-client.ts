/**
 * What is asked of brokers to write into one topic. Connections, metadata and signing in are the client's; requests to
 * produce are made here, so that a batch that was sent can be sent again byte for byte, which brokers then know.
 */
import { TLSSocket } from 'node:tls'
import type { Connection, Producer, Reader } from '@platformatic/kafka'
import type { SeenCertificate } from '../../flow/events.ts'
import { type ClientOptions, type Kafka, loadKafka, prepared } from '../../kafka/client.ts'
import { chainOf } from '../../network/certificates.ts'
import type { HostPort } from '../../network/host-port.ts'

/** What it works with. */
export interface TopicClientOptions {
  readonly topic: string
  readonly brokers: readonly HostPort[]
  readonly client: ClientOptions
  /** Connections that were not used for so long are made anew. */
  readonly idleMs: number
  /** Hears that another topic has its name now. */
  readonly onRemade?: (() => void) | undefined
}

/** Who leads each partition; undefined where nobody does. */
export type Leaders = readonly (HostPort | undefined)[]

/** A record batch for a partition. */
export interface Produced {
  readonly partition: number
  readonly batch: Buffer
}

/** What a broker said of a batch. `code` 0: it is there. */
export interface Acknowledged {
  readonly partition: number
  readonly code: number
  /** Of the code, as the protocol calls it. */
  readonly name: string
  /** The broker's own words, if it has any. */
  readonly message: string | null
}

/** Who sends idempotently. */
export interface ProducerId {
  readonly id: bigint
  readonly epoch: number
}

const PRODUCE = 0
/** Those that look the same: all brokers since 0.11 know one of them. */
const versions = { min: 3, max: 8 }
const acksOfAll = -1
/** Who leads what is asked anew, when nothing fails, after this. */
const metadataMaxAgeMs = 300_000

/** The client while it lasts: idle connections end it. */
interface Opened {
  readonly kafka: Kafka
  readonly producer: Producer
  readonly version: number
}

export class TopicClient {
  readonly #options: TopicClientOptions
  #opened: Promise<Opened> | undefined
  #usedAtMs = 0
  /** Brokers that were told of, beside those of the settings; and how many were asked first in vain. */
  #told: readonly HostPort[] = []
  #turns = 0
  /** The topic that was there last; a name stays, another topic has another id. */
  #topicId: string | undefined

  constructor(options: TopicClientOptions) {
    this.#options = options
  }

  /** The package itself. */
  async kafka(): Promise<Kafka> {
    return (await this.#open()).kafka
  }

  /** As far as it is known, unless it is to be asked anew. Rejects with an error of the client. */
  async leaders(isAnew: boolean): Promise<Leaders> {
    const { producer } = await this.#open()
    const { topic, onRemade } = this.#options
    const { topics, brokers } = await producer
      .metadata({ topics: [topic], forceUpdate: isAnew })
      .catch((error: unknown) => this.#failed(error))
    this.#told = [...brokers.values()].map(({ host, port }) => ({ host, port }))
    const found = topics.get(topic)
    if (this.#topicId !== undefined && found !== undefined && found.id !== this.#topicId) onRemade?.()
    this.#topicId = found?.id ?? this.#topicId
    return (found?.partitions ?? []).map(({ leader }) => brokers.get(leader))
  }

  /** A new one. */
  async producerId(): Promise<ProducerId> {
    const { producer } = await this.#open()
    const { producerId, producerEpoch } = await producer
      .initIdempotentProducer({})
      .catch((error: unknown) => this.#failed(error))
    return { id: producerId, epoch: producerEpoch }
  }

  /** A connection to a broker, or to the first one that can be reached, and the package itself. */
  async connection(to?: HostPort): Promise<{ readonly kafka: Kafka; readonly connection: Connection }> {
    const { kafka, producer } = await this.#open()
    this.#usedAtMs = performance.now()
    const connection = await (to === undefined
      ? producer.connections.getFirstAvailable(this.#inTurn())
      : producer.connections.get({ ...to }))
    return { kafka, connection }
  }

  /**
   * Sends batches to the broker that leads all of their partitions, in a transaction if one is named. Rejects when its answer
   * did not come.
   */
  async produce(
    leader: HostPort,
    produced: readonly Produced[],
    transactionalId: string | null = null,
  ): Promise<readonly Acknowledged[]> {
    const { kafka, producer, version } = await this.#open()
    const { topic, client } = this.#options
    const connection: Connection = await producer.connections.get({ ...leader })
    const payload = () =>
      kafka.Writer.create()
        .appendString(transactionalId, false)
        .appendInt16(acksOfAll)
        .appendInt32(client.timeout ?? 0)
        .appendInt32(1)
        .appendString(topic, false)
        .appendArray(
          [...produced],
          (writer, { partition, batch }) => {
            writer.appendInt32(partition).appendInt32(batch.length).append(batch)
          },
          false,
          false,
        )
    return new Promise((resolve, reject) => {
      connection.send<readonly Acknowledged[]>(
        PRODUCE,
        version,
        payload,
        (_id, _key, answered, reader) => acknowledgements(kafka, answered, reader),
        false,
        false,
        (error, answer) => {
          this.#usedAtMs = performance.now()
          if (error) reject(error)
          else resolve(answer ?? [])
        },
      )
    })
  }

  /** Those that the brokers showed, and the authorities above them. */
  async certificates(): Promise<readonly SeenCertificate[]> {
    const { producer } = await this.#open()
    const seen = [...producer.connections].flatMap(([, { socket }]) => {
      const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
      return certificate === undefined ? [] : chainOf(certificate)
    })
    // Brokers have authorities in common, and often their certificates.
    return [...new Map(seen.map((one) => [`${one.subject} ${one.expiresAtMs}`, one])).values()]
  }

  /** Ends connections that were idle for long: what lies in between may have forgotten them. */
  renewIfIdle(): void {
    if (this.#opened === undefined || performance.now() - this.#usedAtMs < this.#options.idleMs) return
    void this.close()
  }

  /** Ends all connections; requests under way fail. It may be used again. */
  async close(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    const producer = await opened?.then(
      ({ producer }) => producer,
      () => undefined,
    )
    if (producer === undefined) return
    const sockets = [...producer.connections].map(([, connection]) => connection.socket)
    // It waits for what a peer that stands still never takes.
    void producer.close().catch(() => {})
    for (const socket of sockets) socket?.destroy()
  }

  /** The client asks the same broker first again and again, though it may stand still: the next one asks another first. */
  async #failed(error: unknown): Promise<never> {
    this.#turns++
    await this.close()
    throw error
  }

  #open(): Promise<Opened> {
    this.#opened ??= this.#make().catch((error: unknown) => {
      this.#opened = undefined
      this.#turns++
      throw error
    })
    return this.#opened
  }

  #inTurn(): HostPort[] {
    const all = [...this.#options.brokers, ...this.#told]
    const first = this.#turns % all.length
    return [...all.slice(first), ...all.slice(0, first)]
  }

  async #make(): Promise<Opened> {
    this.#usedAtMs = performance.now()
    const { client } = this.#options
    const kafka = await loadKafka()
    // It takes what it is given for its own, and counts tries of its own: here each is counted once.
    const own = { ...client, ...(client.tls && { tls: { ...client.tls } }), bootstrapBrokers: this.#inTurn() }
    const producer = prepared(
      new kafka.Producer({ ...own, retries: 0, metadataMaxAge: metadataMaxAgeMs }),
      own,
    )
    try {
      const known = (await producer.listApis()).find(({ apiKey }) => apiKey === PRODUCE)
      const version = Math.min(versions.max, known?.maxVersion ?? 0)
      if (version < Math.max(versions.min, known?.minVersion ?? 0)) {
        throw new Error(
          'they know none of the requests that msgtrk sends: they are older than 0.11, or much newer',
        )
      }
      return { kafka, producer, version }
    } catch (error) {
      void producer.close().catch(() => {})
      throw error
    }
  }
}

/** The answer to a request to produce, of all these versions. */
function acknowledgements(kafka: Kafka, version: number, reader: Reader): readonly Acknowledged[] {
  const names: Readonly<Record<number, string>> = kafka.protocolErrorsCodesById
  const all: Acknowledged[] = []
  for (let topics = reader.readInt32(); topics > 0; topics--) {
    reader.readString(false)
    for (let partitions = reader.readInt32(); partitions > 0; partitions--) {
      const partition = reader.readInt32()
      const code = reader.readInt16()
      // Offset and time of the first record.
      reader.skip(16)
      if (version >= 5) reader.skip(8)
      let message: string | null = null
      if (version >= 8) {
        for (let records = reader.readInt32(); records > 0; records--) {
          reader.skip(4)
          message ??= reader.readNullableString(false)
        }
        message = reader.readNullableString(false) ?? message
      }
      all.push({ partition, code, name: names[code] ?? `error ${code}`, message })
    }
  }
  return all
}
