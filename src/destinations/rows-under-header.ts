/**
 * Rows as they stand in the log go under their header: each file and each connection begins with it, and has it again
 * where it changes.
 *
 *   │ header a │ rows of a │ rows of a │ header b │ rows of b │
 */
import type { Batch } from '../flow/batch.ts'
import type { Layout } from '../flow/chunk.ts'
import { headerBlock, isSameHeader } from '../records/header.ts'

const nothing = Buffer.alloc(0)

/** Which header is in force at each of the places that a destination writes to: open files, connections. */
export class HeadersInForce {
  readonly #layouts = new WeakMap<object, Layout>()

  /** What has to stand in front of a batch there; empty where its header is in force, and for what is no row. */
  inFrontOf({ layout }: Pick<Batch, 'layout'>, place: object): Buffer {
    return layout === undefined || isSameHeader(this.#layouts.get(place), layout)
      ? nothing
      : headerBlock(layout)
  }

  /** It stands there now, with rows behind it. */
  isThere({ layout }: Pick<Batch, 'layout'>, place: object): void {
    if (layout !== undefined && !isSameHeader(this.#layouts.get(place), layout))
      this.#layouts.set(place, layout)
  }

  /** What stands there is not known any more. */
  forget(place: object): void {
    this.#layouts.delete(place)
  }
}
