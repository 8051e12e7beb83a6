/**
 * Rows as they stand in the log, byte for byte. Their header is not among them: whoever writes them knows whether it
 * stands there already, and puts it in front where it does not (records/header.ts).
 */
import type { ValueCounts } from '../flow/batch.ts'
import type { Layout } from '../flow/chunk.ts'
import type { Records } from '../flow/records.ts'
import { Ends } from '../records/ends.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Encoded, EncodeRows, Encoder } from './encoder.ts'

const LF = 0x0a
const HASH = 0x23
const lineEnd = Buffer.from('\r\n')
const counts: ValueCounts = { cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 }

export class RawRows implements Encoder {
  readonly isByLayout = true
  readonly #out = new ByteWriter()
  readonly #ends = new Ends()
  #layout: Layout | undefined

  prepare(): EncodeRows {
    return (records, rows) => {
      if (rows.length > 0) this.#layout = records.layout
      for (const row of rows) this.#append(records, row)
    }
  }

  begin(): void {
    this.#out.length = 0
    this.#ends.clear()
    this.#layout = undefined
  }

  get frames(): number {
    return this.#ends.count
  }

  end(): Encoded {
    return {
      frames: this.#out.bytes.subarray(0, this.#out.length),
      ends: this.#ends.all,
      counts,
      ...(this.#layout !== undefined && { layout: this.#layout }),
    }
  }

  #append(records: Records, row: number): void {
    const start = beginOf(records, row)
    const { end, isWhole } = endOf(records, row)
    this.#out.reserve(end - start + lineEnd.length)
    this.#out.write(records.bytes, start, end)
    if (!isWhole) this.#out.write(lineEnd)
    this.#ends.add(this.#out.length)
  }
}

/** Where its text begins. What would be a header line then keeps what stands before it, and stays a row. */
function beginOf({ bytes, rowStarts }: Records, row: number): number {
  const start = rowStarts[row] as number
  return bytes[start] === HASH ? bytes.lastIndexOf(LF, start) + 1 : start
}

/** Behind its line end, which a last line may lack. */
function endOf(
  { bytes, rowEnds }: Records,
  row: number,
): { readonly end: number; readonly isWhole: boolean } {
  const end = rowEnds[row] as number
  if (bytes[end] === LF) return { end: end + 1, isWhole: true }
  return bytes[end + 1] === LF ? { end: end + 2, isWhole: true } : { end, isWhole: false }
}
