/**
 * Reads a topic for one pipeline, as a member of a group. The offset that is committed is that of what is settled: it comes
 * from the checkpoint of the pipeline, and never from a timer of the client. When a partition is lost nothing more of it is
 * handed over and nothing more committed: who has it then begins where we committed last, so what was under way comes twice.
 *
 *   member ──assigned──▶ partitions ──next──▶ fetcher ──messages──▶ chunks ──▶ window ──settled──▶ member
 */
import type { Chunk, Positions } from '../../flow/chunk.ts'
import { Waker } from '../../flow/waker.ts'
import { type Fetched, Fetcher } from '../../kafka/fetcher.ts'
import { type Answer, Asking } from './asking.ts'
import { Member } from './member.ts'
import type { TopicReaderOptions } from './options.ts'
import { Partition } from './partition.ts'
import { TopicNews } from './topic-news.ts'

const firstPauseMs = 500
const longestPauseMs = 15_000
/** Messages that are read and not settled; there are so many only where each holds a single row. */
const mostHeld = 200_000
const lookMs = 5_000
/** For an answer, before it is looked again which partitions are ours. */
const longestWaitMs = 1_000

/** One topic for one pipeline; one reading at a time. */
export class TopicReader {
  readonly #options: TopicReaderOptions
  readonly #news: TopicNews
  readonly #waker = new Waker()
  #member: Member | null = null
  #fetcher: Fetcher | null = null
  /** Ours, as the member was told last, and those of them that have begun. */
  #assigned: ReadonlySet<number> = new Set()
  readonly #parts = new Map<number, Partition>()
  /** Of all partitions that were ours once. */
  readonly #released = new Set<string>()
  #begun = 0
  /** Who reads once ends there. */
  readonly #ends = new Map<number, number>()
  readonly #asking: Asking
  #pauseMs = firstPauseMs
  #isFenced = false
  #isClosed = false
  #lookedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: TopicReaderOptions) {
    this.#options = options
    this.#news = new TopicNews(options)
    this.#asking = new Asking((reason) => this.#news.cannotRead(reason), options.reasonFor)
  }

  get reason(): string | null {
    return this.#news.reason
  }

  get parts(): readonly Partition[] {
    return [...this.#parts.values()].sort((a, b) => a.number - b.number)
  }

  get released(): ReadonlySet<string> {
    return this.#released
  }

  /** Whether it has the name of a file that is a partition of this topic. */
  isOwn(fileId: string): boolean {
    return fileId.startsWith(`${this.#options.name}/${this.#options.topic}/`)
  }

  async *read(from: Positions, signal: AbortSignal): AsyncGenerator<Chunk> {
    for (const part of this.#parts.values()) part.resume(from.get(part.id)?.offset ?? null)
    const wake = (): void => this.#waker.wake()
    signal.addEventListener('abort', wake)
    try {
      while (!signal.aborted) {
        try {
          await this.#join(signal)
          await this.#beginAssigned()
          if (!this.#options.follow && this.#isAtEnds()) return
          const answer = await this.#answer(signal)
          for (const fetched of answer?.fetched ?? []) yield* this.#chunks(fetched, signal)
        } catch (error) {
          await this.#fails(error, signal)
        }
      }
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }

  /** What is settled is committed; rejects when that is not possible now. Positions of partitions that were lost count no more. */
  async settle(positions: Positions): Promise<void> {
    const member = this.#member
    this.#waker.wake()
    // What is lost in the meantime is committed no more.
    await member?.agreed()
    const offsets = new Map<number, number>()
    for (const part of this.#parts.values()) {
      const position = positions.get(part.id)
      const offset = position === undefined ? null : part.settle(position.offset)
      if (offset !== null) offsets.set(part.number, offset)
    }
    if (offsets.size === 0) return
    if (member === null || this.#member !== member)
      throw new Error(this.reason ?? 'the group is being joined')
    const parts = new Map(this.#parts)
    try {
      await member.commit(offsets)
    } catch (error) {
      throw new Error(this.#options.reasonFor(error), { cause: error })
    }
    for (const [number, offset] of offsets) parts.get(number)?.isCommitted(offset)
  }

  /** Where a line of a chunk stands. */
  partOf(fileId: string): Partition | undefined {
    return [...this.#parts.values()].find(({ id }) => id === fileId)
  }

  /** Has the ends of its partitions looked up, if nobody reads, for who asks next. */
  look(): void {
    const fetcher = this.#fetcher
    const numbers = [...this.#parts.keys()]
    if (fetcher === null || numbers.length === 0 || performance.now() - this.#lookedAtMs < lookMs) return
    this.#lookedAtMs = performance.now()
    fetcher.offsets(numbers, 'end').then(
      (ends) => {
        for (const [number, end] of ends) this.#parts.get(number)?.endsAt(end)
      },
      () => undefined,
    )
  }

  /** Leaves its partitions to the others, or for its return. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#asking.close()
    const [member, fetcher] = [this.#member, this.#fetcher]
    this.#member = null
    this.#fetcher = null
    await Promise.all([member?.close({ leaves: this.#options.instanceId === undefined }), fetcher?.close()])
  }

  async #join(signal: AbortSignal): Promise<void> {
    const { client, topic, group, protocol, sessionMs, instanceId } = this.#options
    while (this.#isFenced && !signal.aborted) await this.#waker.pause(longestPauseMs, signal)
    if (signal.aborted) return
    this.#fetcher ??= await Fetcher.open(client, group, topic)
    if (this.#member !== null) return
    // Told at once that it is missing, not by a member that joins for nothing.
    await this.#fetcher.leaders([])
    const member = await Member.join({
      client,
      topic,
      group,
      protocol,
      sessionMs,
      instanceId,
      assigned: (partitions) => this.#isAssigned(partitions),
      failed: (error, isFenced) => this.#isLost(error, isFenced),
    })
    if (this.#isClosed) await member.close({ leaves: instanceId === undefined })
    else this.#member = member
  }

  #isAssigned(partitions: readonly number[]): void {
    const assigned = new Set(partitions)
    const lost = this.parts.filter(({ number }) => !assigned.has(number))
    const isNew = assigned.size !== this.#assigned.size || partitions.some((one) => !this.#assigned.has(one))
    this.#assigned = assigned
    for (const part of lost) this.#release(part)
    if (isNew) this.#news.changed(partitions, lost)
    this.#waker.wake()
  }

  #release(part: Partition): void {
    this.#parts.delete(part.number)
    this.#ends.delete(part.number)
    this.#released.add(part.id)
    this.#options.events.handedOver?.(part.id)
  }

  #isLost(error: unknown, isFenced: boolean): void {
    const member = this.#member
    this.#member = null
    this.#isAssigned([])
    this.#isFenced = isFenced
    if (isFenced) this.#news.isFenced()
    else {
      void member?.close({ leaves: false })
      this.#news.cannotRead(this.#options.reasonFor(error))
    }
  }

  /** Partitions that are new begin where the group has come to. */
  async #beginAssigned(): Promise<void> {
    const [member, fetcher] = [this.#member, this.#fetcher]
    const gained = [...this.#assigned].filter((number) => !this.#parts.has(number))
    if (member === null || fetcher === null || gained.length === 0) return
    const committed = await member.committed(gained)
    const missing = gained.filter((number) => !committed.has(number))
    const starts = missing.length === 0 ? new Map() : await fetcher.offsets(missing, this.#startAt)
    // So that whoever has it next does not begin elsewhere.
    await member.commit(starts)
    const ends = this.#options.follow ? new Map() : await fetcher.offsets(gained, 'end')
    for (const number of gained) {
      const from = committed.get(number) ?? starts.get(number)
      if (this.#member === member && this.#assigned.has(number) && from !== undefined)
        this.#begin(number, from)
      if (ends.has(number)) this.#ends.set(number, ends.get(number))
    }
  }

  #begin(number: number, from: number): void {
    const { name: source, topic } = this.#options
    const id = `${source}/${topic}/${number}#${++this.#begun}`
    this.#parts.set(number, new Partition({ id, source, topic, number }, from))
  }

  get #startAt(): 'beginning' | 'end' | number {
    const { startAt } = this.#options
    return startAt === 'beginning' || startAt === 'end' ? startAt : Date.parse(startAt)
  }

  #isAtEnds(): boolean {
    return (
      this.#member !== null &&
      [...this.#assigned].every((number) => {
        return (this.#parts.get(number)?.next ?? -1) >= (this.#ends.get(number) ?? Number.POSITIVE_INFINITY)
      })
    )
  }

  /** The next answer of a broker; null when there is nothing now. */
  async #answer(signal: AbortSignal): Promise<Answer | null> {
    await this.#ask()
    const isOver = this.#waker.pause(longestWaitMs, signal).then(() => null)
    const answer = await this.#asking.answer(isOver)
    if (answer !== null) {
      this.#waker.wake()
      await isOver
    }
    if (this.#asking.isWell) {
      this.#pauseMs = firstPauseMs
      this.#news.isWell()
    }
    return signal.aborted ? null : answer
  }

  async #ask(): Promise<void> {
    const held = [...this.#parts.values()].reduce((sum, part) => sum + part.held, 0)
    if (this.#fetcher !== null && held <= mostHeld) await this.#asking.ask(this.#fetcher, this.#parts)
  }

  /** What came of a partition that is still ours, and was not taken back to another message since it was asked for. */
  *#chunks(
    { partition, from, messages, next, end, lostBefore }: Fetched,
    signal: AbortSignal,
  ): Generator<Chunk> {
    const part = this.#parts.get(partition)
    if (part === undefined || part.next !== from) return
    part.endsAt(end)
    this.#lookedAtMs = performance.now()
    if (lostBefore !== undefined) {
      this.#loses(part, lostBefore)
      return
    }
    const chunks = part.take(messages)
    part.passTo(next)
    // The next ones come while these are worked on.
    this.#ask().catch(() => undefined)
    for (const chunk of chunks) {
      if (signal.aborted || this.#parts.get(partition) !== part) return
      this.#options.events.read?.(chunk)
      yield chunk
    }
  }

  /** Messages are gone that were not read, or the topic is another one. */
  #loses(part: Partition, start: number): void {
    if (start < part.next) {
      this.#news.isAnother(part, start)
      this.#release(part)
      this.#begin(part.number, start)
    } else {
      this.#news.hasLost(part, start)
      part.passTo(start)
    }
  }

  async #fails(error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    this.#news.cannotRead(this.#options.reasonFor(error))
    await this.#waker.pause(this.#pauseMs, signal)
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2)
  }
}
