/**
 * Rows from rows: the fields of a row copied, some of them replaced. New bytes go behind the old ones, so that
 * the offsets of all that is only copied stay true.
 *
 *   bytes   [ as they were ][ replaced field ][ replaced field ] …
 */
import { isUtf8 } from 'node:buffer'
import type { Records } from '../flow/records.ts'
import { flagsOf } from './fields.ts'

const LONG_TEXT = 16_384

export class RecordsEditor {
  readonly #from: Records
  readonly #width: number
  /** The old bytes and what was put behind them; null as long as that is nothing. */
  #bytes: Buffer | null = null
  #length: number
  /** Whether all values given as bytes are valid; text always becomes so. */
  #isUtf8 = true
  #count = 0
  #starts: Uint32Array
  #ends: Uint32Array
  #flags: Uint8Array
  #rowStarts: Uint32Array
  #rowEnds: Uint32Array

  /** `capacity`: how many rows are expected; more may come. */
  constructor(from: Records, capacity: number) {
    this.#from = from
    this.#width = from.layout.columns.length
    this.#length = from.bytes.length
    this.#starts = new Uint32Array(capacity * this.#width)
    this.#ends = new Uint32Array(capacity * this.#width)
    this.#flags = new Uint8Array(capacity * this.#width)
    this.#rowStarts = new Uint32Array(capacity)
    this.#rowEnds = new Uint32Array(capacity)
  }

  /** Appends a copy of a row of the old records; `replace` changes it then. */
  copy(row: number): void {
    if (this.#count === this.#rowStarts.length) this.#grow()
    const from = this.#from
    const begin = row * this.#width
    const to = this.#count * this.#width
    const { starts, ends, flags } = from
    // For a few dozen fields a loop is faster than calls into the runtime.
    for (let column = 0; column < this.#width; column++) {
      this.#starts[to + column] = starts[begin + column] as number
      this.#ends[to + column] = ends[begin + column] as number
      this.#flags[to + column] = flags[begin + column] as number
    }
    this.#rowStarts[this.#count] = from.rowStarts[row] as number
    this.#rowEnds[this.#count] = from.rowEnds[row] as number
    this.#count++
  }

  /** Puts other text (its UTF-8 bytes, without quoting) into a column of the row copied last. */
  replace(column: number, value: string | Buffer): void {
    const field = (this.#count - 1) * this.#width + column
    const start = this.#length
    const bytes = this.#reserve(typeof value === 'string' ? mostBytes(value) : value.length)
    let size = value.length
    if (typeof value === 'string') {
      size = bytes.write(value, start)
    } else {
      bytes.set(value, start)
      this.#isUtf8 &&= isUtf8(value)
    }
    const end = start + size
    this.#length = end
    this.#starts[field] = start
    this.#ends[field] = end
    this.#flags[field] = flagsOf(bytes, start, end)
  }

  /** Leaves of a column of the row copied last only its bytes from `start` to `end`, which lie within it. */
  narrow(column: number, start: number, end: number): void {
    const field = (this.#count - 1) * this.#width + column
    this.#starts[field] = start
    this.#ends[field] = end
  }

  /** Puts into a column of the row copied last what the row before it has there. */
  repeat(column: number): void {
    const field = (this.#count - 1) * this.#width + column
    const before = field - this.#width
    this.#starts[field] = this.#starts[before] as number
    this.#ends[field] = this.#ends[before] as number
    this.#flags[field] = this.#flags[before] as number
  }

  /** How many rows there are by now. */
  get count(): number {
    return this.#count
  }

  /** Begins anew, in the same memory: the records made before are no longer valid. */
  reset(): void {
    this.#count = 0
    this.#length = this.#from.bytes.length
    this.#isUtf8 = true
  }

  /** The new records; what they share with the old ones stays valid as long as those. */
  records(): Records {
    const { layout, source, bytes, validUtf8 } = this.#from
    const fields = this.#count * this.#width
    return {
      layout,
      source,
      bytes: this.#length === bytes.length ? bytes : (this.#bytes as Buffer).subarray(0, this.#length),
      validUtf8: validUtf8 && this.#isUtf8,
      count: this.#count,
      starts: this.#starts.subarray(0, fields),
      ends: this.#ends.subarray(0, fields),
      flags: this.#flags.subarray(0, fields),
      rowStarts: this.#rowStarts.subarray(0, this.#count),
      rowEnds: this.#rowEnds.subarray(0, this.#count),
    }
  }

  #reserve(size: number): Buffer {
    const bytes = this.#bytes
    if (bytes !== null && this.#length + size <= bytes.length) return bytes
    const old = this.#from.bytes.length
    const more = Math.max(16_384, 2 * ((bytes?.length ?? old) - old), this.#length - old + size)
    const larger = Buffer.allocUnsafeSlow(old + more)
    larger.set((bytes ?? this.#from.bytes).subarray(0, this.#length))
    this.#bytes = larger
    return larger
  }

  #grow(): void {
    const rows = Math.max(16, this.#rowStarts.length * 2)
    this.#starts = grown(this.#starts, new Uint32Array(rows * this.#width))
    this.#ends = grown(this.#ends, new Uint32Array(rows * this.#width))
    this.#flags = grown(this.#flags, new Uint8Array(rows * this.#width))
    this.#rowStarts = grown(this.#rowStarts, new Uint32Array(rows))
    this.#rowEnds = grown(this.#rowEnds, new Uint32Array(rows))
  }
}

/** Three bytes are the most that a UTF-16 unit becomes; a long text is measured, since there may be too much of that. */
function mostBytes(text: string): number {
  return text.length > LONG_TEXT ? Buffer.byteLength(text) : 3 * text.length
}

function grown<T extends Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
