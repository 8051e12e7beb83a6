/** When a connection has carried enough, so that the next one takes over. */
import type { Connection } from '../stream/connection.ts'

/**
 * Rotating by size may take at most this part of the time: it costs a round trip, on Linux a look into the list
 * of connections, and the smoothing of the buffers in between.
 */
const handoverShare = 1 / 40
/** But no connection carries more than so many times `turnAfterBytes`, whatever rotating costs. */
const mostTimes = 8

interface PaceOptions {
  readonly turnAfterMs: number
  readonly turnAfterBytes: number
}

/** Decides by time, by size, and by what the last rotation cost. */
export class RotationPace {
  readonly #options: PaceOptions
  /** How long the last handing over took. */
  #handoverMs = 0

  constructor(options: PaceOptions) {
    this.#options = options
  }

  /** The last rotation took so long, from the end of one connection to the first byte of the next. */
  took(handoverMs: number): void {
    this.#handoverMs = handoverMs
  }

  /** Whether the next one has to take over; `lessBytes` when the peer is so slow that it gets less at a time. */
  isDue({ carriedBytes, ageMs }: Pick<Connection, 'carriedBytes' | 'ageMs'>, lessBytes?: number): boolean {
    const { turnAfterMs, turnAfterBytes } = this.#options
    if (ageMs >= turnAfterMs) return true
    if (lessBytes !== undefined) return carriedBytes >= lessBytes
    if (carriedBytes < turnAfterBytes) return false
    return ageMs * handoverShare >= this.#handoverMs || this.isFull({ carriedBytes })
  }

  /** Whether nothing more may be written to it: what a break repeats is bounded by this. */
  isFull({ carriedBytes }: Pick<Connection, 'carriedBytes'>): boolean {
    return carriedBytes >= mostTimes * this.#options.turnAfterBytes
  }
}
