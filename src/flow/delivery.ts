/** Batch → outcome → position: where batches go, what becomes of them, and where that is kept. */
import type { Batch } from './batch.ts'
import type { Malformed, Positions } from './chunk.ts'

/**
 * The fate of a batch. Only these three; an exception is a bug. `retryAfterMs`: wait at least so long, or with
 * 0 not at all, since something else is there to be tried. `unsent`: nothing of the batch went out, so sending it
 * again repeats nothing.
 */
export type Outcome =
  | { readonly status: 'delivered' }
  | { readonly status: 'rejected'; readonly reason: string }
  | {
      readonly status: 'unavailable'
      readonly reason: string
      readonly retryAfterMs?: number
      readonly unsent?: boolean
    }

/** A batch that was taken in; its fate comes later. */
export interface Sending {
  readonly outcome: Promise<Outcome>
}

/** Where batches go. Neither promise ever rejects. */
export interface Destination {
  readonly name: string
  /** Resolves when there is room for more and `batch.frames` may be reused; `outcome`: its fate. */
  send(batch: Batch): Promise<Sending>
  /** Ends gracefully; whatever is still pending afterwards resolves as unavailable. */
  close(): Promise<void>
}

/** Where positions survive a restart. */
export interface Checkpoint {
  load(): Promise<Positions>
  /** Atomic: after a crash either the old or the new positions are there. */
  save(positions: Positions): Promise<void>
}

/** Where lines go that can't be delivered. Resolves when they are on disk. */
export interface DeadLetters {
  write(letters: readonly Malformed[]): Promise<void>
}
