/** A bar in the last line of a terminal: how much is done, and how long the rest takes at the same pace. */

/** A terminal; `columns` is its width. */
export interface BarTerminal {
  readonly columns?: number
  write(text: string): unknown
}

/** Drawn so often at most. */
const EVERY_MS = 100
const BAR_LENGTH = 40
const CLEAR_LINE = '\r\x1b[K'

export class ProgressBar {
  readonly #terminal: BarTerminal
  readonly #totalBytes: number
  readonly #now: () => number
  readonly #startedAtMs: number
  #drawnAtMs = Number.NEGATIVE_INFINITY
  #isDrawn = false

  constructor(terminal: BarTerminal, totalBytes: number, now: () => number = () => performance.now()) {
    this.#terminal = terminal
    this.#totalBytes = totalBytes
    this.#now = now
    this.#startedAtMs = now()
  }

  /** So many bytes are done. */
  update(bytes: number): void {
    const nowMs = this.#now()
    if (this.#totalBytes === 0 || nowMs - this.#drawnAtMs < EVERY_MS) return
    this.#drawnAtMs = nowMs
    this.#isDrawn = true
    // A line that wrapped could not be cleared.
    const line = this.#line(bytes, nowMs).slice(0, (this.#terminal.columns || 80) - 1)
    this.#terminal.write(`${CLEAR_LINE}${line}`)
  }

  /** Leaves the line to others; the next update draws it again. */
  clear(): void {
    if (this.#isDrawn) this.#terminal.write(CLEAR_LINE)
    this.#isDrawn = false
    this.#drawnAtMs = Number.NEGATIVE_INFINITY
  }

  #line(bytes: number, nowMs: number): string {
    const share = Math.min(1, bytes / this.#totalBytes)
    const length = Math.round(share * BAR_LENGTH)
    const bar = '='.repeat(length) + '-'.repeat(BAR_LENGTH - length)
    const megabytes = (size: number) => (size / 1e6).toFixed(1)
    const leftMs = share === 0 ? null : ((nowMs - this.#startedAtMs) / share) * (1 - share)
    const left = leftMs === null ? '' : ` | ${duration(Math.ceil(leftMs / 1000))}`
    return `${bar} ${Math.floor(share * 100)}% | ${megabytes(bytes)} of ${megabytes(this.#totalBytes)} MB${left}`
  }
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  if (minutes === 0) return `${seconds}s`
  return minutes < 60 ? `${minutes}m${seconds % 60}s` : `${Math.floor(minutes / 60)}h${minutes % 60}m`
}
