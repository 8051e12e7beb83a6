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
  type OwnPositions,
  type SavedPositions,
  type Sending,
  type Superseded,
  type Unavailable,
  type WriteLetters,
} from '../../flow/delivery.ts'
import type { Log } from '../../flow/log.ts'
import type { TopicAddress } from '../../kafka/address.ts'
import { clientOptions } from '../../kafka/client.ts'
import { reasonForError } from '../../kafka/reasons.ts'
import type { DestinationStatus } from '../status.ts'
import { aboutTopic, remadeTeller, topicClient } from './about.ts'
import { Keeper } from './keeper.ts'
import { type KafkaOptions, type OnceOptions, recordsOf, settingsOf } from './options.ts'
import { PositionsTopic } from './positions-topic.ts'
import { TopicProducer } from './producer.ts'
import { unless } from './sending.ts'
import { MOST_TRYING_MS, Session } from './session.ts'
import type { TopicClient } from './topic-client.ts'
import { TopicStatus } from './topic-status.ts'
import { type Member, wholePositions } from './transaction.ts'
import { Turns } from './turns.ts'

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
  readonly #client: TopicClient
  readonly #positionsClient: TopicClient
  readonly #status: TopicStatus
  readonly #session: Session
  readonly #keeper: Keeper
  readonly #turns: Turns
  #members: Member[] = []
  /** When something came into the transaction last. */
  #grownMs = 0
  /** Its time is over. */
  #isDue = false
  #timer: NodeJS.Timeout | undefined
  /** Who we are is known, and nothing has gone wrong since. */
  #isReady = false

  constructor(options: KafkaOnceOptions) {
    const { settings, address, once, status, log } = options
    const { compression, maxRequestBytes, deliveryTimeoutMs, tls } = settingsOf(settings)
    const positions = { brokers: address.brokers, topic: once.positions }
    this.name = settings.name
    this.#options = options
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
    this.#turns = new Turns({
      records: recordsOf(settings),
      producer: new TopicProducer({
        ...shared,
        client: this.#client,
        about: aboutTopic(settings, address),
        compression,
      }),
      status: this.#status,
      isReady: () => this.#isReady,
      onFailure: (failure) => this.#forgetAll(failure),
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

  send(batch: Batch, writeLetters?: WriteLetters): Promise<Sending> {
    const { position, isPart = false } = batch
    return this.#turns.send(batch, async (fate, settle) => {
      if (fate.status !== 'delivered') return settle({ ...fate, unsent: true })
      this.#grownMs = performance.now()
      this.#members.push({ position, isPart, writeLetters, settle, outcome: fate })
      this.#schedule()
      // Where batches come in parts one behind the other, it may be whole only now.
      if (this.#isDue) await this.#commit()
    })
  }

  async connect(): Promise<string | null> {
    const reason = await this.#client.leaders(false).then(
      () => null,
      (error: unknown) => this.#reasonFor(error),
    )
    if (this.#turns.closing.aborted) return closed.reason
    if (reason === null) await this.#status.connected()
    else this.#status.failed(reason, 'before')
    return reason
  }

  async close(): Promise<void> {
    await this.#turns.close(() => this.#commit())
    this.#forget(closed)
    // Else readers would wait for its end as long as a transaction may last.
    await this.#session.abort(AbortSignal.timeout(1000))
    await Promise.all([this.#client.close(), this.#positionsClient.close()])
  }

  async load(saved: SavedPositions, signal: AbortSignal): Promise<Positions | Unavailable | Superseded> {
    const over = new AbortController()
    const end = (): void => over.abort()
    for (const one of [signal, this.#turns.givingUp]) {
      if (one.aborted) end()
      one.addEventListener('abort', end)
    }
    try {
      await this.#turns.over
      const found = await this.#keeper.load(saved, over.signal)
      this.#isReady = !('status' in found)
      return found
    } catch (error) {
      const reason = this.#reasonFor(error, this.#options.once.positions)
      if (!over.signal.aborted) this.#status.failed(reason)
      return { status: 'unavailable', reason, unsent: true }
    } finally {
      for (const one of [signal, this.#turns.givingUp]) one.removeEventListener('abort', end)
    }
  }

  forget(fileIds: readonly string[]): void {
    this.#keeper.forget(fileIds)
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#commitInTurn(), this.#options.once.commitMs)
  }

  #commitInTurn(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isDue = this.#members.length > 0
    void this.#turns.next(() => this.#commit())
  }

  async #commit(): Promise<void> {
    const members = this.#members
    if (members.length === 0) return
    const positions = wholePositions(members)
    if (positions === null) {
      const isLeft = performance.now() - this.#grownMs > mostInsideMs || this.#turns.closing.aborted
      if (isLeft) this.#turns.fail({ status: 'unavailable', reason: 'a row was left before its last events' })
      else this.#schedule()
      return
    }
    this.#isDue = false
    for (const { writeLetters, outcome } of members) {
      if (writeLetters === undefined) continue
      // A disk that takes none holds up no stop.
      if (await unless(this.#turns.givingUp, writeLetters(outcome)).catch(() => false)) continue
      return this.#turns.fail({ status: 'unavailable', reason: 'dead letters can not be written' })
    }
    try {
      const fate = await this.#keeper.commit(positions, this.#turns.givingUp)
      if (fate.status !== 'delivered') return this.#turns.fail(fate)
    } catch (error) {
      // It may be there all the same: before anything else is sent, the topic tells.
      return this.#turns.fail({ status: 'unavailable', reason: this.#reasonFor(error) })
    }
    this.#members = []
    for (const { settle, outcome } of members) settle(outcome)
    this.#status.delivered()
  }

  /** All that is in the transaction is read again, once it is known what became of it. */
  #forgetAll(failure: Unavailable): void {
    this.#isReady = false
    this.#isDue = false
    this.#forget(failure)
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
}
