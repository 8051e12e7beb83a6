/** A thread that transforms, for several at a time: it gets chunks one by one and answers each with its batch, in order. */
import { parentPort, workerData } from 'node:worker_threads'
import { createEventTransform, type EventOptions } from './event-transform.ts'
import type { Batch, Chunk, Transform } from './types.ts'

/** For the transform with this index. `chunk` has no bytes: these are the first `length` of `input`. `output`: a buffer that frames may be written into. */
export interface TransformJob {
  readonly index: number
  readonly chunk: Chunk
  readonly input: ArrayBuffer
  readonly length: number
  readonly output: ArrayBuffer | undefined
}

/** `input` is given back. */
export interface TransformAnswer {
  readonly batch: Batch
  readonly input: ArrayBuffer
}

const transforms = (workerData as readonly EventOptions[]).map((options) => createEventTransform(options))

parentPort?.on('message', ({ index, chunk, input, length, output }: TransformJob) => {
  const transform = transforms[index] as Transform
  const batch = transform({ ...chunk, bytes: Buffer.from(input, 0, length) })
  // The memory of the hot loops can't change hands, so the frames go into a buffer that can.
  const size = batch.frames.length
  const buffer = output !== undefined && output.byteLength >= size ? output : new ArrayBuffer(size * 1.25)
  new Uint8Array(buffer).set(batch.frames)
  // A short Buffer is a piece of a larger one, all of which would go along.
  const malformed = batch.malformed.map((letter) => ({ ...letter, line: Uint8Array.from(letter.line) }))
  const frames = Buffer.from(buffer, 0, size)
  const answer: TransformAnswer = { batch: { ...batch, frames, ends: batch.ends.slice(), malformed }, input }
  parentPort?.postMessage(answer, [buffer, input])
})
