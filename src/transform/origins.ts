/** Where each event of a batch comes from, for destinations that tell events apart by that. */
import type { Origins } from '../flow/batch.ts'
import type { Layout } from '../flow/chunk.ts'
import type { Records } from '../flow/records.ts'
import { Ends } from '../records/ends.ts'

/** What belongs together has the first of these that is not empty in common: what Exchange calls a message everywhere, or else its sender. */
const keyColumns = ['network-message-id', 'message-id'] as const
/** Nothing good is longer; the beginning of what is keeps together, too. */
const mostKeyBytes = 1024

/** Collects origins, event after event, between `begin` and `end`. */
export class OriginsRecorder {
  readonly #columns = new WeakMap<Layout, readonly number[]>()
  #offsets = new Float64Array(1024)
  readonly #ends = new Ends()
  #keys = Buffer.allocUnsafe(64 * 1024)
  #length = 0

  begin(): void {
    this.#ends.clear()
    this.#length = 0
  }

  /** These rows became events, one each. `offsetOf`: where in its file a row begins. */
  add(records: Records, rows: Uint32Array, offsetOf: (row: number) => number): void {
    const { bytes, starts, ends, layout } = records
    const width = layout.columns.length
    const columns = this.#columnsOf(layout)
    this.#reserve(rows.length)
    for (const row of rows) {
      for (const column of columns) {
        const field = row * width + column
        const start = starts[field] as number
        const end = Math.min(ends[field] as number, start + mostKeyBytes)
        if (end === start) continue
        if (this.#length + mostKeyBytes > this.#keys.length) this.#growKeys()
        this.#length += bytes.copy(this.#keys, this.#length, start, end)
        break
      }
      this.#offsets[this.#ends.count] = offsetOf(row)
      this.#ends.add(this.#length)
    }
  }

  /** Those since `begin`, valid until then. */
  end(): Origins {
    return {
      offsets: this.#offsets.subarray(0, this.#ends.count),
      keys: this.#keys.subarray(0, this.#length),
      keyEnds: this.#ends.all,
    }
  }

  #columnsOf(layout: Layout): readonly number[] {
    let columns = this.#columns.get(layout)
    if (columns === undefined) {
      columns = keyColumns.map((name) => layout.columns.indexOf(name)).filter((column) => column >= 0)
      this.#columns.set(layout, columns)
    }
    return columns
  }

  #reserve(more: number): void {
    const rows = this.#ends.count + more
    if (rows <= this.#offsets.length) return
    const offsets = new Float64Array(2 * rows)
    offsets.set(this.#offsets)
    this.#offsets = offsets
  }

  #growKeys(): void {
    const keys = Buffer.allocUnsafe(2 * this.#keys.length)
    keys.set(this.#keys.subarray(0, this.#length))
    this.#keys = keys
  }
}
