/**
 * How much one connection carries before its end has to prove that it was read: the peer's measure.
 *
 *   64 KiB, doubled with each end that is proved      a peer is fast once it has shown so, and what a slow one
 *                                                     holds unread can be read before it counts as lost
 *   a quarter, down to a single frame                 after one that was lost: a peer that resets each connection
 *                                                     after so many bytes is found to take fewer than those
 *
 * What must stay true: whatever was lost on the way is sent again in ever smaller pieces, and the size that was too
 * much is tried again only once several times as much was proved, so that less is repeated than is settled. By what
 * was proved, not by time: after one small loss a backlog would crawl frame by frame for as long as that takes.
 */

const firstBytes = 64 * 1024
/** The size that failed is tried again once so many times as much was proved, and twice as much each time it fails again. */
const firstTimes = 4
const lastTimes = 4096

interface RotationSizeOptions {
  /** What the settings allow; the peer that keeps up has no other limit. */
  readonly turnAfterBytes: number
  readonly stallTimeoutMs: number
}

/** Grows with what is proved and shrinks with what is lost. */
export class RotationSize {
  readonly #options: RotationSizeOptions
  #bytes: number
  /** No growth beyond this until `#heldBytes` more are proved. */
  #ceiling = Number.POSITIVE_INFINITY
  #heldBytes = 0
  #times = firstTimes
  /** The size that failed last; infinite since as much was proved. */
  #failedBytes = Number.POSITIVE_INFINITY
  /** The least that was lost since something was proved; infinite when nothing was. */
  #lostBytes = Number.POSITIVE_INFINITY
  /** The quickest end of all: that long an end takes with nothing left to be read. */
  #latencyMs = Number.POSITIVE_INFINITY

  constructor(options: RotationSizeOptions) {
    this.#options = options
    this.#bytes = Math.min(firstBytes, options.turnAfterBytes)
  }

  /** Bytes that a connection may carry, but always a frame; undefined when the settings alone limit it. */
  get limit(): number | undefined {
    return this.#bytes < this.#options.turnAfterBytes ? this.#bytes : undefined
  }

  /** The end of a connection proved what it carried, `tookMs` after our half-close. */
  proved(carriedBytes: number, tookMs: number): void {
    const { turnAfterBytes, stallTimeoutMs } = this.#options
    this.#latencyMs = Math.min(this.#latencyMs, tookMs)
    // What is lost and then gets through was not too much: the peer was away or stood still.
    this.#heldBytes = carriedBytes >= this.#lostBytes ? 0 : this.#heldBytes - carriedBytes
    this.#lostBytes = Number.POSITIVE_INFINITY
    if (this.#heldBytes <= 0) this.#ceiling = Number.POSITIVE_INFINITY
    if (carriedBytes >= this.#failedBytes) {
      this.#failedBytes = Number.POSITIVE_INFINITY
      this.#times = firstTimes
    }
    const drainMs = tookMs - this.#latencyMs
    const mostMs = stallTimeoutMs / 4
    if (drainMs > mostMs) {
      // Any more, and it would count as standing still.
      const bytes = Math.floor(Math.min(this.#bytes, carriedBytes) * Math.max(mostMs / drainMs, 1 / 4))
      this.#bytes = Math.min(Math.max(bytes, firstBytes), this.#bytes)
    } else if (drainMs < mostMs / 2 && carriedBytes * 2 >= this.#bytes) {
      this.#bytes = Math.max(this.#bytes, Math.min(this.#bytes * 2, turnAfterBytes, this.#ceiling))
    }
  }

  /** What a connection carried was lost, or not proved. */
  lost(carriedBytes: number): void {
    const tooMuch = this.limit === undefined ? carriedBytes : Math.min(this.#bytes, carriedBytes)
    this.#ceiling = Math.max(1, Math.floor(tooMuch / 2))
    this.#bytes = Math.min(this.#options.turnAfterBytes, Math.max(1, Math.floor(tooMuch / 4)))
    // One loss after the other, with nothing proved in between, is one failure.
    const isNew = this.#lostBytes === Number.POSITIVE_INFINITY
    this.#lostBytes = Math.min(this.#lostBytes, carriedBytes)
    if (isNew && this.#failedBytes !== Number.POSITIVE_INFINITY) {
      this.#times = Math.min(this.#times * 2, lastTimes)
    }
    this.#failedBytes = tooMuch
    this.#heldBytes = this.#times * tooMuch
  }

  /** After `lost`: the peer did not get to the end of it in time, which took long to find out. */
  unread(): void {
    this.#bytes = Math.min(this.#bytes, firstBytes)
  }
}
