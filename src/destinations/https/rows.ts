/** Events that are posted together: the frames of a batch, a line of JSON each, made into the array that goes out. */

const LF = 0x0a
const COMMA = 0x2c
const OPEN = 0x5b
const CLOSE = 0x5d

/** Some of the lines of a batch, which keep their place in its memory. */
export class Rows {
  readonly #lines: Buffer
  /** Where each of the lines of the batch ends. */
  readonly #ends: Uint32Array
  readonly #first: number
  readonly count: number

  private constructor(lines: Buffer, ends: Uint32Array, first: number, count: number) {
    this.#lines = lines
    this.#ends = ends
    this.#first = first
    this.count = count
  }

  /** All of a batch, in memory of their own. */
  static of(frames: Buffer, ends: Uint32Array): Rows {
    return new Rows(Buffer.from(frames), ends.slice(), 0, ends.length)
  }

  /** In runs that follow each other, each with a body of no more than so many bytes, or a single line. */
  *within(bytes: number): Generator<Rows> {
    let first = this.#first
    const end = this.#first + this.count
    while (first < end) {
      let count = 1
      while (first + count < end && this.#end(first + count) - this.#end(first - 1) + 1 <= bytes) count++
      yield new Rows(this.#lines, this.#ends, first, count)
      first += count
    }
  }

  /** The same in two halves; more than one line there has to be. */
  get halves(): readonly [Rows, Rows] {
    const half = this.count >> 1
    return [
      new Rows(this.#lines, this.#ends, this.#first, half),
      new Rows(this.#lines, this.#ends, this.#first + half, this.count - half),
    ]
  }

  /** `[line,line,…]`. */
  get body(): Buffer {
    const start = this.#end(this.#first - 1)
    const body = Buffer.allocUnsafe(this.#end(this.#first + this.count - 1) - start + 1)
    body[0] = OPEN
    this.#lines.copy(body, 1, start)
    for (let line = this.#first; line < this.#first + this.count; line++) {
      const at = this.#end(line) - start
      if (body[at] !== LF) throw new TypeError('a frame is no line')
      body[at] = COMMA
    }
    body[body.length - 1] = CLOSE
    return body
  }

  /** The first of them, without its line end. */
  get line(): Buffer {
    return this.#lines.subarray(this.#end(this.#first - 1), this.#end(this.#first) - 1)
  }

  /** Calls it with each of them: where it stands in which bytes, its line end included. */
  forEach(visit: (bytes: Buffer, start: number, end: number) => void): void {
    for (let line = this.#first; line < this.#first + this.count; line++) {
      visit(this.#lines, this.#end(line - 1), this.#end(line))
    }
  }

  #end(line: number): number {
    return line < 0 ? 0 : (this.#ends[line] as number)
  }
}
