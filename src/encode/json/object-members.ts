/**
 * An event as members of a JSON object: its header, and its values. A name stands in an object once: the first value with
 * something to say has it, and its label follows.
 */
import type { EventPlan } from '../../flow/plan.ts'
import type { Records } from '../../flow/records.ts'
import type { ByteWriter } from '../byte-writer.ts'
import { CefHeaders } from '../cef-header.ts'
import { createSpan } from '../text-value.ts'
import type { ValueOutcome, ValueWriter } from '../value-writer.ts'
import type { Counts } from './json-lines.ts'
import { writeJsonText } from './json-text.ts'
import { beforeText, endOfText, headerField, textMember, writeAll } from './members.ts'

/** How the header of an event is written. */
export interface HeaderForm {
  /** Of its fields, in its order. */
  readonly names: readonly string[]
  /** The member of each severity, 0 to 10. */
  readonly severities: readonly Buffer[]
  readonly replaced: RegExp | null
}

/** The fields of the header, and the severity behind them. */
export class HeaderMembers {
  readonly #headers: CefHeaders
  readonly #fields
  readonly #form: HeaderForm
  readonly #span = createSpan()

  constructor(plan: EventPlan, form: HeaderForm) {
    this.#headers = new CefHeaders(plan, form.replaced)
    this.#fields = plan.header.map((field, index) => ({
      field,
      before: beforeText(form.names[index] as string),
    }))
    this.#form = form
  }

  write(out: ByteWriter, records: Records, row: number, cap: number): void {
    const { severities, replaced } = this.#form
    for (const { field, before } of this.#fields) {
      const most = Math.min(field.maxBytes, cap)
      writeAll(out, before)
      writeJsonText(out, headerField(field, { records, row }, most, this.#span, replaced))
      writeAll(out, endOfText)
    }
    writeAll(out, severities[this.#headers.of(records, row).severity] as Buffer)
  }
}

/** A value, and what it and its label are called. */
export interface NamedValue {
  readonly value: ValueWriter
  readonly name: string
  readonly label: { readonly name: string; readonly text: string } | null
  /** Has the last word on what was written from `start` on. */
  readonly mend?: (out: ByteWriter, start: number) => void
}

/** The same with numbers for names. */
interface Member {
  readonly value: ValueWriter
  readonly name: number
  readonly label: { readonly name: number; readonly bytes: Buffer } | null
  readonly mend: ((out: ByteWriter, start: number) => void) | undefined
}

/** What a row has, beside its number. */
interface RowOf {
  readonly records: Records
  readonly cap: number
  readonly receivedMs: number
  readonly counts: Counts
}

/** All values that have a name of their own. */
export class ValueMembers {
  /** Values of the row whose true number did not fit and is wanted elsewhere. */
  readonly clamped: ValueWriter[] = []
  readonly #members: readonly Member[]
  /** Which names the object has already; the first `#taken` always. */
  readonly #has: Uint8Array
  readonly #taken: number

  /** `taken`: names that the object has from elsewhere. */
  constructor(values: readonly NamedValue[], taken: readonly string[] = []) {
    const numbers = new Map(taken.map((name, index) => [name, index]))
    const numberOf = (name: string): number => {
      const number = numbers.get(name) ?? numbers.size
      numbers.set(name, number)
      return number
    }
    this.#members = values.map(({ value, name, label, mend }) => ({
      value,
      name: numberOf(name),
      label: label && { name: numberOf(label.name), bytes: textMember(label.name, label.text) },
      mend,
    }))
    this.#has = new Uint8Array(numbers.size)
    this.#taken = taken.length
  }

  /** Writes those of a row; what was clamped in the row before is forgotten. */
  write(out: ByteWriter, row: number, of: RowOf): void {
    const has = this.#has
    has.fill(0)
    has.fill(1, 0, this.#taken)
    this.clamped.length = 0
    for (const { value, name, label, mend } of this.#members) {
      if (has[name] === 1) continue
      const start = out.length
      this.writeOne(value, out, row, of)
      if (out.length === start) continue
      mend?.(out, start)
      has[name] = 1
      if (label === null || has[label.name] === 1) continue
      has[label.name] = 1
      writeAll(out, label.bytes)
    }
  }

  /** Writes a value, whatever it is called, and counts what became of it. */
  writeOne(
    value: ValueWriter,
    out: ByteWriter,
    row: number,
    { records, cap, receivedMs, counts }: RowOf,
  ): void {
    out.reserve(value.maxBytes)
    const outcome: ValueOutcome = value.write(out, records, row, cap, receivedMs)
    if (outcome === 'cut' || outcome === 'clamped' || outcome === 'invalid') counts[outcome]++
    if (outcome === 'clamped' && value.plan.overflowKey !== null) this.clamped.push(value)
  }
}
