/**
 * Chunks → batches on other threads, in order. Each thread has up to two chunks: one at work, one waiting.
 *
 *   chunks  1 2 3 4 …  ─►  thread A: 1 3     ─►  batches 1 2 3 4 …
 *                          thread B: 2 4
 */
import { Worker } from 'node:worker_threads'
import type { EventOptions } from './event-transform.ts'
import { inTurn } from './transform.ts'
import type { TransformAnswer, TransformJob } from './transform-worker.ts'
import type { Batch, Batches, Chunk, Transform } from './types.ts'

/** Chunks that a thread has at a time. */
const DEPTH = 2

const noBytes = Buffer.alloc(0)

/** Run from source, as tests do, the thread is that of the last build. */
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? '../dist/transform-worker.js' : './transform-worker.js',
  import.meta.url,
)

/** Where chunks become batches. */
export interface Stage {
  readonly batches: Batches
  close(): Promise<void>
}

/** `transform` in this thread, or `threads` others that are made of the same options, which must be checked already. */
export function openStage(transform: Transform, options: EventOptions, threads: number): Stage {
  return threads === 0
    ? { batches: inTurn(transform), close: async () => {} }
    : new TransformThreads(options, threads)
}

export class TransformThreads implements Stage {
  readonly #threads: readonly TransformThread[]

  /** `count` threads; the options must be checked already. */
  constructor(options: EventOptions, count: number) {
    this.#threads = Array.from({ length: count }, () => new TransformThread(options))
  }

  /** Batches in the order of the chunks. Rejects when a thread fails. */
  readonly batches: Batches = (chunks) => this.#inOrder(chunks)

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }

  async *#inOrder(chunks: AsyncIterable<Chunk>): AsyncGenerator<Batch> {
    const source = chunks[Symbol.asyncIterator]()
    const most = this.#threads.length * DEPTH
    const pending: Promise<Batch>[] = []
    let given = 0
    let coming: Promise<IteratorResult<Chunk>> | undefined
    let ended = false
    try {
      while (!ended || pending.length > 0) {
        if (!ended && pending.length < most) coming ??= quietly(source.next())
        // A batch that is ready does not wait for a chunk that may never come.
        const first = await Promise.race([...pending.slice(0, 1), ...(coming === undefined ? [] : [coming])])
        if ('frames' in first) {
          pending.shift()
          yield first
          this.#threadOf(given - pending.length - 1).reuse(first.frames)
        } else {
          coming = undefined
          ended = first.done === true
          if (!first.done) pending.push(quietly(this.#threadOf(given++).transform(first.value)))
        }
      }
    } finally {
      await source.return?.()
    }
  }

  #threadOf(index: number): TransformThread {
    return this.#threads[index % this.#threads.length] as TransformThread
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

  constructor(options: EventOptions) {
    this.#worker = new Worker(workerFile, { workerData: options })
    this.#worker.on('message', (answer: TransformAnswer) => this.#answer(answer))
    this.#worker.on('error', (error) => this.#fail(error as Error))
    this.#worker.on('exit', () => this.#fail(new Error('a transforming thread has ended')))
    // Nothing but an answer that is awaited keeps the process alive.
    this.#worker.unref()
  }

  transform(chunk: Chunk): Promise<Batch> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const length = chunk.bytes.length
    const spare = this.#inputs.pop()
    const input = spare !== undefined && spare.byteLength >= length ? spare : new ArrayBuffer(length)
    new Uint8Array(input).set(chunk.bytes)
    const output = this.#outputs.pop()
    const job: TransformJob = { chunk: { ...chunk, bytes: noBytes }, input, length, output }
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
