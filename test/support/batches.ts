import type { Batch, BatchCounts } from '../../src/flow/batch.ts'

/** The batch of a chunk that makes one; its frames are valid until the transform is called again. */
export function onlyBatch(batches: Iterable<Batch>): Batch {
  const [batch, ...others] = batches
  if (batch === undefined || others.length > 0) throw new Error('not one batch')
  return batch
}

/** Of a batch of so many events to which nothing happened. */
export function countsOf(events: number): BatchCounts {
  return { events, filtered: 0, malformed: 0, cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 }
}
