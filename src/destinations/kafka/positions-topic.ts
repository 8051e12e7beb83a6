/**
 * Positions in a compacted topic, those of each delivery under its id:
 *
 *   {"id":"hub-ex","file":"ex01/MSGTRK2026112014-1.LOG/2026-…"}   {"offset":104857,"header":0}     removed: no value
 *   {"id":"hub-ex"}                                               {"owner":"…","host":"collector1","since":"2026-…"}
 *
 * All of it is in partition 0, so that it has one order however many partitions somebody makes.
 */
import * as z from 'zod'
import type { Position, Positions } from '../../flow/chunk.ts'
import { pause } from '../../flow/pause.ts'
import type { ClientOptions } from '../../kafka/client.ts'
import { Fetcher, type TopicMessage } from '../../kafka/fetcher.ts'
import type { Portion, Portions } from './parts.ts'
import { HEADER_BYTES, MOST_RECORD_OVERHEAD, RecordsWriter } from './record-batch.ts'
import { unless } from './sending.ts'

const partition = 0

/** Who delivers under an id. */
export interface Owner {
  readonly owner: string
  readonly host: string
  readonly since: string
}

const keySchema = z.object({ id: z.string(), file: z.string().optional() })
const positionSchema = z.object({ offset: z.int().min(0), header: z.int().min(-1) })
const ownerSchema = z.object({ owner: z.string(), host: z.string(), since: z.string() })

/** What stands under one id, as far as it was read; it is read on from there. */
export class PositionsTopic {
  readonly #topic: string
  readonly #id: string
  readonly #client: ClientOptions
  readonly #found = new Map<string, Position>()
  #owner: Owner | null = null
  #next: number | undefined

  constructor(of: { readonly topic: string; readonly id: string; readonly client: ClientOptions }) {
    this.#topic = of.topic
    this.#id = of.id
    this.#client = of.client
  }

  get positions(): Positions {
    return this.#found
  }

  get owner(): Owner | null {
    return this.#owner
  }

  /**
   * Reads what is committed. `isWhole`: all that was written until now, for which transactions of others are waited for;
   * else what is decided now. Rejects with why it can't be read.
   */
  async read(isWhole: boolean, signal: AbortSignal, mostMs: number): Promise<void> {
    const latestMs = performance.now() + mostMs
    // Its connections are of no use until the next start.
    const fetcher = await Fetcher.open(this.#client, `${this.#id}.positions`, this.#topic)
    try {
      const at = isWhole ? 'undecided end' : 'end'
      const endOf = async (where: typeof at | 'beginning') =>
        (await unless(signal, fetcher.offsets([partition], where))).get(partition) ?? 0
      const end = await endOf(at)
      let next = this.#next ?? (await endOf('beginning'))
      if (next > end) {
        // It was made anew.
        this.#found.clear()
        this.#owner = null
        next = await endOf('beginning')
      }
      while (next < end) {
        const [node] = (await unless(signal, fetcher.leaders([partition]))).keys()
        if (node === undefined) throw new Error(`nobody leads ${this.#topic}`)
        const [fetched] = await unless(signal, fetcher.fetch(node, new Map([[partition, next]])))
        if (fetched === undefined) await pause(100, signal)
        for (const message of fetched?.messages ?? []) this.#take(message)
        next = Math.max(next, fetched?.next ?? next)
        this.#next = next
        if (performance.now() > latestMs) {
          throw new Error(`transactions of others hold up the reading of ${this.#topic}`)
        }
      }
    } finally {
      await fetcher.close()
    }
  }

  /** Records of these positions, those that remove others, and the owner, if it is given. */
  records(positions: readonly Position[], removed: readonly string[], owner?: Owner): PositionRecords {
    const id = this.#id
    return new PositionRecords([
      ...(owner === undefined ? [] : [recordOf({ id }, owner)]),
      ...positions.map(({ fileId, offset, header }) => recordOf({ id, file: fileId }, { offset, header })),
      ...removed.map((file) => recordOf({ id, file }, null)),
    ])
  }

  /** They are there now. */
  isKept(positions: Iterable<Position>, removed: Iterable<string>, owner?: Owner): void {
    for (const position of positions) this.#found.set(position.fileId, position)
    for (const fileId of removed) this.#found.delete(fileId)
    this.#owner = owner ?? this.#owner
  }

  #take({ offset, key, value }: TopicMessage): void {
    const of = keySchema.safeParse(jsonIn(key)).data
    if (of?.id !== this.#id) return
    const { file } = of
    if (file === undefined) {
      this.#owner = ownerSchema.safeParse(jsonIn(value)).data ?? null
      return
    }
    if (value === null) {
      this.#found.delete(file)
      return
    }
    const position = positionSchema.safeParse(jsonIn(value)).data
    // To take it for none would send the log again.
    if (position === undefined) {
      throw new Error(
        `${this.#topic} has something else than a position at offset ${offset}: remove it from there`,
      )
    }
    this.#found.set(file, { fileId: file, ...position })
  }
}

/** Records of a compacted topic, in order. */
export class PositionRecords implements Portions, Portion {
  readonly partition = partition
  readonly mostBytes: number
  readonly #records: readonly KeyedRecord[]

  constructor(records: readonly KeyedRecord[]) {
    this.#records = records
    this.mostBytes = records.reduce((sum, record) => sum + bytesOf(record), 0)
  }

  get count(): number {
    return this.#records.length
  }

  parts(): readonly Portion[] {
    return this.count === 0 ? [] : [this]
  }

  within(bytes: number): readonly Portion[] {
    const { halves } = this
    return this.mostBytes <= bytes || halves === null ? [this] : halves.flatMap((half) => half.within(bytes))
  }

  get halves(): readonly [PositionRecords, PositionRecords] | null {
    const at = this.count >> 1
    if (at === 0) return null
    return [new PositionRecords(this.#records.slice(0, at)), new PositionRecords(this.#records.slice(at))]
  }

  encode(): Buffer {
    const writer = new RecordsWriter(Buffer.allocUnsafe(HEADER_BYTES + this.mostBytes), [])
    for (const { key, value } of this.#records) writer.append(spanOf(key), value && spanOf(value), -1)
    return writer.batch
  }

  get line(): Buffer {
    return this.#records[0]?.key ?? Buffer.alloc(0)
  }
}

interface KeyedRecord {
  readonly key: Buffer
  readonly value: Buffer | null
}

function recordOf(key: object, value: object | null): KeyedRecord {
  const bytes = (of: object) => Buffer.from(JSON.stringify(of))
  return { key: bytes(key), value: value && bytes(value) }
}

function bytesOf({ key, value }: KeyedRecord): number {
  return key.length + (value?.length ?? 0) + MOST_RECORD_OVERHEAD
}

function spanOf(bytes: Buffer) {
  return { bytes, start: 0, end: bytes.length }
}

function jsonIn(bytes: Buffer | null): unknown {
  try {
    return JSON.parse(bytes?.toString('utf8') ?? 'null')
  } catch {
    return null
  }
}
