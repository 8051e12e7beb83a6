/** Rows → JSON objects, one to a line. What stands in them is for a form to say, by the plan and the layout. */
import type { ValueCounts } from '../../flow/batch.ts'
import type { Chunk, Layout } from '../../flow/chunk.ts'
import type { EventPlan } from '../../flow/plan.ts'
import type { Records } from '../../flow/records.ts'
import { Ends } from '../../records/ends.ts'
import { ByteWriter } from '../byte-writer.ts'
import type { Encoded, EncodeRows, Encoder } from '../encoder.ts'

/** What became of values, summed up. */
export type Counts = { -readonly [Name in keyof ValueCounts]: number }

/** Writes the object of one row, without a line end; values longer than `cap` bytes are cut, and count. */
export type WriteObject = (
  records: Records,
  row: number,
  out: ByteWriter,
  cap: number,
  counts: Counts,
) => void

/** One way to make objects of rows. */
export interface ObjectForm {
  prepare(plan: EventPlan, layout: Layout): WriteObject
  /** The rows that follow are of this chunk, and are sent at this time. */
  begin?(chunk: Pick<Chunk, 'file'>, sendTimeMs: number): void
}

/** Of a line, and of each value in it, in bytes. */
export interface LineLimits {
  readonly maxMessageBytes: number
  readonly maxValueBytes: number
}

const LF = 0x0a
const noCounts: ValueCounts = { cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 }

export class JsonLines implements Encoder {
  readonly #form: ObjectForm
  readonly #limits: LineLimits
  readonly #out = new ByteWriter()
  readonly #ends = new Ends()
  #counts: Counts = { ...noCounts }

  constructor(form: ObjectForm, limits: LineLimits) {
    this.#form = form
    this.#limits = limits
  }

  prepare(plan: EventPlan, layout: Layout): EncodeRows {
    const write = this.#form.prepare(plan, layout)
    return (records, rows) => {
      for (const row of rows) this.#line(write, records, row)
    }
  }

  begin(sendTimeMs: number, chunk: Pick<Chunk, 'file'>): void {
    this.#form.begin?.(chunk, sendTimeMs)
    this.#out.length = 0
    this.#ends.clear()
    this.#counts = { ...noCounts }
  }

  get frames(): number {
    return this.#ends.count
  }

  end(): Encoded {
    const frames = this.#out.bytes.subarray(0, this.#out.length)
    return { frames, ends: this.#ends.all, counts: this.#counts }
  }

  /** Too long as a whole, its longest values give way: each halving leaves the short ones as they are. */
  #line(write: WriteObject, records: Records, row: number): void {
    const { maxMessageBytes, maxValueBytes } = this.#limits
    const out = this.#out
    const start = out.length
    let counts = { ...noCounts }
    write(records, row, out, maxValueBytes, counts)
    for (let cap = maxValueBytes; out.length - start >= maxMessageBytes && cap > 0; ) {
      cap >>= 1
      out.length = start
      counts = { ...noCounts }
      write(records, row, out, cap, counts)
    }
    out.reserve(1)
    out.writeByte(LF)
    this.#ends.add(out.length)
    this.#counts.cut += counts.cut
    this.#counts.clamped += counts.clamped
    this.#counts.invalid += counts.invalid
    this.#counts.brokenHeaders += counts.brokenHeaders
  }
}
