/**
 * A member of a consumer group: which partitions are ours now, and how far they are settled. It asks for no messages. The
 * client mends what it can by itself; what it gives up is told as a reason, and then another member has to be made.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Consumer } from '@platformatic/kafka'
import { type ClientOptions, loadKafka, prepared, quietly } from '../../kafka/client.ts'

export interface MemberOptions {
  readonly client: ClientOptions
  readonly topic: string
  readonly group: string
  readonly protocol: 'classic' | 'consumer'
  readonly sessionMs: number
  /** By which a restart is known as the same member; undefined when it is not to be. */
  readonly instanceId: string | undefined
  /** Hears of each change at once, before anything is asked or committed after it. */
  readonly assigned: (partitions: readonly number[]) => void
  /** It is of no use any more: why. `isFenced`: another instance has its name. */
  readonly failed: (error: unknown, isFenced: boolean) => void
}

const heartbeatMs = 3_000
/** With what comes after it a stop stays below ten seconds. */
const agreedMs = 2_000

/** One that has joined. */
export class Member {
  readonly #options: MemberOptions
  readonly #consumer: Consumer
  #isClosed = false

  /** Rejects when it can't join. */
  static async join(options: MemberOptions): Promise<Member> {
    const { Consumer } = await loadKafka()
    const { client, group, protocol, sessionMs, instanceId } = options
    const rebalanceMs = Math.max(60_000, sessionMs)
    const shared = {
      ...client,
      // Who joins waits until all others have.
      requestTimeout: rebalanceMs + 5_000,
      groupId: group,
      ...(instanceId !== undefined && { groupInstanceId: instanceId }),
      autocommit: false,
      rebalanceTimeout: rebalanceMs,
    } as const
    const consumer = prepared(
      new Consumer(
        protocol === 'consumer'
          ? { ...shared, groupProtocol: 'consumer' }
          : {
              ...shared,
              sessionTimeout: sessionMs,
              heartbeatInterval: Math.min(heartbeatMs, sessionMs / 3),
              protocols: [{ name: 'cooperative-sticky', version: 3 }],
            },
      ),
      client,
    )
    const member = new Member(options, consumer)
    try {
      await member.#join()
    } catch (error) {
      await member.close({ leaves: true })
      throw error
    }
    return member
  }

  private constructor(options: MemberOptions, consumer: Consumer) {
    this.#options = options
    this.#consumer = consumer
    this.#watchAssignments()
    consumer.on('error', () => {})
    consumer.on('consumer:heartbeat:stalled', ({ lastError }) =>
      this.#fail(lastError ?? new Error('no heartbeat is answered'), false),
    )
    consumer.on(
      'client:performWithRetry:failed',
      (_operation: string, _retries: number, errors: readonly unknown[]) => {
        // The client would join again, and then the other one would, for ever.
        const fenced = errors.find(isFenced)
        if (fenced !== undefined) this.#fail(fenced, true)
      },
    )
  }

  /** Messages before which all is settled; undefined of partitions of which nothing was ever committed. */
  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const { topic } = this.#options
    const found = await this.#consumer.listCommittedOffsets({
      topics: [{ topic, partitions: [...partitions] }],
    })
    const offsets = found.get(topic) ?? []
    return new Map(
      partitions.flatMap((partition) => {
        const offset = offsets[partition]
        return offset === undefined || offset < 0n ? [] : [[partition, Number(offset)] as const]
      }),
    )
  }

  /**
   * Resolves when the group is agreed on who has what, as far as it is known here; rejects when that takes too long. A commit
   * in between would be refused, and the client would give up all partitions for that and join anew.
   */
  async agreed(): Promise<void> {
    const latestMs = performance.now() + agreedMs
    while (!this.#consumer.isActive()) {
      if (this.#isClosed || performance.now() > latestMs) throw new Error('the group is being joined')
      await pause(50)
    }
  }

  /** All before these messages is settled. */
  async commit(offsets: ReadonlyMap<number, number>): Promise<void> {
    if (offsets.size === 0) return
    const { topic } = this.#options
    await this.#consumer.commit({
      offsets: [...offsets].map(([partition, offset]) => {
        return { topic, partition, offset: BigInt(offset), leaderEpoch: -1 }
      }),
    })
  }

  /** `leaves`: the others get its partitions at once; else they wait for its return as long as a session lasts. */
  async close({ leaves }: { readonly leaves: boolean }): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    // The client can't end without leaving, but who has no id has nothing to leave.
    if (!leaves && this.#options.instanceId !== undefined) this.#consumer.memberId = null
    await quietly(() => this.#consumer.leaveGroup(true))
    await quietly(() => this.#consumer.close(true))
  }

  async #join(): Promise<void> {
    const { topic, protocol } = this.#options
    this.#consumer.topics.track(topic)
    if (protocol === 'classic') {
      await this.#consumer.joinGroup({})
      return
    }
    // Only who consumes joins in this protocol. The topic was named before, so it stays when that ends.
    const stream = await this.#consumer.consume({ topics: [topic], autocommit: false })
    stream.on('error', () => {})
    await stream.close()
  }

  /** The client tells of some changes only; of all, it sets this property. */
  #watchAssignments(): void {
    const { topic, assigned } = this.#options
    let value = this.#consumer.assignments
    Object.defineProperty(this.#consumer, 'assignments', {
      configurable: true,
      get: () => value,
      set: (next: typeof value) => {
        value = next
        if (this.#isClosed) return
        assigned((next ?? []).flatMap((one) => (one.topic === topic ? one.partitions : [])))
      },
    })
  }

  #fail(error: unknown, isFenced: boolean): void {
    if (this.#isClosed) return
    if (isFenced) void this.close({ leaves: false })
    this.#options.failed(error, isFenced)
  }
}

function isFenced(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 8) return false
  if ((error as Error & { readonly apiId?: unknown }).apiId === 'FENCED_INSTANCE_ID') return true
  const inner = error instanceof AggregateError ? error.errors : []
  return [...inner, error.cause].some((one) => isFenced(one, depth + 1))
}
