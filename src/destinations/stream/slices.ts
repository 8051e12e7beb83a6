/** A batch that goes out in parts: which frames go together, and what becomes of the whole. */
import type { Batch } from '../../flow/batch.ts'
import { type Outcome, type Sending, settledAs } from '../../flow/delivery.ts'
import { HeadersInForce } from '../rows-under-header.ts'

/** How many frames from `first` on hold `bytes` together at most; one at least, since frames stay whole. */
function framesWithin(ends: Uint32Array, first: number, bytes: number): number {
  const most = (ends[first - 1] ?? 0) + bytes
  let low = first + 1
  let high = ends.length
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((ends[middle - 1] as number) <= most) low = middle
    else high = middle - 1
  }
  return low - first
}

/** A part that went out, with so many frames; or why nothing more does. */
type Part = { readonly count: number; readonly outcome: Promise<Outcome> } | { readonly reason: string }

/**
 * Sends a batch part by part. Behind a part that was lost the rest would overtake it, so `send` has to ask for that
 * right before it writes: `lost` gives why.
 */
export async function sendInParts(
  { ends }: Batch,
  send: (first: number, lost: () => string | undefined) => Promise<Part>,
): Promise<Sending> {
  const outcomes: Promise<Outcome>[] = []
  let lost: string | undefined
  for (let first = 0; first < ends.length; ) {
    const part = await send(first, () => lost)
    if ('reason' in part) {
      const { reason } = part
      const unsent = outcomes.length === 0
      return settledAs({ status: 'unavailable', reason, unsent })
    }
    void part.outcome.then((fate) => {
      if (fate.status === 'unavailable') lost ??= fate.reason
    })
    outcomes.push(part.outcome)
    first += part.count
  }
  return { outcome: fateOfAll(outcomes) }
}

/** What of a batch goes out next: so many frames, and their bytes. */
interface Slice {
  readonly count: number
  readonly bytes: Buffer
}

/** Cuts batches for connections; rows as they stand have their header in front where it is not in force there. */
export class Slicer {
  readonly #headers = new HeadersInForce()

  /** The frames from `first` on that hold `mostBytes` together at most, one at least: they are sent on that connection. */
  next(batch: Batch, first: number, mostBytes: number, connection: object): Slice {
    const { frames, ends } = batch
    const header = this.#headers.inFrontOf(batch, connection)
    this.#headers.isThere(batch, connection)
    const count = framesWithin(ends, first, mostBytes - header.length)
    const bytes = frames.subarray(ends[first - 1] ?? 0, ends[first + count - 1])
    return { count, bytes: header.length > 0 ? Buffer.concat([header, bytes]) : bytes }
  }
}

/** Unavailable as soon as one is; otherwise, once all are known, rejected if one is. */
export function fateOfAll(outcomes: readonly Promise<Outcome>[]): Promise<Outcome> {
  const [only] = outcomes
  if (only !== undefined && outcomes.length === 1) return only
  return new Promise((resolve) => {
    for (const sent of outcomes) {
      void sent.then((outcome) => {
        if (outcome.status === 'unavailable') resolve(outcome)
      })
    }
    void Promise.all(outcomes).then((all) => {
      const except = all.flatMap((one) => (one.status === 'delivered' ? (one.except ?? []) : []))
      resolve(
        all.find(({ status }) => status === 'rejected') ?? {
          status: 'delivered',
          ...(except.length > 0 && { except }),
        },
      )
    })
  })
}
