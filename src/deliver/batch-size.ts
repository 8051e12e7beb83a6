/** Frames settled in a row until batches may be larger again, in batches. */
const STEADY_BATCHES = 8
const SHRINK_FACTOR = 4
/** A batch is hardly ever larger, whatever it may be. */
const LARGEST = 4096

/**
 * How many frames a batch may have. A receiver that takes only so much of a connection never settles a larger batch:
 * after a rewind without anything settled the next ones are smaller, down to a single frame, and after progress they
 * grow again.
 */
export class BatchSize {
  #mostFrames = Number.POSITIVE_INFINITY
  #settled = 0

  /** Of the batches to be made next. */
  get mostFrames(): number {
    return this.#mostFrames
  }

  /** So many frames were settled. */
  settled(frames: number): void {
    this.#settled += frames
    if (this.#settled < STEADY_BATCHES * this.#mostFrames) return
    this.#settled = 0
    this.#mostFrames *= 2
    if (this.#mostFrames > LARGEST) this.#mostFrames = Number.POSITIVE_INFINITY
  }

  /** The window was given up before anything of it was settled; its first batch had so many frames, which were sent. */
  stuck(frames: number): void {
    this.#settled = 0
    this.#mostFrames = Math.max(1, Math.floor(Math.min(this.#mostFrames, frames) / SHRINK_FACTOR))
  }
}
