/**
 * Transactions, one after the other, under one transactional id, as the protocol has it since Kafka 2.0:
 *
 *   begin    whoever else sends under the id is fenced off; what he left open is aborted, what he has committed is there
 *   join     a partition belongs to the transaction, before anything is written into it
 *   commit   all of it is there at once, for who reads what is committed
 *
 * Who writes under an id of the brokers' choosing that is out of date hears of it, and then `begin` is the only way on.
 */
import type { Connection } from '@platformatic/kafka'
import { pause } from '../../flow/pause.ts'
import type { Kafka } from '../../kafka/client.ts'
import { codeIn, codes, needsPerson } from '../../kafka/reasons.ts'
import type { HostPort } from '../../network/host-port.ts'
import { unless } from './sending.ts'
import type { ProducerId, TopicClient } from './topic-client.ts'

/** Brokers end a transaction that lasts longer: so long may readers wait for what a killed instance left open. */
const transactionMs = 60_000
/** Nothing is tried for so long that a transaction could not be committed any more. */
export const MOST_TRYING_MS = 45_000

const ofTransactions = 1
const soonMs = 20
const findMs = 5000
const againMs = 200

/** Answers that are of the moment: a coordinator that moves, or the end of the last transaction, which is being written. */
const passing: ReadonlySet<number> = new Set([
  codes.unknownTopic,
  codes.timedOut,
  codes.coordinatorLoading,
  codes.coordinatorMissing,
  codes.coordinatorElsewhere,
  codes.concurrentTransactions,
])
/** Another one has to be asked then. */
const elsewhere: ReadonlySet<number> = new Set([
  codes.coordinatorLoading,
  codes.coordinatorMissing,
  codes.coordinatorElsewhere,
])

/** Whether an error is an answer after which nothing more can be done in the transaction. */
export function endsTransaction(error: unknown): boolean {
  const code = codeIn(error)
  return code !== undefined && !passing.has(code)
}

/** Who sends under a transactional id. */
export class Session {
  readonly transactionalId: string
  readonly #client: TopicClient
  #coordinator: HostPort | undefined
  #id: ProducerId | undefined
  #joined = new Set<string>()

  constructor(client: TopicClient, transactionalId: string) {
    this.#client = client
    this.transactionalId = transactionalId
  }

  /** Who we are in the transactions to come. Throws when that is not known, or known to be out of date. */
  get id(): ProducerId {
    if (this.#id === undefined) throw new Error('no transaction can be begun')
    return this.#id
  }

  /** Whether something belongs to a transaction that was neither committed nor aborted. */
  get isOpen(): boolean {
    return this.#joined.size > 0
  }

  /** Fences off whoever else sends under the id, and makes an end of what is open; rejects with why that was not possible. */
  async begin(signal: AbortSignal): Promise<void> {
    this.forget()
    this.#id = await this.#untilAnswered(
      signal,
      MOST_TRYING_MS,
      async ({ initProducerIdV1 }, coordinator) => {
        const answer = await initProducerIdV1.api.async(coordinator, this.transactionalId, transactionMs)
        return { id: answer.producerId, epoch: answer.producerEpoch }
      },
    )
  }

  /** Resolves when it is known who keeps the transactions of the id, which takes the right to see it. */
  async find(signal: AbortSignal): Promise<void> {
    await this.#untilAnswered(signal, findMs, async () => undefined)
  }

  /** What is to be written into these partitions belongs to the transaction. */
  async join(topic: string, partitions: readonly number[], signal: AbortSignal): Promise<void> {
    const fresh = partitions.filter((partition) => !this.#joined.has(`${topic}/${partition}`))
    if (fresh.length === 0) return
    const { id, epoch } = this.id
    const transaction = {
      transactionalId: this.transactionalId,
      producerId: id,
      producerEpoch: epoch,
      verifyOnly: false,
      topics: [{ name: topic, partitions: [...fresh] }],
    }
    // Even when no answer comes: it may belong to it.
    for (const partition of fresh) this.#joined.add(`${topic}/${partition}`)
    try {
      await this.#untilAnswered(signal, MOST_TRYING_MS, ({ addPartitionsToTxnV1 }, coordinator) =>
        addPartitionsToTxnV1.api.async(coordinator, [transaction]),
      )
    } catch (error) {
      // Asked for again before anything is written there.
      for (const partition of fresh) this.#joined.delete(`${topic}/${partition}`)
      throw error
    }
  }

  /**
   * Resolves when it is committed. Rejects when it is not known whether it is: no answer came for long, or nobody may commit
   * any more.
   */
  async commit(signal: AbortSignal): Promise<void> {
    await this.#end(true, signal, MOST_TRYING_MS)
  }

  /** Makes an end of it at once, so that nobody waits for it; what fails the brokers do in a minute. */
  async abort(signal: AbortSignal): Promise<void> {
    if (this.isOpen) await this.#end(false, signal, 0).catch(() => {})
    this.forget()
  }

  /** Nothing goes out any more until `begin`. */
  forget(): void {
    this.#id = undefined
    this.#joined = new Set()
  }

  async #end(isCommit: boolean, signal: AbortSignal, mostMs: number): Promise<void> {
    const { id, epoch } = this.id
    // The same question again has the same answer, whoever is the coordinator then.
    await this.#untilAnswered(signal, mostMs, ({ endTxnV1 }, coordinator) =>
      endTxnV1.api.async(coordinator, this.transactionalId, id, epoch, isCommit),
    )
    this.#joined = new Set()
  }

  /** Asks the coordinator, whichever broker that is, until there is an answer that is not of the moment. */
  async #untilAnswered<Answer>(
    signal: AbortSignal,
    mostMs: number,
    ask: (kafka: Kafka, coordinator: Connection) => Promise<Answer>,
  ): Promise<Answer> {
    const latestMs = performance.now() + mostMs
    for (;;) {
      let isSoon = false
      try {
        return await unless(signal, this.#ask(ask))
      } catch (error) {
        const code = codeIn(error)
        if (code === undefined || elsewhere.has(code)) this.#coordinator = undefined
        const isFinal = endsTransaction(error) || needsPerson(error)
        if (isFinal || signal.aborted || performance.now() >= latestMs) throw error
        isSoon = code === codes.concurrentTransactions
      }
      await pause(isSoon ? soonMs : againMs, signal)
    }
  }

  async #ask<Answer>(ask: (kafka: Kafka, coordinator: Connection) => Promise<Answer>): Promise<Answer> {
    this.#coordinator ??= await this.#found()
    const { kafka, connection } = await this.#client.connection(this.#coordinator)
    return ask(kafka, connection)
  }

  async #found(): Promise<HostPort> {
    const { kafka, connection } = await this.#client.connection()
    const { api } = kafka.findCoordinatorV2
    const [found] = (await api.async(connection, ofTransactions, [this.transactionalId])).coordinators
    if (found === undefined) throw new Error('nobody tells who keeps the transactions')
    return { host: found.host, port: found.port }
  }
}
