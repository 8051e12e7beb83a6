/** A thread that transforms: it says when it is ready, gets chunks one by one and answers each with its first batch, in order. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Batch } from '../flow/batch.ts'
import type { Chunk } from '../flow/chunk.ts'
import type { Transform } from '../flow/in-parts.ts'
import { copyBatch } from './batch-copy.ts'
import { firstBatch } from './chunk-to-batch.ts'
import { createEventTransform, type EventOptions } from './event-transform.ts'

/**
 * For the transform with this index. `chunk` has no bytes: these are the first `length` of `input`. `output`: a buffer
 * that frames may be written into.
 */
export interface TransformJob {
  readonly index: number
  readonly chunk: Chunk
  readonly input: ArrayBuffer
  readonly length: number
  readonly output: ArrayBuffer | undefined
  readonly mostFrames: number | undefined
}

/** `input` is given back. */
export interface TransformAnswer {
  readonly batch: Batch
  readonly input: ArrayBuffer
}

const transforms = (workerData as readonly EventOptions[]).map((options) => createEventTransform(options))

parentPort?.on('message', ({ index, chunk, input, length, output, mostFrames }: TransformJob) => {
  const transform = transforms[index] as Transform
  // The memory of the hot loops can't change hands, so the frames go into a buffer that can.
  const bytes = Buffer.from(input, 0, length)
  const batch = copyBatch(firstBatch(transform({ ...chunk, bytes }, mostFrames)), output)
  parentPort?.postMessage({ batch, input } satisfies TransformAnswer, [batch.frames.buffer, input])
})
parentPort?.postMessage('ready')
