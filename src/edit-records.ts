/**
 * Rows from rows: the fields of a row copied, some of them replaced. New bytes go behind the old ones, so that
 * the offsets of all that is only copied stay true.
 *
 *   bytes   [ as they were ][ replaced field ][ replaced field ] …
 */
import { isUtf8 } from 'node:buffer'
import { flagsOf } from './field-flags.ts'
import type { Records } from './types.ts'

export class RecordsEditor {
  readonly #from: Records
  readonly #width: number
  readonly #appended: Buffer[] = []
  #length: number
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
    this.#starts.set(from.starts.subarray(begin, begin + this.#width), to)
    this.#ends.set(from.ends.subarray(begin, begin + this.#width), to)
    this.#flags.set(from.flags.subarray(begin, begin + this.#width), to)
    this.#rowStarts[this.#count] = from.rowStarts[row] as number
    this.#rowEnds[this.#count] = from.rowEnds[row] as number
    this.#count++
  }

  /** Puts other text (its UTF-8 bytes, without quoting) into a column of the row copied last. */
  replace(column: number, value: string | Buffer): void {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value
    const field = (this.#count - 1) * this.#width + column
    this.#starts[field] = this.#length
    this.#ends[field] = this.#length + bytes.length
    this.#flags[field] = flagsOf(bytes, 0, bytes.length)
    if (bytes.length === 0) return
    this.#appended.push(bytes)
    this.#length += bytes.length
  }

  /** Puts into a column of the row copied last what the row before it has there. */
  repeat(column: number): void {
    const field = (this.#count - 1) * this.#width + column
    const before = field - this.#width
    this.#starts[field] = this.#starts[before] as number
    this.#ends[field] = this.#ends[before] as number
    this.#flags[field] = this.#flags[before] as number
  }

  /** The new records; what they share with the old ones stays valid as long as those. */
  records(): Records {
    const { layout, source, bytes, validUtf8 } = this.#from
    const fields = this.#count * this.#width
    return {
      layout,
      source,
      bytes: this.#appended.length === 0 ? bytes : Buffer.concat([bytes, ...this.#appended], this.#length),
      validUtf8: validUtf8 && this.#appended.every((part) => isUtf8(part)),
      count: this.#count,
      starts: this.#starts.subarray(0, fields),
      ends: this.#ends.subarray(0, fields),
      flags: this.#flags.subarray(0, fields),
      rowStarts: this.#rowStarts.subarray(0, this.#count),
      rowEnds: this.#rowEnds.subarray(0, this.#count),
    }
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

function grown<T extends Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
