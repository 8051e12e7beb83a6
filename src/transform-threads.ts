/**
 * Chunks → batches on several threads, in order. One beside this one has up to two chunks, one at work and one
 * waiting; while all have, this one works, too.
 *
 *   chunks  1 2 3 4 5 …  ─►  a thread:  1 2 4 …  ─►  batches 1 2 3 4 5 …
 *                            this one:  3 5 …
 */
import { Worker } from 'node:worker_threads'
import type { EventOptions } from './event-transform.ts'
import { inTurn } from './transform.ts'
import type { TransformAnswer, TransformJob } from './transform-worker.ts'
import type { Batch, Batches, Chunk, Transform } from './types.ts'

/** Chunks that a thread has at a time. */
const DEPTH = 2
/** Below this, handing a chunk over and its batch back costs as much as the work itself. */
const SMALL_BYTES = 32 * 1024

const noBytes = Buffer.alloc(0)

/** Run from source, as tests do, the thread is that of the last build. */
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? '../dist/transform-worker.js' : './transform-worker.js',
  import.meta.url,
)

/** A transform, and the options of which another thread makes the same one. */
export interface Transforming {
  readonly transform: Transform
  readonly options: EventOptions
}

/** Where chunks become batches. */
export interface Stage {
  /** For the transform with this index. Each is used for one reading at a time. */
  batchesOf(index: number): Batches
  close(): Promise<void>
}

/** Carries transforms out on so many threads, this one among them. */
export function openStage(transforming: readonly Transforming[], threads: number): Stage {
  if (threads > 1) return new TransformThreads(transforming, threads - 1)
  return {
    batchesOf: (index) => inTurn((transforming[index] as Transforming).transform),
    close: async () => {},
  }
}

/** A batch to come; `thread` is undefined when this one has made it. */
interface Pending {
  readonly batch: Promise<Batch>
  readonly thread: TransformThread | undefined
}

class TransformThreads implements Stage {
  readonly #transforms: readonly Transform[]
  readonly #threads: readonly TransformThread[]

  constructor(transforming: readonly Transforming[], beside: number) {
    this.#transforms = transforming.map(({ transform }) => transform)
    const options = transforming.map((each) => each.options)
    this.#threads = Array.from({ length: beside }, () => new TransformThread(options))
  }

  /** Rejects when a thread fails. */
  batchesOf(index: number): Batches {
    return (chunks) => this.#inOrder(index, chunks)
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }

  async *#inOrder(index: number, chunks: AsyncIterable<Chunk>): AsyncGenerator<Batch> {
    const source = chunks[Symbol.asyncIterator]()
    const most = this.#threads.length * DEPTH + 1
    const pending: Pending[] = []
    let coming: Promise<IteratorResult<Chunk>> | undefined
    let ended = false
    try {
      while (!ended || pending.length > 0) {
        if (!ended && pending.length < most) coming ??= quietly(source.next())
        const head = pending[0]
        // A batch that is ready does not wait for a chunk that may never come.
        const first = await Promise.race([head?.batch, coming].filter((promise) => promise !== undefined))
        if ('frames' in first) {
          pending.shift()
          yield first
          head?.thread?.reuse(first.frames)
        } else {
          coming = undefined
          ended = first.done === true
          if (!first.done) pending.push(this.#transform(index, first.value, pending))
        }
      }
    } finally {
      await source.return?.()
    }
  }

  #transform(index: number, chunk: Chunk, pending: readonly Pending[]): Pending {
    const thread = this.#threads.reduce((least, each) => (each.jobs < least.jobs ? each : least))
    // The frames of a batch made here are valid until the next one is.
    const isFree = pending.every((each) => each.thread !== undefined)
    if (isFree && (chunk.bytes.length < SMALL_BYTES || thread.jobs >= DEPTH)) {
      const transform = this.#transforms[index] as Transform
      return { batch: Promise.resolve(transform(chunk)), thread: undefined }
    }
    return { batch: quietly(thread.transform(index, chunk)), thread }
  }
}

/** Whoever waits for it comes later, or not at all when reading ends early. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

interface Waiting {
  readonly resolve: (batch: Batch) => void
  readonly reject: (error: Error) => void
}

class TransformThread {
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []
  /** Buffers that go back and forth, so that none has to be collected: for bytes of chunks, and for frames. */
  readonly #inputs: ArrayBuffer[] = []
  readonly #outputs: ArrayBuffer[] = []
  #failure: Error | undefined

  constructor(options: readonly EventOptions[]) {
    this.#worker = new Worker(workerFile, { workerData: options })
    this.#worker.on('message', (answer: TransformAnswer) => this.#answer(answer))
    this.#worker.on('error', (error) => this.#fail(error as Error))
    this.#worker.on('exit', () => this.#fail(new Error('a transforming thread has ended')))
    // Nothing but an answer that is awaited keeps the process alive.
    this.#worker.unref()
  }

  /** Chunks at work or waiting. */
  get jobs(): number {
    return this.#waiting.length
  }

  transform(index: number, chunk: Chunk): Promise<Batch> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const length = chunk.bytes.length
    const spare = this.#inputs.pop()
    const input = spare !== undefined && spare.byteLength >= length ? spare : new ArrayBuffer(length)
    new Uint8Array(input).set(chunk.bytes)
    const output = this.#outputs.pop()
    const job: TransformJob = { index, chunk: { ...chunk, bytes: noBytes }, input, length, output }
    this.#worker.ref()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#worker.postMessage(job, output === undefined ? [input] : [input, output])
    })
  }

  reuse(frames: Buffer): void {
    if (this.#outputs.length < DEPTH) this.#outputs.push(frames.buffer as ArrayBuffer)
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #answer({ batch, input }: TransformAnswer): void {
    if (this.#inputs.length < DEPTH) this.#inputs.push(input)
    this.#waiting.shift()?.resolve(asBuffers(batch))
    if (this.#waiting.length === 0) this.#worker.unref()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
  }
}

/** Between threads a Buffer becomes a plain array of bytes. */
function asBuffers(batch: Batch): Batch {
  const { buffer, byteOffset, byteLength } = batch.frames
  return { ...batch, frames: Buffer.from(buffer, byteOffset, byteLength) }
}
