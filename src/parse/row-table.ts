/**
 * The arrays behind `Records`, reused from chunk to chunk and grown when needed.
 *
 *   fields   starts ends flags   [row 0: c0 c1 … cN-1][row 1: c0 c1 … cN-1] …
 *   rows     rowStarts rowEnds   [row 0][row 1] …
 *
 * Rows of one layout form a run; the next run begins behind it, with its own number of columns.
 */
import type { Layout, Records } from '../types.ts'

export class RowTable {
  starts = new Uint32Array(1 << 14)
  ends = new Uint32Array(1 << 14)
  flags = new Uint8Array(1 << 14)
  #rowStarts = new Uint32Array(1 << 10)
  #rowEnds = new Uint32Array(1 << 10)
  /** Index of the first field of the next row. */
  nextField = 0
  #nextRow = 0
  #runField = 0
  #runRow = 0

  clear(): void {
    this.nextField = this.#nextRow = this.#runField = this.#runRow = 0
  }

  /** Makes room for one more row of `columns` fields. */
  reserve(columns: number): void {
    if (this.nextField + columns > this.starts.length) {
      const capacity = Math.max(this.starts.length * 2, this.nextField + columns)
      this.starts = grown(this.starts, new Uint32Array(capacity))
      this.ends = grown(this.ends, new Uint32Array(capacity))
      this.flags = grown(this.flags, new Uint8Array(capacity))
    }
    if (this.#nextRow === this.#rowStarts.length) {
      this.#rowStarts = grown(this.#rowStarts, new Uint32Array(this.#nextRow * 2))
      this.#rowEnds = grown(this.#rowEnds, new Uint32Array(this.#nextRow * 2))
    }
  }

  /** Keeps the row whose fields were written from `nextField` on. */
  keepRow(rowStart: number, rowEnd: number, columns: number): void {
    this.#rowStarts[this.#nextRow] = rowStart
    this.#rowEnds[this.#nextRow] = rowEnd
    this.#nextRow++
    this.nextField += columns
  }

  /** Ends the current run and returns its records, or undefined when it holds no row. */
  endRun(layout: Layout, of: Pick<Records, 'source' | 'bytes' | 'validUtf8'>): Records | undefined {
    const count = this.#nextRow - this.#runRow
    if (count === 0) return undefined
    const records: Records = {
      ...of,
      layout,
      count,
      starts: this.starts.subarray(this.#runField, this.nextField),
      ends: this.ends.subarray(this.#runField, this.nextField),
      flags: this.flags.subarray(this.#runField, this.nextField),
      rowStarts: this.#rowStarts.subarray(this.#runRow, this.#nextRow),
      rowEnds: this.#rowEnds.subarray(this.#runRow, this.#nextRow),
    }
    this.#runField = this.nextField
    this.#runRow = this.#nextRow
    return records
  }
}

function grown<T extends Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
