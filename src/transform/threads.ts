/**
 * Chunks → batches on several threads, in order. One beside this one has up to three chunks, one at work and the
 * others waiting; while all have, this one works, too. What makes more than one batch of a chunk is unusual: the others
 * are made on this thread, one by one when their turn has come, so that they take no memory and hold up no thread.
 *
 *   chunks  1 2 3 4 5 6 7 8 …  ─►  a thread:  1 2 3 5 7 …  ─►  batches 1 2 3 4 5 6 7 8 …
 *                                  this one:  4 6 8 …
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Batch } from '../flow/batch.ts'
import type { Chunk } from '../flow/chunk.ts'
import type { Batches, Transform } from '../flow/in-parts.ts'
import type { NamedFiles } from '../mistakes/named-file.ts'
import { copyBatch, roomFor, SpareMemory, usualBytes } from './batch-copy.ts'
import { firstBatch, givingWay, restOf } from './chunk-to-batch.ts'
import type { EventOptions } from './event-transform.ts'
import type { TransformAnswer, TransformJob, TransformSet } from './worker.ts'

/** Chunks that a thread beside this one has at a time: enough to go on with while this one is busy. */
const DEPTH = 3
/** Batches of this thread that may wait for those before them. */
const OWN_DEPTH = 4
/** Below this, handing a chunk over and its batch back costs as much as the work itself. */
const SMALL_BYTES = 32 * 1024

const noBytes = Buffer.alloc(0)

/** Run from source, as tests do, the thread is that of the last build. */
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/transform-worker.mjs' : './transform-worker.mjs',
  import.meta.url,
)

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

/** The first batch of a chunk, and what is left of it then. */
interface First {
  readonly batch: Batch
  readonly rest: Chunk | null
}

/** A batch to come, where the memory of its frames goes afterwards, and their bytes, those of the last one where they are not known. */
interface Pending {
  readonly first: Promise<First>
  readonly spare: SpareMemory
  readonly bytes: number
}

/** Where chunks become batches; transforms and threads may come and go meanwhile. */
export class Stage {
  readonly #transforming = new Map<number, Transforming>()
  readonly #spare = new SpareMemory(OWN_DEPTH)
  #threads: readonly TransformThread[] = []
  #next = 0

  /** Takes a transform and returns its index. */
  add(transforming: Transforming): number {
    const index = this.#next++
    this.#transforming.set(index, transforming)
    const add = [jobOf(index, transforming)]
    for (const thread of this.#threads) thread.change({ add, remove: [] })
    return index
  }

  /** Forgets a transform; nothing reads its batches any more. */
  remove(index: number): void {
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
    const { transform } = this.#transforming.get(index) as Transforming
    const pending: Pending[] = []
    let coming: Promise<IteratorResult<Chunk>> | undefined
    let ended = false
    let failed = false
    let lastBytes = 0
    try {
      while (!ended || pending.length > 0) {
        const most = this.#threads.length * DEPTH + OWN_DEPTH
        if (!ended && hasRoom(pending, most)) coming ??= quietly(source.next())
        const head = pending[0]
        // A batch that is ready does not wait for a chunk that may never come.
        const next = await Promise.race([head?.first, coming].filter((promise) => promise !== undefined))
        if ('batch' in next) {
          const { batch, rest } = next
          pending.shift()
          lastBytes = batch.frames.length
          yield batch
          head?.spare.put(batch.frames.buffer as ArrayBuffer)
          if (rest !== null) {
            await nextTurn()
            yield* givingWay(transform(rest, mostFrames?.()))
          }
          continue
        }
        coming = undefined
        ended = next.done === true
        if (next.done) continue
        const chunk = next.value
        const thread = leastBusy(this.#threads)
        // A reading that was given up may get a chunk from a share that answers at last.
        const isKnown = this.#transforming.has(index)
        if (thread !== undefined && isKnown && chunk.bytes.length >= SMALL_BYTES && thread.jobs < DEPTH) {
          const first = quietly(thread.transform(index, chunk, mostFrames?.()))
          pending.push({ first, spare: thread.outputs, bytes: lastBytes })
        } else if (pending.length > 0) {
          const batch = copyBatch(firstBatch(transform(chunk, mostFrames?.())), this.#spare.take())
          const rest = restOf(chunk, chunk.bytes, batch)
          // The chunk ends when the next one is asked for.
          const kept = rest && { ...rest, bytes: Buffer.from(rest.bytes) }
          const bytes = batch.frames.length + (kept?.bytes.length ?? 0)
          pending.push({ first: Promise.resolve({ batch, rest: kept }), spare: this.#spare, bytes })
        } else {
          for await (const batch of givingWay(transform(chunk, mostFrames?.()))) {
            lastBytes = batch.frames.length
            yield batch
          }
        }
      }
    } catch (error) {
      failed = true
      throw error
    } finally {
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

interface Waiting {
  readonly chunk: Chunk
  readonly length: number
  readonly resolve: (first: First) => void
  readonly reject: (error: Error) => void
}

class TransformThread {
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []
  /** What goes back and forth: for bytes of chunks, and for frames. */
  readonly #inputs = new SpareMemory(DEPTH)
  readonly outputs = new SpareMemory(DEPTH)
  #isReady = false
  #isRetired = false
  #failure: Error | undefined

  constructor(add: TransformSet['add']) {
    this.#worker = new Worker(workerFile, { workerData: { add, remove: [] } satisfies TransformSet })
    this.#worker.on('message', (answer: TransformAnswer | 'ready') => this.#answer(answer))
    this.#worker.on('error', (error) => this.#fail(error as Error))
    this.#worker.on('exit', () => this.#fail(new Error('a transforming thread has ended')))
    // Nothing but an answer that is awaited keeps the process alive.
    this.#worker.unref()
  }

  /** Chunks at work or waiting; infinite before it is ready for any. */
  get jobs(): number {
    return this.#isReady ? this.#waiting.length : Number.POSITIVE_INFINITY
  }

  transform(index: number, chunk: Chunk, mostFrames: number | undefined): Promise<First> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const { length } = chunk.bytes
    const input = roomFor(length, this.#inputs.take())
    new Uint8Array(input).set(chunk.bytes)
    const output = this.outputs.take()
    const withoutBytes = { ...chunk, bytes: noBytes }
    const job: TransformJob = { index, chunk: withoutBytes, input, length, output, mostFrames }
    this.#worker.ref()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ chunk: withoutBytes, length, resolve, reject })
      this.#worker.postMessage(job, output === undefined ? [input] : [input, output])
    })
  }

  /** For the chunks that come from now on. */
  change(set: TransformSet): void {
    this.#worker.postMessage(set)
  }

  /** Ends once it has answered all; it gets no more. */
  retire(): void {
    this.#isRetired = true
    if (this.#waiting.length === 0) void this.close()
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #answer(answer: TransformAnswer | 'ready'): void {
    this.#isReady = true
    if (answer === 'ready') return
    const { input } = answer
    const batch = asBuffers(answer.batch)
    const { chunk, length, resolve } = this.#waiting.shift() as Waiting
    const rest = restOf(chunk, Buffer.from(input, 0, length), batch)
    if (rest === null) this.#inputs.put(input)
    resolve({ batch, rest })
    if (this.#waiting.length > 0) return
    this.#worker.unref()
    if (this.#isRetired) void this.close()
  }

  /** From now on it is given chunks in order to refuse them. */
  #fail(error: Error): void {
    this.#failure ??= error
    this.#isReady = true
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
  }
}

/** Between threads a Buffer becomes a plain array of bytes. */
function asBuffers(batch: Batch): Batch {
  const { frames, origins } = batch
  return {
    ...batch,
    frames: asBuffer(frames),
    ...(origins !== undefined && { origins: { ...origins, keys: asBuffer(origins.keys) } }),
  }
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
