/** Batches of given frames. */
import type { Batch } from '../../../src/flow/batch.ts'
import { batch } from '../deliver/doubles.ts'

/** A batch of these frames. */
export function batchOf(...frames: readonly string[]): Batch {
  const ends = new Uint32Array(frames.length)
  let end = 0
  for (const [index, frame] of frames.entries()) {
    end += Buffer.byteLength(frame)
    ends[index] = end
  }
  return { ...batch(1), frames: Buffer.from(frames.join('')), ends }
}
