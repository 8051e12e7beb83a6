import type { Batch } from '../../src/flow/batch.ts'

/** The batch of a chunk that makes one; its frames are valid until the transform is called again. */
export function onlyBatch(batches: Iterable<Batch>): Batch {
  const [batch, ...others] = batches
  if (batch === undefined || others.length > 0) throw new Error('not one batch')
  return batch
}
