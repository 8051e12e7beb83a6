/**
 * A topic that has each event exactly once, for who reads what is committed. What is settled stands in the transaction of
 * the events themselves, in a compacted topic:
 *
 *   begin │ batch  batch  batch … │ dead letters on disk │ positions │ commit │ outcomes │ begin │ …
 *
 * A transaction takes what comes until its time is over. Whatever goes wrong in it, all of it is forgotten and read again,
 * from where the positions say; so an answer to the commit that got lost does no harm either: before anything else is sent,
 * the brokers make an end of what was open, and then tell what is settled.
 */
import type { Batch } from '../../flow/batch.ts'
import type { Positions } from '../../flow/chunk.ts'
import {
  closed,
  type Destination,
  type Outcome,
  type OwnPositions,
  type SavedPositions,
  type Sending,
  type Superseded,
  settledAs,
  type Unavailable,
  type WriteLetters,
} from '../../flow/delivery.ts'
import type { Log } from '../../flow/log.ts'
import { pause } from '../../flow/pause.ts'
import type { TopicAddress } from '../../kafka/address.ts'
import { clientOptions } from '../../kafka/client.ts'
import { reasonForError } from '../../kafka/reasons.ts'
import type { DestinationStatus } from '../status.ts'
import { aboutTopic, remadeTeller, topicClient } from './about.ts'
import { Arenas } from './arenas.ts'
import { Keeper } from './keeper.ts'
import { type KafkaOptions, type OnceOptions, recordsOf, settingsOf } from './options.ts'
import { Taken } from './parts.ts'
import { PositionsTopic } from './positions-topic.ts'
import { type Fate, TopicProducer } from './producer.ts'
import { unless } from './sending.ts'
import { MOST_TRYING_MS, Session } from './session.ts'
import type { TopicClient } from './topic-client.ts'
import { TopicStatus } from './topic-status.ts'
import { type Member, wholePositions } from './transaction.ts'

/** One goes out while the next is made ready; each is a copy of a batch. */
const mostPending = 2
const mostArenaBytes = 16 * 1024 * 1024
/** How long what is under way may take when it is closed. */
const closeGraceMs = 3000
/** A transaction that ends inside a row waits for the rest of it for so long. */
const mostInsideMs = 3000

/** What it works with. */
export interface KafkaOnceOptions {
  readonly settings: KafkaOptions
  readonly address: TopicAddress
  readonly once: OnceOptions
  readonly status: DestinationStatus
  readonly log: Log
}

export class KafkaOnce implements Destination, OwnPositions {
  readonly name: string
  readonly #options: KafkaOnceOptions
  readonly #records: ReturnType<typeof recordsOf>
  readonly #client: TopicClient
  readonly #positionsClient: TopicClient
  readonly #status: TopicStatus
  readonly #session: Session
  readonly #producer: TopicProducer
  readonly #keeper: Keeper
  readonly #closing = new AbortController()
  readonly #givingUp = new AbortController()
  readonly #arenas = new Arenas(mostPending, mostArenaBytes)
  /** One thing at a time is written. */
  #last: Promise<unknown> = Promise.resolve()
  #pending = 0
  #members: Member[] = []
  /** When something came into the transaction last. */
  #grownMs = 0
  /** Its time is over. */
  #isDue = false
  #timer: NodeJS.Timeout | undefined
  /** Who we are is known, and nothing has gone wrong since. */
  #isReady = false
  #failure: Unavailable | undefined
  #failures = 0

  constructor(options: KafkaOnceOptions) {
    const { settings, address, once, status, log } = options
    const { compression, maxRequestBytes, deliveryTimeoutMs, tls } = settingsOf(settings)
    const positions = { brokers: address.brokers, topic: once.positions }
    this.name = settings.name
    this.#options = options
    this.#records = recordsOf(settings)
    this.#client = topicClient(settings, address, remadeTeller(settings, log))
    this.#positionsClient = topicClient(settings, positions)
    this.#status = new TopicStatus(status, this.#client, tls?.cert)
    this.#session = new Session(this.#client, once.id)
    const shared = {
      session: this.#session,
      isIdempotent: true,
      maxRequestBytes,
      deliveryTimeoutMs: Math.min(deliveryTimeoutMs, MOST_TRYING_MS),
      onTrouble: (reason: string) => this.#status.failed(reason),
    }
    this.#producer = new TopicProducer({
      ...shared,
      client: this.#client,
      about: aboutTopic(settings, address),
      compression,
    })
    this.#keeper = new Keeper({
      name: this.name,
      once,
      session: this.#session,
      log,
      topic: new PositionsTopic({
        topic: once.positions,
        id: once.id,
        client: clientOptions(address.brokers, settingsOf(settings)),
      }),
      producer: new TopicProducer({
        ...shared,
        client: this.#positionsClient,
        about: aboutTopic(settings, positions),
        compression: 'none',
      }),
    })
  }

  get ownPositions(): OwnPositions {
    return this
  }

  async send(batch: Batch, writeLetters?: WriteLetters): Promise<Sending> {
    const failures = this.#failures
    while (this.#pending >= mostPending) {
      await this.#last
      if (this.#failures > failures) return settledAs(this.#unsent())
    }
    if (this.#closing.signal.aborted) return settledAs(closed)
    const taken =
      batch.ends.length === 0 ? null : new Taken(batch, this.#records, (bytes) => this.#arenas.open(bytes))
    if (taken !== null) this.#producer.prepare(taken)
    this.#pending++
    const { position, isPart = false } = batch
    const outcome = new Promise<Outcome>((settle) => {
      this.#last = this.#write(this.#last, failures, taken, { position, isPart, writeLetters, settle })
    })
    return { outcome }
  }

  async connect(): Promise<string | null> {
    const reason = await this.#client.leaders(false).then(
      () => null,
      (error: unknown) => this.#reasonFor(error),
    )
    if (this.#closing.signal.aborted) return closed.reason
    if (reason === null) await this.#status.connected()
    else this.#status.failed(reason, 'before')
    return reason
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#commitInTurn()
    const over = new AbortController()
    const settled = this.#last.then(() => over.abort())
    await pause(closeGraceMs, over.signal)
    this.#givingUp.abort()
    await settled
    this.#forget(closed)
    // Else readers would wait for its end as long as a transaction may last.
    await this.#session.abort(AbortSignal.timeout(1000))
    await Promise.all([this.#client.close(), this.#positionsClient.close()])
  }

  async load(saved: SavedPositions, signal: AbortSignal): Promise<Positions | Unavailable | Superseded> {
    const over = new AbortController()
    const end = (): void => over.abort()
    for (const one of [signal, this.#givingUp.signal]) {
      if (one.aborted) end()
      one.addEventListener('abort', end)
    }
    try {
      await this.#last
      const found = await this.#keeper.load(saved, over.signal)
      this.#isReady = !('status' in found)
      return found
    } catch (error) {
      const reason = this.#reasonFor(error, this.#options.once.positions)
      if (!over.signal.aborted) this.#status.failed(reason)
      return { status: 'unavailable', reason, unsent: true }
    } finally {
      for (const one of [signal, this.#givingUp.signal]) one.removeEventListener('abort', end)
    }
  }

  forget(fileIds: readonly string[]): void {
    this.#keeper.forget(fileIds)
  }

  /** Writes a batch into the transaction, which begins with the first one. */
  async #write(
    before: Promise<unknown>,
    failures: number,
    taken: Taken | null,
    member: Omit<Member, 'outcome'>,
  ): Promise<void> {
    await before
    const fate: Fate =
      this.#failures > failures || !this.#isReady
        ? this.#unsent()
        : taken === null
          ? { status: 'delivered' }
          : await this.#producer.deliver(taken, this.#givingUp.signal)
    this.#pending--
    if (fate.status !== 'delivered') {
      if (this.#failures === failures && this.#isReady) this.#fails(fate)
      return member.settle({ ...fate, unsent: true })
    }
    taken?.done()
    this.#grownMs = performance.now()
    this.#members.push({ ...member, outcome: fate })
    if (taken !== null) await this.#status.connected()
    this.#schedule()
    // Where batches come in parts one behind the other, it may be whole only now.
    if (this.#isDue) await this.#commit()
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#commitInTurn(), this.#options.once.commitMs)
  }

  #commitInTurn(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isDue = this.#members.length > 0
    const before = this.#last
    this.#last = before.then(() => this.#commit())
  }

  async #commit(): Promise<void> {
    const members = this.#members
    if (members.length === 0) return
    const positions = wholePositions(members)
    if (positions === null) {
      const isLeft = performance.now() - this.#grownMs > mostInsideMs || this.#closing.signal.aborted
      if (isLeft) this.#fails({ status: 'unavailable', reason: 'a row was left before its last events' })
      else this.#schedule()
      return
    }
    this.#isDue = false
    for (const { writeLetters, outcome } of members) {
      if (writeLetters === undefined) continue
      // A disk that takes none holds up no stop.
      if (await unless(this.#givingUp.signal, writeLetters(outcome)).catch(() => false)) continue
      return this.#fails({ status: 'unavailable', reason: 'dead letters can not be written' })
    }
    try {
      const fate = await this.#keeper.commit(positions, this.#givingUp.signal)
      if (fate.status !== 'delivered') return this.#fails(fate)
    } catch (error) {
      // It may be there all the same: before anything else is sent, the topic tells.
      return this.#fails({ status: 'unavailable', reason: this.#reasonFor(error) })
    }
    this.#members = []
    for (const { settle, outcome } of members) settle(outcome)
    this.#status.delivered()
  }

  /** All that is in the transaction is read again, once it is known what became of it. */
  #fails(failure: Unavailable): void {
    this.#isReady = false
    this.#isDue = false
    this.#failures++
    this.#failure = failure
    this.#forget(failure)
    if (!this.#givingUp.signal.aborted) this.#status.failed(failure.reason)
  }

  #forget(failure: Unavailable): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const members = this.#members
    this.#members = []
    for (const { settle } of members) settle({ ...failure, unsent: true })
  }

  #reasonFor(error: unknown, topic = this.#options.address.topic): string {
    const { settings, address } = this.#options
    return reasonForError(error, aboutTopic(settings, { ...address, topic }))
  }

  #unsent(): Unavailable {
    return { ...(this.#failure ?? closed), unsent: true }
  }
}
