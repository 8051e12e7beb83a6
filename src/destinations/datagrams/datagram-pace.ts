/**
 * Spreads datagrams evenly over time. A receiver's socket buffer, 212,992 bytes by default on Linux, drops without a
 * word what it has no room for; with what the kernel adds to each it holds some ninety events. So the bucket holds few
 * datagrams and few bytes, also after the process stood still for a while.
 */
import { pause } from '../../flow/pause.ts'

/** What receivers of all kinds keep up with, and more than most servers write. */
export const defaultDatagramsPerSecond = 1000

const bucketDatagrams = 32
const bucketBytes = 64 * 1024
/** A timer does not wake up more often than about once a millisecond; so many datagrams go out at one time at least. */
const togetherDatagrams = 4
/** Held back for so long without a moment's rest, delivery is behind. */
const behindMs = 600_000

/** A token bucket for datagrams. */
export class DatagramPace {
  readonly #perSecond: number
  readonly #behind: () => void
  readonly #now: () => number
  #tokens: number = bucketDatagrams
  #bytes: number = bucketBytes
  #filledAt: number
  #fullAt: number
  #said = false

  /** `behind` is called once when it has held back for ten minutes; `now`: a monotonic clock in milliseconds. */
  constructor(perSecond: number, behind: () => void, now = () => performance.now()) {
    this.#perSecond = perSecond
    this.#behind = behind
    this.#now = now
    this.#filledAt = now()
    this.#fullAt = this.#filledAt
  }

  /** Whether a datagram of so many bytes may go out now; it counts then. */
  take(bytes: number): boolean {
    this.#fill()
    if (this.#tokens < 1 || this.#bytes <= 0) return false
    this.#tokens--
    this.#bytes -= bytes
    return true
  }

  /** Resolves when some may go out, or as soon as `signal` aborts. */
  async room(signal: AbortSignal): Promise<void> {
    const now = this.#now()
    if (!this.#said && now - this.#fullAt >= behindMs) {
      this.#said = true
      this.#behind()
    }
    const missing = Math.max(togetherDatagrams - this.#tokens, -this.#bytes / this.#bytesPerToken)
    await pause(Math.max(1, Math.ceil((missing * 1000) / this.#perSecond)), signal)
  }

  /** One of more than 4 KiB counts for more than one. */
  get #bytesPerToken(): number {
    return 2 * (bucketBytes / bucketDatagrams)
  }

  #fill(): void {
    const now = this.#now()
    const tokens = ((now - this.#filledAt) * this.#perSecond) / 1000
    this.#filledAt = now
    this.#tokens = Math.min(bucketDatagrams, this.#tokens + tokens)
    this.#bytes = Math.min(bucketBytes, this.#bytes + tokens * this.#bytesPerToken)
    if (this.#tokens < bucketDatagrams) return
    this.#fullAt = now
    this.#said = false
  }
}
