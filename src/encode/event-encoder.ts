/**
 * Record → event line, as the mapping table says. Order of the line:
 *
 *   header  fields  labels of the fields present  device  trailer  additional data  overflows
 */
import type { EventPlan, ValuePlan } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import { ByteWriter } from './byte-writer.ts'
import { CefHeaders } from './cef-header.ts'
import { normaliseText, writeExtension } from './text-value.ts'
import { replacedBy, type UnicodeControls } from './unicode-controls.ts'
import { NO_CAP, type ValueOutcome, ValueWriter } from './value-writer.ts'

/** Second limits in bytes, to keep a whole message small: for additional data, other text, header fields. */
export interface Caps {
  readonly additional: number
  readonly fields: number
  readonly header: number
}

export const noCaps: Caps = { additional: NO_CAP, fields: NO_CAP, header: NO_CAP }

/** How many values of an event were shortened, clamped or left out, and how many look-alikes of its header broken. */
export interface ValueCounts {
  cut: number
  clamped: number
  invalid: number
  brokenHeaders: number
}

/** One value of one event, for showing. */
export interface EncodedValue {
  readonly plan: ValuePlan
  readonly outcome: ValueOutcome
  /** As it stands in the event line, escaped; empty when it does not. */
  readonly text: string
}

/** Encodes the records of one layout. */
export class EventEncoder {
  /** Of the event encoded last. */
  readonly counts: ValueCounts = { cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 }
  /** Column of the event time, -1 without one. */
  readonly timeColumn: number
  readonly headers: CefHeaders
  /** Epoch milliseconds: the receipt time of the rows that are encoded next. */
  receivedMs = 0
  readonly #fields: readonly ValueWriter[]
  /** ` labelKey=text` of each field that has one. */
  readonly labels: readonly (Buffer | null)[]
  /** ` key=text` of each value, in the order of the line, that is the same for all rows. */
  readonly fixed: readonly (Buffer | null)[]
  readonly #device: readonly ValueWriter[]
  readonly #trailer: Buffer
  readonly #additional: readonly ValueWriter[]
  /** All of them, in this order. */
  readonly #values: readonly ValueWriter[]
  /** Upper bound of what `encode` adds behind the header. */
  readonly maxExtensionBytes: number
  /** Which fields the current event has: 1 or 0 each. */
  readonly #present: Uint8Array
  /** Writers whose value was clamped in the current event. */
  readonly #clamped: ValueWriter[] = []

  /** `controls`: which characters beyond ASCII are replaced. */
  constructor(plan: EventPlan, controls: UnicodeControls = 'keep') {
    const replaced = replacedBy(controls)
    this.timeColumn = plan.timeColumn
    this.headers = new CefHeaders(plan, replaced)
    this.#fields = plan.fields.map((value) => new ValueWriter(value, replaced))
    this.labels = plan.fields.map(({ label }) => label && fixedValue(label.key, label.text))
    this.#device = plan.device.map((value) => new ValueWriter(value, replaced))
    this.#trailer = Buffer.from(` ${plan.trailer}`)
    this.#additional = plan.additional.map((value) => new ValueWriter(value, replaced))
    this.#present = new Uint8Array(this.#fields.length)
    this.#values = [...this.#fields, ...this.#device, ...this.#additional]
    this.fixed = this.#values.map(({ plan: { key, fixed } }) =>
      fixed === undefined ? null : fixedValue(key, fixed, replaced),
    )
    const fixed = this.labels.reduce((sum, label) => sum + (label?.length ?? 0), this.#trailer.length)
    this.maxExtensionBytes = this.#values.reduce((sum, { maxBytes }) => sum + maxBytes, fixed)
  }

  /** Severity of the event of a row, 0–10. */
  severity(records: Records, row: number): number {
    return this.headers.of(records, row).severity
  }

  /** Appends the event line of a row, without a line end. */
  encode(records: Records, row: number, out: ByteWriter, caps: Caps = noCaps): void {
    const { bytes: header } =
      caps.header === NO_CAP ? this.headers.of(records, row) : this.headers.render(records, row, caps.header)
    out.reserve(header.length + this.maxExtensionBytes)
    out.write(header)
    this.#clamped.length = 0
    Object.assign(this.counts, { cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 })
    const fields = this.#fields
    const present = this.#present
    for (let index = 0; index < fields.length; index++) {
      const before = out.length
      this.#write(fields[index] as ValueWriter, out, records, row, caps.fields)
      present[index] = out.length > before ? 1 : 0
    }
    for (let index = 0; index < fields.length; index++) {
      const label = this.labels[index]
      if (present[index] === 1 && label) out.write(label)
    }
    for (const value of this.#device) this.#write(value, out, records, row, caps.fields)
    out.write(this.#trailer)
    for (const value of this.#additional) this.#write(value, out, records, row, caps.additional)
    this.writeOverflows(out, caps.additional)
  }

  /** Appends one value of a row, by its place in the plan; it is not counted. The room must be reserved. */
  writeValue(index: number, records: Records, row: number, out: ByteWriter): ValueOutcome {
    const value = this.#values[index] as ValueWriter
    const outcome = value.write(out, records, row, NO_CAP, this.receivedMs)
    if (outcome === 'clamped') this.#clamped.push(value)
    return outcome
  }

  /** The column that a value of a row is a copy of, by its place in the plan; -1 where it is none. */
  columnOf(index: number, records: Records, row: number): number {
    return this.#values[index]?.plan.chooses?.(records, row) ?? -1
  }

  /** Appends the true values of the numbers that were clamped since the last time. */
  writeOverflows(out: ByteWriter, cap: number): void {
    for (const value of this.#clamped) if (!value.writeOverflow(out, cap)) this.counts.cut++
    this.#clamped.length = 0
  }

  /** What becomes of each value of a row, in the order of the event line; for showing, not for speed. */
  values(records: Records, row: number): readonly EncodedValue[] {
    const out = new ByteWriter(this.maxExtensionBytes)
    return this.#values.map((value) => {
      out.length = 0
      const outcome = value.write(out, records, row, NO_CAP, this.receivedMs)
      const text = out.bytes.toString('utf8', 0, out.length).slice(` ${value.plan.key}=`.length)
      return { plan: value.plan, outcome, text }
    })
  }

  #write(value: ValueWriter, out: ByteWriter, records: Records, row: number, cap: number): void {
    const outcome = value.write(out, records, row, cap, this.receivedMs)
    if (outcome === 'written' || outcome === 'empty' || outcome === 'excluded') return
    this.counts[outcome]++
    if (outcome === 'clamped') this.#clamped.push(value)
  }
}

function fixedValue(key: string, text: string, replaced: RegExp | null = null): Buffer {
  const out = new ByteWriter(key.length + 2 + 2 * Buffer.byteLength(text))
  out.write(Buffer.from(` ${key}=`))
  writeExtension(out, normaliseText(text, NO_CAP, replaced))
  return out.bytes.subarray(0, out.length)
}
