/** Parts of a batch on their way to the brokers that lead their partitions. */
import { codes } from '../../kafka/reasons.ts'
import { formatHostPort, type HostPort } from '../../network/host-port.ts'
import { type Compression, compressed } from './compression.ts'
import type { Portion } from './parts.ts'
import { anybody, type RecordsBody, recordBatch } from './record-batch.ts'
import type { Acknowledged, Leaders, ProducerId, TopicClient } from './topic-client.ts'

/** A part that is under way. */
export interface Piece {
  readonly part: Portion
  body?: Promise<RecordsBody>
  /** As it went out, which it stays until its fate is known; undefined before. */
  sent?: { readonly batch: Buffer; readonly sequence: number } | undefined
  isUncertain: boolean
}

/** What a try has shown of a piece. */
export interface Try {
  readonly piece: Piece
  readonly answer: Acknowledged | { readonly error: unknown }
}

/** To whom, and as whom. */
export interface Cluster {
  readonly leaders: Leaders
  readonly id: ProducerId | undefined
  /** Our next number in each partition, where it is not 0. */
  readonly sequences: ReadonlyMap<number, number>
}

/** What it works with. */
interface PieceSenderOptions {
  readonly client: TopicClient
  readonly compression: Compression
  readonly maxRequestBytes: number
  /** Of the transactions that all of it is part of. */
  readonly session?: { readonly transactionalId: string } | undefined
}

export class PieceSender {
  readonly #options: PieceSenderOptions

  constructor(options: PieceSenderOptions) {
    this.#options = options
  }

  /** Begins to make its records, if it can be sent at all. */
  prepare(piece: Piece): void {
    if (piece.part.mostBytes <= this.#options.maxRequestBytes) void this.#bodyOf(piece)
  }

  /** Sends the first piece of each partition to its leader. */
  async send(heads: readonly Piece[], cluster: Cluster, signal: AbortSignal): Promise<readonly Try[]> {
    const tries: Try[] = []
    const byLeader = new Map<string, { readonly leader: HostPort; readonly pieces: Piece[] }>()
    for (const piece of heads) {
      const { part } = piece
      // It would be refused, or end the connection, whatever else is with it.
      if (piece.sent === undefined && part.mostBytes > this.#options.maxRequestBytes) {
        tries.push({ piece, answer: tooLarge(part.partition) })
        continue
      }
      const leader = cluster.leaders[part.partition]
      if (leader === undefined) {
        tries.push({ piece, answer: { error: new Error(`nobody leads partition ${part.partition}`) } })
        continue
      }
      const key = formatHostPort(leader)
      const known = byLeader.get(key)
      if (known === undefined) byLeader.set(key, { leader, pieces: [piece] })
      else known.pieces.push(piece)
    }
    const all = [...byLeader.values()].map(({ leader, pieces }) =>
      this.#sendTo(leader, pieces, cluster, signal),
    )
    return [...tries, ...(await Promise.all(all)).flat()]
  }

  /** In as many requests as their size asks for, one after the other. */
  async #sendTo(
    leader: HostPort,
    pieces: readonly Piece[],
    cluster: Cluster,
    signal: AbortSignal,
  ): Promise<readonly Try[]> {
    const tries: Try[] = []
    let waiting = [...pieces]
    while (waiting.length > 0 && !signal.aborted) {
      const request: Piece[] = []
      let bytes = 0
      for (const piece of waiting) {
        const size = await this.#batchOf(piece, cluster).catch((error: unknown) => ({ error }))
        if (typeof size !== 'number') return [...tries, ...waiting.map((piece) => ({ piece, answer: size }))]
        if (request.length > 0 && bytes + size > this.#options.maxRequestBytes) break
        request.push(piece)
        bytes += size
      }
      waiting = waiting.slice(request.length)
      tries.push(...(await this.#request(leader, request, signal)))
    }
    return tries
  }

  /** Makes it as it goes out, unless it went out before: how many bytes it has. */
  async #batchOf(piece: Piece, { id, sequences }: Cluster): Promise<number> {
    if (piece.sent !== undefined) return piece.sent.batch.length
    const body = await this.#bodyOf(piece)
    const { crc32c, Writer } = await this.#options.client.kafka()
    // Of a plain Buffer it makes a copy.
    const crcOf = (bytes: Buffer) => crc32c(Writer.create().append(bytes).dynamicBuffer)
    const sequence = sequences.get(piece.part.partition) ?? 0
    const isTransactional = this.#options.session !== undefined
    const sender = id === undefined ? anybody : { ...id, sequence, isTransactional }
    piece.sent = { batch: recordBatch(body, sender, crcOf), sequence }
    return piece.sent.batch.length
  }

  async #request(leader: HostPort, pieces: readonly Piece[], signal: AbortSignal): Promise<readonly Try[]> {
    const produced = pieces.flatMap(({ part, sent }) =>
      sent === undefined ? [] : [{ partition: part.partition, batch: sent.batch }],
    )
    try {
      const { client, session } = this.#options
      const answers = await unless(signal, client.produce(leader, produced, session?.transactionalId))
      return pieces.map((piece) => {
        const answer = answers.find(({ partition }) => partition === piece.part.partition)
        return { piece, answer: answer ?? { error: new Error('a broker answered for another partition') } }
      })
    } catch (error) {
      return pieces.map((piece) => ({ piece, answer: { error } }))
    }
  }

  #bodyOf(piece: Piece): Promise<RecordsBody> {
    if (piece.body === undefined) {
      piece.body = this.#encode(piece.part)
      piece.body.catch(() => {
        delete piece.body
      })
    }
    return piece.body
  }

  async #encode(part: Portion): Promise<RecordsBody> {
    const { client, compression } = this.#options
    const packed = await compressed(part.encode(), compression, await client.kafka())
    // That of sending: what is old in the logs is new in the topic, which throws away by this.
    return { count: part.count, timeMs: Date.now(), ...packed }
  }
}

function tooLarge(partition: number): Acknowledged {
  return { partition, code: codes.tooLarge, name: 'MESSAGE_TOO_LARGE', message: null }
}

/** Rejects when the signal aborts first; the signal lives as long as the destination. */
export async function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  let stop = (): void => {}
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('stopped'))
  })
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  promise.catch(() => {})
  try {
    return await Promise.race([promise, stopped])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
