/** Lines with the same sentence that are written at once, and how many more each minute. */
const BURST = 200
const PER_MINUTE = 20
/** Sentences that are looked after: there are fewer, unless one is put together from what stands in a log. */
const MOST_SENTENCES = 1000

interface Bucket {
  /** Lines that may be written. */
  left: number
  atMs: number
  leftOut: number
}

/** What becomes of a line: written, with how many were left out before it, or left out, the first of its kind or not. */
export type Verdict =
  | { readonly isWritten: true; readonly leftOut: number }
  | { readonly isWritten: false; readonly isFirst: boolean }

/**
 * Bounds the own log: whatever a log folder or a receiver does, a sentence is written so often and no more, so that a
 * disk never fills with it and what else is said can be found.
 */
export class Flood {
  readonly #buckets = new Map<string, Bucket>()

  judge(sentence: string, nowMs: number): Verdict {
    const bucket = this.#bucketOf(sentence, nowMs)
    bucket.left = Math.min(BURST, bucket.left + ((nowMs - bucket.atMs) / 60_000) * PER_MINUTE)
    bucket.atMs = nowMs
    if (bucket.left < 1) return { isWritten: false, isFirst: bucket.leftOut++ === 0 }
    bucket.left--
    const { leftOut } = bucket
    bucket.leftOut = 0
    return { isWritten: true, leftOut }
  }

  /** Lines left out that no later line told of. */
  get leftOut(): number {
    return [...this.#buckets.values()].reduce((sum, { leftOut }) => sum + leftOut, 0)
  }

  #bucketOf(sentence: string, nowMs: number): Bucket {
    // Beyond that all others are one.
    const known = this.#buckets.has(sentence) || this.#buckets.size < MOST_SENTENCES
    const key = known ? sentence : ''
    const bucket = this.#buckets.get(key) ?? { left: BURST, atMs: nowMs, leftOut: 0 }
    this.#buckets.set(key, bucket)
    return bucket
  }
}
