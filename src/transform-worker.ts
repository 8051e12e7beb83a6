/** A thread that transforms: it gets chunks one by one and answers each with its batch, in order. */
import { parentPort, workerData } from 'node:worker_threads'
import { createEventTransform, type EventOptions } from './event-transform.ts'
import type { Batch, Chunk } from './types.ts'

/** `spare`: a buffer that frames may be written into. */
export interface TransformJob {
  readonly chunk: Chunk
  readonly spare: ArrayBuffer | undefined
}

const transform = createEventTransform(workerData as EventOptions)

parentPort?.on('message', ({ chunk, spare }: TransformJob) => {
  const batch = transform({ ...chunk, bytes: Buffer.from(chunk.bytes.buffer as ArrayBuffer) })
  // The memory of the hot loops can't change hands, so the frames go into a buffer that can.
  const size = batch.frames.length
  const buffer = spare !== undefined && spare.byteLength >= size ? spare : new ArrayBuffer(size * 1.25)
  new Uint8Array(buffer).set(batch.frames)
  const malformed = batch.malformed.map((letter) => ({ ...letter, line: letter.line.slice() }))
  const answer: Batch = {
    ...batch,
    frames: Buffer.from(buffer, 0, size),
    ends: batch.ends.slice(),
    malformed,
  }
  parentPort?.postMessage(answer, [buffer])
})
