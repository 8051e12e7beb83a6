/** How long to wait before a destination is tried again: at random from 0.2 s up to 0.4 s, 0.8 s … 30 s. */
import type { NextTry } from '../flow/delivery.ts'

const FIRST_MS = 200
const LAST_MS = 30_000
/** A destination that fails again sooner than this after a pause has not recovered, whatever it took in. */
const STEADY_MS = 1_000

/** What the backoff depends on, for tests: a random number in [0, 1) and a clock in milliseconds. */
export interface BackoffOptions {
  readonly random?: () => number
  readonly now?: () => number
}

/**
 * Delays between attempts. Success counts only once it has lasted a second: a peer that takes a connection
 * and resets it at once looks like success to a destination without confirmation, and must not be tried
 * (and fed) ten times a second.
 */
export class Backoff {
  readonly #random: () => number
  readonly #now: () => number
  #failures = 0
  #resumedAt = 0

  constructor({ random = Math.random, now = () => performance.now() }: BackoffOptions = {}) {
    this.#random = random
    this.#now = now
  }

  /**
   * Milliseconds to wait after one more failure. Where something else is to be tried at once, the failure counts only
   * when that fails, too.
   */
  failed(next?: NextTry): number {
    if (next === 'at once') return 0
    this.#failures++
    const ceilingMs = Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(this.#failures, 30))
    const jitteredMs = FIRST_MS + Math.floor(this.#random() * (ceilingMs - FIRST_MS))
    const delayMs = Math.max(next?.afterMs ?? 0, jitteredMs)
    this.#resumedAt = this.#now() + delayMs
    return delayMs
  }

  /** Something got through. */
  succeeded(): void {
    if (this.#failures > 0 && this.#now() - this.#resumedAt >= STEADY_MS) this.#failures = 0
  }
}
