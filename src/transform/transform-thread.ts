/** A thread beside the main one that makes batches of chunks, seen from the main one. */
import type { Worker } from 'node:worker_threads'
import type { Batch } from '../flow/batch.ts'
import type { Chunk } from '../flow/chunk.ts'
import { startThread } from '../package/thread.ts'
import { roomFor, SpareMemory } from './batch-copy.ts'
import { restOf } from './chunk-to-batch.ts'
import type { TransformAnswer, TransformJob, TransformSet } from './worker.ts'

/** Chunks that it has at a time: enough to go on with while the main thread is busy. */
export const DEPTH = 3

const noBytes = Buffer.alloc(0)

/** The first batch of a chunk, and what is left of it then. */
export interface First {
  readonly batch: Batch
  readonly rest: Chunk | null
}

interface Waiting {
  readonly chunk: Chunk
  readonly length: number
  readonly resolve: (first: First) => void
  readonly reject: (error: Error) => void
}

/** A thread with the chunks that it has. */
export class TransformThread {
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []
  /** What goes back and forth: for bytes of chunks, and for frames. */
  readonly #inputs = new SpareMemory(DEPTH)
  readonly outputs = new SpareMemory(DEPTH)
  #isReady = false
  #isRetired = false
  #failure: Error | undefined

  constructor(add: TransformSet['add']) {
    const work: TransformSet = { add, remove: [] }
    this.#worker = startThread('transform-worker', work)
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
