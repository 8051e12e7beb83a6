/** Keeps positions in the transactions of a session, and finds out which are settled when a session begins. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Position, Positions } from '../../flow/chunk.ts'
import type { SavedPositions, Superseded, Unavailable } from '../../flow/delivery.ts'
import type { Log } from '../../flow/log.ts'
import { plain } from '../../network/reasons.ts'
import type { OnceOptions } from './options.ts'
import type { Owner, PositionsTopic } from './positions-topic.ts'
import type { Fate, TopicProducer } from './producer.ts'
import type { Session } from './session.ts'

/** Longer than transactions of others last. */
const mostReadingMs = 70_000

/** What it works with. */
export interface KeeperOptions {
  /** Of the destination. */
  readonly name: string
  readonly once: OnceOptions
  readonly session: Session
  readonly topic: PositionsTopic
  /** Writes into that topic. */
  readonly producer: TopicProducer
  readonly log: Log
}

export class Keeper {
  readonly #options: KeeperOptions
  readonly #me: Owner = { owner: randomUUID(), host: hostname(), since: new Date().toISOString() }
  /** Of files that are no more. */
  readonly #forgotten = new Set<string>()
  #hasOwned = false
  #isSuperseded = false

  constructor(options: KeeperOptions) {
    this.#options = options
  }

  /**
   * Begins a session, and tells what is settled; which other instance goes on in place of this one, unless this is the first
   * time, or the first since that was told. Rejects with why it is not known.
   */
  async load(saved: SavedPositions, signal: AbortSignal): Promise<Positions | Unavailable | Superseded> {
    const { session, topic } = this.#options
    const takesOver = this.#isSuperseded || !this.#hasOwned
    if (!takesOver) {
      // To begin would fence off who has taken over.
      await topic.read(false, signal, mostReadingMs)
      const other = this.#other()
      if (other !== null) return other
    }
    await session.begin(signal)
    await topic.read(true, signal, mostReadingMs)
    // Who came in between is to go on.
    const other = takesOver ? null : this.#other()
    if (other !== null) return other
    const isKnown = topic.positions.size > 0
    // What was saved without a word of the topic was settled without it, and later.
    const isOwn = saved.isCopy === false || !isKnown
    const positions = isOwn ? saved.positions : saved.underNewNames(topic.positions)
    const fate = await this.#change(positions, signal)
    if (fate.status !== 'delivered') return fate
    if (isOwn && saved.positions.size > 0) this.#tellMoved(saved.positions.size, isKnown)
    this.#hasOwned = true
    this.#isSuperseded = false
    this.#forgotten.clear()
    return positions
  }

  /** Commits the transaction with these positions. Rejects when it is not known whether it is committed. */
  async commit(positions: ReadonlyMap<string, Position>, signal: AbortSignal): Promise<Fate> {
    const removed = [...this.#forgotten].filter((fileId) => !positions.has(fileId))
    const fate = await this.#write([...positions.values()], removed, undefined, signal)
    if (fate.status === 'delivered') for (const fileId of removed) this.#forgotten.delete(fileId)
    return fate
  }

  /** Positions of these files go with the next commit. */
  forget(fileIds: readonly string[]): void {
    const { positions } = this.#options.topic
    for (const fileId of fileIds) if (positions.has(fileId)) this.#forgotten.add(fileId)
  }

  /** These are in the topic then, no others, and that they are ours. */
  async #change(positions: Positions, signal: AbortSignal): Promise<Fate> {
    const { topic } = this.#options
    const changed = [...positions.values()].filter(({ fileId, offset, header }) => {
      const known = topic.positions.get(fileId)
      return known?.offset !== offset || known.header !== header
    })
    const removed = [...topic.positions.keys()].filter((fileId) => !positions.has(fileId))
    const owner = topic.owner?.owner === this.#me.owner ? undefined : this.#me
    if (changed.length + removed.length === 0 && owner === undefined) return { status: 'delivered' }
    return this.#write(changed, removed, owner, signal)
  }

  async #write(
    positions: readonly Position[],
    removed: readonly string[],
    owner: Owner | undefined,
    signal: AbortSignal,
  ): Promise<Fate> {
    const { topic, producer, session, once } = this.#options
    const fate = await producer.deliver(topic.records(positions, removed, owner), signal)
    if (fate.status !== 'delivered') return fate
    // What a batch may lack of its events, a position may not be.
    if (fate.except !== undefined) {
      const reason = `the topic ${once.positions} takes no record as large as a position: raise its max.message.bytes`
      return { status: 'unavailable', reason }
    }
    await session.commit(signal)
    topic.isKept(positions, removed, owner)
    return fate
  }

  /** That another one has taken over, if one has. */
  #other(): Superseded | null {
    const { topic, session, once } = this.#options
    const { owner } = topic
    if (owner === null || owner.owner === this.#me.owner) return null
    this.#isSuperseded = true
    session.forget()
    const who = `an instance on ${plain(owner.host, 300)}, begun ${plain(owner.since, 40)},`
    return { status: 'superseded', reason: `${who} delivers under the id ${once.id} now` }
  }

  #tellMoved(positions: number, isKnown: boolean): void {
    const { name, log, once } = this.#options
    const fields = { destination: name, positions, topic: once.positions, id: once.id }
    if (isKnown) {
      log.warn(
        'Positions of the state folder, which were saved without exactlyOnce, replace those in the topic',
        fields,
      )
    } else {
      log.info('Positions of the state folder are kept in the topic from now on', fields)
    }
  }
}
