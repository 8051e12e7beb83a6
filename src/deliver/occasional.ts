const EVERY_MS = 60_000

/** What it depends on, for tests. */
export interface OccasionalOptions {
  /** A minute by default. */
  readonly everyMs?: number
  /** A clock in milliseconds. */
  readonly now?: () => number
}

/** Something that a log may cause a million times: told when it happens first, then at most once a minute. */
export class Occasional<About> {
  readonly #tell: (count: number, first: About) => void
  readonly #everyMs: number
  readonly #now: () => number
  #toldAt = Number.NEGATIVE_INFINITY
  #count = 0
  #first: About | undefined

  /** `tell` hears how often it happened since the last time, and what the first of these was about. */
  constructor(
    tell: (count: number, first: About) => void,
    { everyMs = EVERY_MS, now = () => performance.now() }: OccasionalOptions = {},
  ) {
    this.#tell = tell
    this.#everyMs = everyMs
    this.#now = now
  }

  /** It happened so often. */
  happened(count: number, about: About): void {
    if (this.#count === 0) this.#first = about
    this.#count += count
    if (this.#now() - this.#toldAt >= this.#everyMs) this.end()
  }

  /** Tells what was not told yet. */
  end(): void {
    if (this.#count === 0) return
    const count = this.#count
    this.#count = 0
    this.#toldAt = this.#now()
    this.#tell(count, this.#first as About)
  }
}
