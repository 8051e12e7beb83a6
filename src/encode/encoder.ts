/** Rows → the frames of a batch, as whatever they are written. Each way to write them is an encoder of its own. */
import type { ValueCounts } from '../flow/batch.ts'
import type { Chunk, Layout } from '../flow/chunk.ts'
import type { EventPlan } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'

/** Appends the frames of these rows to the batch. */
export type EncodeRows = (records: Records, rows: Uint32Array) => void

/** All frames of a batch, as `Batch` has them, and what became of their values. */
export interface Encoded {
  readonly frames: Buffer
  readonly ends: Uint32Array
  readonly counts: ValueCounts
  /** That of `Batch`. */
  readonly layout?: Layout
}

/** Makes one batch after the other. */
export interface Encoder {
  /** Makes ready for the rows of one layout, and the plan for it. */
  prepare(plan: EventPlan, layout: Layout): EncodeRows
  /** Begins a batch of a chunk. `sendTimeMs`: epoch milliseconds, for headers that carry the send time. */
  begin(sendTimeMs: number, chunk: Pick<Chunk, 'file'>): void
  /** How many frames there are since `begin`. */
  readonly frames: number
  /** True where those of a batch have to be of rows with one layout. */
  readonly isByLayout?: boolean
  /** What was encoded since `begin`; valid until then. */
  end(): Encoded
}
