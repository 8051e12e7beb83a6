/** Writes many small pieces to a stream in few large writes, and says when the stream wants a break. */
import type { Writable } from 'node:stream'

/** What the owner wants to know. */
export interface BatchedOutputOptions {
  /** The stream is full: bring no more until `onRoom`. */
  onFull(): void
  onRoom(): void
  /** The stream takes nothing any more; an EPIPE only means that the reader has gone. */
  onBroken(error: NodeJS.ErrnoException): void
}

const flushBytes = 256 * 1024

/** Collects what one turn of the event loop brings; whatever is written after a break of the stream is dropped. */
export class BatchedOutput {
  readonly #stream: Writable
  readonly #options: BatchedOutputOptions
  #pieces: Buffer[] = []
  #bytes = 0
  #scheduled: NodeJS.Immediate | undefined
  #broken = false

  constructor(stream: Writable, options: BatchedOutputOptions) {
    this.#stream = stream
    this.#options = options
    stream.on('error', this.#onError)
  }

  write(piece: Buffer): void {
    if (this.#broken) return
    this.#pieces.push(piece)
    this.#bytes += piece.length
    if (this.#bytes >= flushBytes) this.#flush()
    else this.#scheduled ??= setImmediate(() => this.#flush())
  }

  /** Resolves when everything was handed over or the stream broke; the stream itself stays open. */
  async end(): Promise<void> {
    this.#flush()
    if (!this.#broken) await new Promise<void>((done) => this.#stream.write('', () => done()))
  }

  #flush(): void {
    clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    if (this.#broken || this.#pieces.length === 0) return
    const bytes = Buffer.concat(this.#pieces, this.#bytes)
    this.#pieces = []
    this.#bytes = 0
    if (this.#stream.write(bytes)) return
    this.#options.onFull()
    this.#stream.once('drain', () => this.#options.onRoom())
  }

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    if (this.#broken) return
    this.#broken = true
    this.#options.onBroken(error)
  }
}
