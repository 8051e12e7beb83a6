/** What a source gives, for one who does other work while nothing comes. */
import type { Chunk, Positions, Source } from '../flow/chunk.ts'
import { Waker } from '../flow/waker.ts'

/** One reading of a source. */
export class Arrivals {
  readonly #signal: AbortSignal
  readonly #reading = new AbortController()
  readonly #chunks: AsyncIterator<Chunk>
  readonly #waker = new Waker()
  #isAsked = false
  #arrived: IteratorResult<Chunk> | undefined
  #failure: { readonly error: unknown } | undefined
  readonly #stop = (): void => this.#reading.abort()

  constructor(source: Source, from: Positions, signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', this.#stop)
    this.#chunks = source.read(from, this.#reading.signal)[Symbol.asyncIterator]()
  }

  /**
   * What came; undefined when nothing did within `ms`, or the signal has aborted. A chunk is valid until the next one is
   * asked for, which is done here, if it may be.
   */
  async next(mayAsk: boolean, ms: number): Promise<IteratorResult<Chunk> | undefined> {
    if (mayAsk && !this.#isAsked) this.#ask()
    if (this.#arrived === undefined && this.#failure === undefined) await this.#waker.pause(ms, this.#signal)
    if (this.#failure !== undefined) throw this.#failure.error
    const arrived = this.#arrived
    this.#arrived = undefined
    if (arrived !== undefined) this.#isAsked = false
    return arrived
  }

  /** Ends the reading; resolves when the source has left its folders. */
  async end(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop)
    this.#reading.abort()
    await this.#chunks.return?.()
  }

  /** Asked once for each chunk: what waits for a promise again and again is never let go. */
  #ask(): void {
    this.#isAsked = true
    this.#chunks.next().then(
      (result) => {
        this.#arrived = result
        this.#waker.wake()
      },
      (error: unknown) => {
        this.#failure = { error }
        this.#waker.wake()
      },
    )
  }
}
