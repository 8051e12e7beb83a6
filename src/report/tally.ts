/** Malformed lines can come by the thousand: they are told together, a minute apart at least. */
import type { Malformed } from '../flow/chunk.ts'

/** Lines that are told together: how many, and the first of them. */
export interface MalformedLines {
  readonly count: number
  readonly first: Pick<Malformed, 'path' | 'offset' | 'reason'>
}

/** Tells the first lines at once, and those of each `everyMs` after them at its end. */
export class MalformedTally {
  readonly #everyMs: number
  readonly #tell: (lines: MalformedLines) => void
  #untold: MalformedLines | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(everyMs: number, tell: (lines: MalformedLines) => void) {
    this.#everyMs = everyMs
    this.#tell = tell
  }

  add(lines: readonly Malformed[]): void {
    const [first] = lines
    if (first === undefined) return
    // Without the line itself, which may be of some megabytes.
    const { path, offset, reason } = this.#untold?.first ?? first
    this.#untold = { count: (this.#untold?.count ?? 0) + lines.length, first: { path, offset, reason } }
    if (this.#timer === undefined) this.#tellNow()
  }

  /** Tells what is left; nothing may be added any more. */
  end(): void {
    clearTimeout(this.#timer)
    if (this.#untold !== undefined) this.#tell(this.#untold)
    this.#untold = undefined
  }

  #tellNow(): void {
    this.#timer = undefined
    if (this.#untold === undefined) return
    this.#tell(this.#untold)
    this.#untold = undefined
    this.#timer = setTimeout(() => this.#tellNow(), this.#everyMs)
    this.#timer.unref()
  }
}
