/**
 * Writes batches into a topic, one after the other, until the fate of each is known.
 *
 * A part of a batch goes to its partition as a record batch with its place in our sequence there. As long as nobody has
 * said what became of it, the same bytes go out again, to whoever leads the partition then: the brokers know a batch that
 * they have, so that an answer that got lost repeats nothing. Only when a batch is given up, after minutes or when we end,
 * it stays open whether it is there; then we come back under another producer id, and what is read again may be there twice.
 */
import { closed, type Outcome, type RejectedEvent, type Unavailable } from '../../flow/delivery.ts'
import { pause } from '../../flow/pause.ts'
import { type About, needsPerson, reasonForCode, reasonForError } from '../../kafka/reasons.ts'
import { plain } from '../../network/reasons.ts'
import type { Compression } from './compression.ts'
import type { Portions } from './parts.ts'
import { type Piece, PieceSender, type Try, unless } from './sending.ts'
import { endsTransaction, type Session } from './session.ts'
import type { Leaders, ProducerId, TopicClient } from './topic-client.ts'
import { verdictOn } from './verdict.ts'

/** What it works with. */
export interface TopicProducerOptions {
  readonly client: TopicClient
  readonly about: About
  readonly compression: Compression
  readonly isIdempotent: boolean
  /** All goes out in its transactions, and as who it is; whatever can't is given up with the transaction. */
  readonly session?: Session | undefined
  /** Of a request, and so of a record batch, before it is compressed. */
  readonly maxRequestBytes: number
  /** A batch that nobody takes for so long is given up. */
  readonly deliveryTimeoutMs: number
  /** Hears of what is wrong when it has lasted for a while, before the batch is given up. */
  readonly onTrouble: (reason: string) => void
}

/** What becomes of a batch here. */
export type Fate = Extract<Outcome, { status: 'delivered' }> | Unavailable

/** Short troubles, such as a leader that changes, are nobody's business. */
const tellAfterMs = 5000
const firstPauseMs = 50
const longestPauseMs = 2000
/** A letter shows the beginning of its event. */
const mostLetterBytes = 65_536
const mostSequence = 2 ** 31

export class TopicProducer {
  readonly #options: TopicProducerOptions
  readonly #sender: PieceSender
  #leaders: Leaders = []
  #id: ProducerId | undefined
  /** The next number of each partition. */
  #sequences = new Map<number, number>()
  /** Lowered when the topic takes less. */
  #mostBytes: number
  /** Where what has no key goes: the next batch somewhere else. */
  #own = 0
  /** What was made ready before its turn. */
  readonly #ready = new WeakMap<Portions, readonly Piece[]>()

  constructor(options: TopicProducerOptions) {
    this.#options = options
    this.#sender = new PieceSender(options)
    this.#mostBytes = options.maxRequestBytes
  }

  /** Asks for all that it takes to send: null, or why nothing can be sent, also soon after brokers were started. */
  async open(signal: AbortSignal): Promise<string | null> {
    const startedMs = performance.now()
    for (;;) {
      try {
        await this.#askAll(true, signal)
        return null
      } catch (error) {
        const isLate = performance.now() - startedMs >= tellAfterMs
        if (isLate || signal.aborted || needsPerson(error)) return reasonForError(error, this.#options.about)
      }
      await pause(longestPauseMs / 4, signal)
    }
  }

  /** Begins to make it ready while others are under way. */
  prepare(taken: Portions): void {
    if (this.#leaders.length > 0) this.#ready.set(taken, this.#piecesOf(taken))
  }

  /** Never rejects; ends soon after `signal` aborts. */
  async deliver(taken: Portions, signal: AbortSignal): Promise<Fate> {
    const except: RejectedEvent[] = []
    let hasSent = false
    let queues: Map<number, Piece[]> | undefined
    let isAnew = false
    let tries = 0
    let since: number | undefined
    const isOpen = (): boolean => [...(queues?.values() ?? [])].some(([piece]) => piece?.isUncertain)
    const { session, about } = this.#options
    const giveUp = (reason: string): Fate => {
      // Nobody sees anything of a transaction that was not committed.
      if (session !== undefined) return { status: 'unavailable', reason, unsent: true }
      const unsent = !hasSent && !isOpen()
      // Nothing else ever goes out under a number that was given to something.
      if ([...(queues?.values() ?? [])].some(([piece]) => piece?.sent !== undefined)) this.#forgetId()
      return { status: 'unavailable', reason, unsent }
    }
    for (;;) {
      if (signal.aborted) return giveUp(closed.reason)
      let trouble: string | undefined
      let isRefused = false
      let isForgotten = false
      try {
        await this.#askAll(isAnew, signal)
        queues ??= queued(this.#ready.get(taken) ?? this.#piecesOf(taken))
        isAnew = false
        const cluster = { leaders: this.#leaders, id: this.#id, sequences: this.#sequences }
        const heads = [...queues.values()].flatMap(([head]) => head ?? [])
        if (heads.length === 0) return { status: 'delivered', ...(except.length > 0 && { except }) }
        await session?.join(
          about.topic,
          heads.map(({ part }) => part.partition),
          signal,
        )
        for (const { piece, answer } of await this.#sender.send(heads, cluster, signal)) {
          const queue = queues.get(piece.part.partition) ?? []
          const judged = this.#judge(piece, answer)
          switch (judged.next) {
            case 'delivered':
              hasSent = true
              since = undefined
              tries = 0
              queue.shift()
              break
            case 'divide':
              tries = 0
              queue.splice(0, 1, ...this.#divide(piece, except))
              break
            case 'renew':
              isForgotten = true
              trouble ??= judged.reason
              break
            case 'refused':
              isRefused = true
              trouble = judged.reason
              break
            case 'again':
              isAnew = true
              if (!isRefused) trouble ??= judged.reason
          }
        }
        if (isForgotten) {
          this.#forgetId()
          for (const [head] of queues.values()) if (head !== undefined) head.sent = undefined
        }
      } catch (error) {
        if (signal.aborted) return giveUp(closed.reason)
        isAnew = true
        trouble = reasonForError(error, about)
        isRefused = needsPerson(error)
        if (session !== undefined && (isRefused || endsTransaction(error))) return giveUp(trouble)
      }
      if (trouble === undefined) continue
      if (session !== undefined && (isRefused || isForgotten)) return giveUp(trouble)
      // What may be there already is worth the wait: given up, it would come twice.
      if (isRefused && !isOpen()) return giveUp(trouble)
      since ??= performance.now()
      const ms = performance.now() - since
      if (ms >= this.#options.deliveryTimeoutMs) return giveUp(trouble)
      if (isRefused || ms >= tellAfterMs) this.#options.onTrouble(trouble)
      await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(tries++, 10)), signal)
    }
  }

  /** Who leads, and who we are, as far as it is not known. */
  async #askAll(isAnew: boolean, signal: AbortSignal): Promise<void> {
    const { client, isIdempotent, session } = this.#options
    client.renewIfIdle()
    const leaders = await unless(signal, client.leaders(isAnew))
    if (leaders.length === 0) throw new Error('they tell of no partition of the topic')
    this.#leaders = leaders
    if (session !== undefined) return this.#sendAs(session.id)
    if (!isIdempotent || this.#id !== undefined) return
    const id = await unless(signal, client.producerId())
    // Somebody else may have asked meanwhile, and sent under it.
    this.#id ??= id
  }

  /** Numbers begin anew with each epoch. */
  #sendAs(id: ProducerId | undefined): void {
    if (id === this.#id) return
    this.#forgetId()
    this.#id = id
  }

  #piecesOf(taken: Portions): readonly Piece[] {
    const own = this.#own++
    const count = this.#leaders.length
    return taken
      .parts(count, own % count)
      .flatMap((part) => part.within(this.#mostBytes))
      .map((part) => {
        const piece: Piece = { part, isUncertain: false }
        this.#sender.prepare(piece)
        return piece
      })
  }

  #judge(piece: Piece, answer: Try['answer']) {
    const { about } = this.#options
    if ('error' in answer) {
      piece.isUncertain ||= piece.sent !== undefined
      return { next: 'again', reason: reasonForError(answer.error, about) } as const
    }
    const { next, isUncertain } = verdictOn(answer.code)
    piece.isUncertain ||= isUncertain
    if (next === 'delivered') {
      piece.isUncertain = false
      const { sequence = 0 } = piece.sent ?? {}
      this.#sequences.set(piece.part.partition, (sequence + piece.part.count) % mostSequence)
    }
    const words = answer.message === null ? '' : `: ${plain(answer.message, 200)}`
    return { next, reason: `${reasonForCode(answer.code, answer.name, about)}${words}` } as const
  }

  /** The pieces in place of one that is too large; what can't be divided is rejected. */
  #divide({ part, sent }: Piece, except: RejectedEvent[]): readonly Piece[] {
    const { halves } = part
    if (halves === null) {
      const { topic } = this.#options.about
      const line = Uint8Array.from(part.line.subarray(0, mostLetterBytes))
      const reason =
        sent === undefined
          ? `the event is larger than kafka.maxRequestBytes, ${this.#options.maxRequestBytes} bytes`
          : `the event is larger than the topic ${topic} takes (max.message.bytes)`
      except.push({ reason, line })
      return []
    }
    // From now on batches are made as small as that at once.
    if (sent !== undefined) this.#mostBytes = Math.max(1024, Math.min(this.#mostBytes, part.mostBytes >> 1))
    return halves.map((half) => ({ part: half, isUncertain: false }))
  }

  #forgetId(): void {
    this.#id = undefined
    this.#sequences = new Map()
  }
}

function queued(pieces: readonly Piece[]): Map<number, Piece[]> {
  const queues = new Map<number, Piece[]>()
  for (const piece of pieces) {
    const queue = queues.get(piece.part.partition)
    if (queue === undefined) queues.set(piece.part.partition, [piece])
    else queue.push(piece)
  }
  return queues
}
