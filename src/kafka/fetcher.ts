/** Asks brokers for messages, one request to each of them at a time, and where partitions begin and end. */
import type { Consumer } from '@platformatic/kafka'
import { type ClientOptions, loadKafka, prepared, quietly } from './client.ts'

/** As the client gives it; offsets are below 2^53. */
export interface TopicMessage {
  readonly offset: number
  /** When it was written, in milliseconds since 1970. */
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [Buffer | null, Buffer | null])[]
}

/** What came of one partition. */
export interface Fetched {
  readonly partition: number
  /** The message that was asked for. */
  readonly from: number
  readonly messages: readonly TopicMessage[]
  /** The message behind all that was looked at. */
  readonly next: number
  /** Behind the last message of the partition. */
  readonly end: number
  /** The oldest message that is still there, when the one that was asked for is not. */
  readonly lostBefore?: number
}

/** Which message to ask for, by partition. */
export type Wanted = ReadonlyMap<number, number>

const waitMs = 500
/** Packed, of all partitions of a broker, and of one of them; a batch that is larger comes all the same. */
const mostBytes = 4 * 1024 * 1024
const mostPartitionBytes = 1024 * 1024
const controlBatch = 0x20
const transactionalBatch = 0x10
const earliest = -2n
const latest = -1n
const uncommitted = 0

/** A client of its own: what waits for messages would hold up the heartbeats of a member. */
export class Fetcher {
  readonly #consumer: Consumer
  readonly #topic: string

  static async open(client: ClientOptions, group: string, topic: string): Promise<Fetcher> {
    const { Consumer } = await loadKafka()
    // It joins no group; the name is only for the client.
    return new Fetcher(
      prepared(new Consumer({ ...client, groupId: group, autocommit: false, retries: 1 }), client),
      topic,
    )
  }

  private constructor(consumer: Consumer, topic: string) {
    this.#consumer = consumer
    this.#topic = topic
    consumer.on('error', () => {})
    consumer.topics.track(topic)
  }

  /** The brokers that have to be asked for these partitions. Rejects when the topic is not there. */
  async leaders(partitions: Iterable<number>): Promise<ReadonlyMap<number, readonly number[]>> {
    const topic = await this.#metadata()
    const nodes = new Map<number, number[]>()
    for (const partition of partitions) {
      const leader = topic.partitions[partition]?.leader
      if (leader === undefined || leader < 0) continue
      const known = nodes.get(leader)
      if (known === undefined) nodes.set(leader, [partition])
      else known.push(partition)
    }
    return nodes
  }

  /** Waits for messages for a while; rejects when the broker can't be asked. */
  async fetch(node: number, wanted: Wanted): Promise<readonly Fetched[]> {
    const { id: topicId } = await this.#metadata()
    const partitions = [...wanted].map(([partition, from]) => ({
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: BigInt(from),
      lastFetchedEpoch: -1,
      partitionMaxBytes: mostPartitionBytes,
    }))
    const request = {
      node,
      topics: [{ topicId, partitions }],
      maxWaitTime: waitMs,
      minBytes: 1,
      maxBytes: mostBytes,
    }
    try {
      return fetchedIn(await this.#consumer.fetch(request), wanted)
    } catch (error) {
      const lost = outOfRangeIn(error).filter((partition) => wanted.has(partition))
      if (lost.length === 0) throw error
      // The answer does not say what is there instead.
      const [starts, ends] = [await this.offsets(lost, 'beginning'), await this.offsets(lost, 'end')]
      return lost.map((partition) => {
        const [from, next] = [wanted.get(partition) ?? 0, starts.get(partition) ?? 0]
        return { partition, from, messages: [], next, end: ends.get(partition) ?? next, lostBefore: next }
      })
    }
  }

  /**
   * Where the partitions begin or end now, or have their first message since a time. At the undecided end what stands in
   * transactions that are under way is counted, too.
   */
  async offsets(
    partitions: readonly number[],
    at: 'beginning' | 'end' | 'undecided end' | number,
  ): Promise<ReadonlyMap<number, number>> {
    const isEnd = at === 'end' || at === 'undecided end'
    const timestamp = at === 'beginning' ? earliest : isEnd ? latest : BigInt(at)
    const found = await this.#consumer.listOffsets({
      topics: [this.#topic],
      partitions: { [this.#topic]: [...partitions] },
      timestamp,
      ...(at === 'undecided end' && { isolationLevel: uncommitted }),
    })
    const offsets = found.get(this.#topic) ?? []
    const missing = partitions.filter((partition) => (offsets[partition] ?? -1n) < 0n)
    const ends = missing.length > 0 && typeof at === 'number' ? await this.offsets(missing, 'end') : new Map()
    return new Map(
      partitions.map((partition) => [partition, ends.get(partition) ?? Number(offsets[partition] ?? 0n)]),
    )
  }

  async close(): Promise<void> {
    await quietly(() => this.#consumer.close(true))
  }

  async #metadata() {
    const { topics } = await this.#consumer.metadata({ topics: [this.#topic] })
    const topic = topics.get(this.#topic)
    if (topic === undefined) throw new Error(`Unknown topic ${this.#topic}`)
    return topic
  }
}

type Response = Awaited<ReturnType<Consumer['fetch']>>

function fetchedIn({ responses }: Response, wanted: Wanted): readonly Fetched[] {
  return responses.flatMap(({ partitions }) =>
    partitions.flatMap(
      ({
        partitionIndex: partition,
        records,
        abortedTransactions,
        lastStableOffset,
        highWatermark,
      }): readonly Fetched[] => {
        const from = wanted.get(partition)
        if (from === undefined) return []
        let next = from
        const messages: TopicMessage[] = []
        const aborted = new Aborted(abortedTransactions ?? [])
        for (const batch of records ?? []) {
          next = Math.max(next, Number(batch.firstOffset) + batch.lastOffsetDelta + 1)
          if (aborted.has(batch) || (batch.attributes & controlBatch) !== 0) continue
          for (const { offsetDelta, timestampDelta, key, value, headers } of batch.records) {
            const offset = Number(batch.firstOffset) + offsetDelta
            if (offset < from) continue
            const timestampMs = Number(batch.firstTimestamp + timestampDelta)
            messages.push({ offset, timestampMs, key, value, headers })
          }
        }
        const end = Number(lastStableOffset < 0n ? highWatermark : lastStableOffset)
        return [{ partition, from, messages, next, end }]
      },
    ),
  )
}

type Batch = NonNullable<Response['responses'][number]['partitions'][number]['records']>[number]

/**
 * Transactions that were given up, as an answer tells of them: brokers send their records all the same. The client leaves out
 * those of the last one of each producer, and of that only with its end in the same answer.
 */
class Aborted {
  readonly #begins: { readonly producerId: bigint; readonly firstOffset: bigint }[]
  readonly #producers = new Set<bigint>()

  constructor(transactions: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[]) {
    this.#begins = [...transactions].sort((one, other) => (one.firstOffset < other.firstOffset ? -1 : 1))
  }

  /** Whether a batch belongs to one; to be asked for all of a partition, in order. */
  has(batch: Batch): boolean {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta)
    while (this.#begins[0] !== undefined && this.#begins[0].firstOffset <= last) {
      const begun = this.#begins.shift()
      if (begun !== undefined) this.#producers.add(begun.producerId)
    }
    if ((batch.attributes & transactionalBatch) === 0) return false
    if ((batch.attributes & controlBatch) === 0) return this.#producers.has(batch.producerId)
    // Its only record says how the transaction ended: version, and 0 for given up.
    if (batch.records[0]?.key?.readInt16BE(2) === 0) this.#producers.delete(batch.producerId)
    return true
  }
}

const outOfRange = 1

/** Of an answer that tells that messages are not there: their partitions. */
function outOfRangeIn(error: unknown, depth = 0): readonly number[] {
  if (!(error instanceof Error) || depth > 8) return []
  const { response } = error as Error & { readonly response?: Response }
  const found = (response?.responses ?? []).flatMap(({ partitions }) =>
    partitions.flatMap(({ partitionIndex, errorCode }) => (errorCode === outOfRange ? [partitionIndex] : [])),
  )
  if (found.length > 0) return found
  const inner = error instanceof AggregateError ? error.errors : []
  return [...inner, error.cause].flatMap((one) => outOfRangeIn(one, depth + 1))
}
