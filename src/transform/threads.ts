/**
 * Chunks → batches on several threads, in order. One beside this one has up to three chunks, one at work and the
 * others waiting; while all have, this one works, too. What makes more than one batch of a chunk is unusual: the others
 * are made on this thread, one by one when their turn has come, so that they take no memory and hold up no thread.
 *
 *   chunks  1 2 3 4 5 6 7 8 …  ─►  a thread:  1 2 3 5 7 …  ─►  batches 1 2 3 4 5 6 7 8 …
 *                                  this one:  4 6 8 …
 *
 * Of transforms that are the same and keep pace one makes the batch for all (`shared-batches.ts`).
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Batch } from '../flow/batch.ts'
import type { Chunk } from '../flow/chunk.ts'
import type { Batches, Transform } from '../flow/in-parts.ts'
import type { NamedFiles } from '../mistakes/named-file.ts'
import { copyBatch, SpareMemory, usualBytes } from './batch-copy.ts'
import { firstBatch, givingWay, restOf } from './chunk-to-batch.ts'
import type { EventOptions } from './event-transform.ts'
import { type Making, type Shared, SharedBatches, type Sharer } from './shared-batches.ts'
import { DEPTH, type First, TransformThread } from './transform-thread.ts'
import type { TransformSet } from './worker.ts'

/** Batches of this thread that may wait for those before them. */
const OWN_DEPTH = 4
/** Below this, handing a chunk over and its batch back costs as much as the work itself. */
const SMALL_BYTES = 32 * 1024

/** A transform, and what another thread makes the same one of. */
export interface Transforming {
  readonly transform: Transform
  readonly options: EventOptions
  /** The files that the options name, as they were when it was made; read again by each thread where they are left out. */
  readonly files?: NamedFiles
}

/** Carries transforms out on so many threads, this one among them. */
export function openStage(transforming: readonly Transforming[], threads: number): Stage {
  const stage = new Stage()
  for (const each of transforming) stage.add(each)
  stage.setThreads(threads)
  return stage
}

/** A batch to come, what is done when it is used no more, and the bytes of its frames, those of the last one where they are not known. */
interface Pending {
  readonly first: Promise<First | Unmade>
  readonly done: (batch: Batch | null) => void
  readonly bytes: number
}

/** Another one found that a chunk is more than one batch: all of it is still to be made. */
interface Unmade {
  readonly batch: null
  readonly rest: Chunk
}

interface Member extends Transforming {
  /** With those that are the same. */
  readonly shared: SharedBatches
  readonly sharer: Sharer
}

/** Where chunks become batches; transforms and threads may come and go meanwhile. */
export class Stage {
  readonly #isSame: (one: Transforming, other: Transforming) => boolean
  readonly #transforming = new Map<number, Member>()
  readonly #spare = new SpareMemory(OWN_DEPTH)
  #threads: readonly TransformThread[] = []
  #next = 0

  /** `isSame`: whether two transforms make the same of every chunk. */
  constructor(isSame: (one: Transforming, other: Transforming) => boolean = () => false) {
    this.#isSame = isSame
  }

  /** How many transforms differ. */
  get different(): number {
    return new Set([...this.#transforming.values()].map(({ shared }) => shared)).size
  }

  /** Takes a transform and returns its index. */
  add(transforming: Transforming): number {
    const index = this.#next++
    const same = [...this.#transforming.values()].find((other) => this.#isSame(transforming, other))
    const shared = same?.shared ?? new SharedBatches()
    this.#transforming.set(index, { ...transforming, shared, sharer: shared.join() })
    const add = [jobOf(index, transforming)]
    for (const thread of this.#threads) thread.change({ add, remove: [] })
    return index
  }

  /** Forgets a transform; nothing reads its batches any more. */
  remove(index: number): void {
    const member = this.#transforming.get(index)
    member?.shared.leave(member.sharer)
    this.#transforming.delete(index)
    for (const thread of this.#threads) thread.change({ add: [], remove: [index] })
  }

  /** From now on it works on so many threads, this one among them; those that are left over end their work first. */
  setThreads(count: number): void {
    const beside = count - 1
    const add = [...this.#transforming].map(([index, each]) => jobOf(index, each))
    const more = Array.from(
      { length: Math.max(0, beside - this.#threads.length) },
      () => new TransformThread(add),
    )
    for (const thread of this.#threads.slice(beside)) thread.retire()
    this.#threads = [...this.#threads.slice(0, beside), ...more]
  }

  /** For the transform with this index, used for one reading at a time. Rejects when a thread fails. */
  batchesOf(index: number): Batches {
    return (chunks, mostFrames) => this.#inOrder(index, chunks, mostFrames)
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }

  async *#inOrder(
    index: number,
    chunks: AsyncIterable<Chunk>,
    mostFrames: (() => number) | undefined,
  ): AsyncGenerator<Batch> {
    const source = chunks[Symbol.asyncIterator]()
    const { transform, shared, sharer } = this.#transforming.get(index) as Member
    const pending: Pending[] = []
    let coming: Promise<IteratorResult<Chunk>> | undefined
    let ended = false
    let failed = false
    let lastBytes = 0
    let making: Making | null = null
    async function* send({ batch, rest }: First | Unmade): AsyncGenerator<Batch> {
      const sent = pending.shift()
      try {
        if (batch !== null) {
          lastBytes = batch.frames.length
          yield batch
        }
        if (rest !== null) {
          await nextTurn()
          yield* givingWay(transform(rest, mostFrames?.()))
        }
      } finally {
        sent?.done(batch)
      }
    }
    try {
      while (!ended || pending.length > 0) {
        const most = this.#threads.length * DEPTH + OWN_DEPTH
        const isPaced = pending.length > 0 && shared.isAhead(sharer)
        if (!ended && hasRoom(pending, most) && !isPaced) coming ??= quietly(source.next())
        const head = pending[0]
        // A batch that is ready does not wait for a chunk that may never come.
        const next = await Promise.race([head?.first, coming].filter((promise) => promise !== undefined))
        if ('batch' in next) {
          yield* send(next)
          continue
        }
        coming = undefined
        ended = next.done === true
        if (next.done) continue
        const chunk = next.value
        const isUsual = () => (mostFrames?.() ?? Number.POSITIVE_INFINITY) === Number.POSITIVE_INFINITY
        let known = isUsual() ? shared.find(sharer, chunk) : null
        // Those before it are on their way first.
        while (known === null && isUsual() && pending[0] !== undefined && shared.isAhead(sharer)) {
          yield* send(await pending[0].first)
        }
        const waiting = known === null && isUsual() ? shared.pace(sharer, chunk) : undefined
        await waiting
        if (known === null && isUsual()) known = shared.find(sharer, chunk)
        if (known !== null) {
          pending.push({ first: fromOther(known, chunk), done: known.done, bytes: lastBytes })
          continue
        }
        making = isUsual() ? shared.begin(sharer, chunk) : null
        const thread = leastBusy(this.#threads)
        // A reading that was given up may get a chunk from a share that answers at last.
        const isKnown = this.#transforming.has(index)
        if (thread !== undefined && isKnown && chunk.bytes.length >= SMALL_BYTES && thread.jobs < DEPTH) {
          const first = quietly(thread.transform(index, chunk, mostFrames?.()))
          if (making !== null) tellWhenMade(first, making)
          pending.push({ first, done: givenBackTo(thread.outputs), bytes: lastBytes })
        } else if (pending.length > 0) {
          const batch = copyBatch(firstBatch(transform(chunk, mostFrames?.())), this.#spare.take())
          making?.(madeWhole(chunk, batch))
          const rest = restOf(chunk, chunk.bytes, batch)
          // The chunk ends when the next one is asked for.
          const kept = rest && { ...rest, bytes: Buffer.from(rest.bytes) }
          const bytes = batch.frames.length + (kept?.bytes.length ?? 0)
          pending.push({
            first: Promise.resolve({ batch, rest: kept }),
            done: givenBackTo(this.#spare),
            bytes,
          })
        } else {
          for await (const batch of givingWay(transform(chunk, mostFrames?.()))) {
            making?.(madeWhole(chunk, batch))
            lastBytes = batch.frames.length
            yield batch
          }
        }
      }
    } catch (error) {
      failed = true
      // Others may wait for what was to be made, and then make it themselves.
      making?.(null)
      throw error
    } finally {
      for (const { done } of pending) done(null)
      const closed = quietly(Promise.resolve(source.return?.()))
      // Asked for a chunk that does not come, a source closes when its reading is ended: because of the failure.
      if (!failed) await closed
    }
  }
}

function jobOf(index: number, { options, files = new Map() }: Transforming): TransformSet['add'][number] {
  return { index, options, files }
}

function leastBusy(threads: readonly TransformThread[]): TransformThread | undefined {
  const [first, ...others] = threads
  return others.reduce((least, each) => (least === undefined || each.jobs < least.jobs ? each : least), first)
}

function fromOther({ batch, bytes }: Shared, chunk: Chunk): Promise<First | Unmade> {
  return Promise.resolve(batch).then((made) =>
    made === null ? { batch: null, rest: { ...chunk, bytes } } : { batch: made, rest: null },
  )
}

/** The batch, if it is all that is made of the chunk. */
function madeWhole(chunk: Chunk, batch: Batch): Batch | null {
  return restOf(chunk, chunk.bytes, batch) === null ? batch : null
}

function tellWhenMade(first: Promise<First>, making: Making): void {
  first.then(
    ({ batch, rest }) => making(rest === null ? batch : null),
    () => making(null),
  )
}

function givenBackTo(spare: SpareMemory): Pending['done'] {
  return (batch) => {
    if (batch !== null) spare.put(batch.frames.buffer as ArrayBuffer)
  }
}

/** Whether so many batches at most, of a usual size or fewer larger ones, leave room for another one. */
function hasRoom(pending: readonly Pending[], most: number): boolean {
  const bytes = pending.reduce((sum, each) => sum + each.bytes, 0)
  return pending.length < most && bytes < most * usualBytes
}

/** Whoever waits for it comes later, or not at all when reading ends early. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
