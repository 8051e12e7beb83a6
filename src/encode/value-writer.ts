/** One value of the extension: converted, checked against its limits and written behind its key. */

import type { ValuePlan } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import { parseEventTime } from '../records/event-time.ts'
import { sameBytes } from '../records/fields.ts'
import { ipv6Text, isIpv4, looksLikeIpv6 } from './address.ts'
import type { ByteWriter } from './byte-writer.ts'
import {
  createSpan,
  normaliseBytes,
  normaliseField,
  normaliseShort,
  type Span,
  writeExtension,
} from './text-value.ts'

/** What became of a value. */
export type ValueOutcome =
  | 'written'
  /** The column is empty. */
  | 'empty'
  /** The condition of its row in the table does not hold, or the address is of the other family. */
  | 'excluded'
  /** Not of the type the key wants: left out. */
  | 'invalid'
  /** Shortened to its limit. */
  | 'cut'
  /** Written as the largest number the key takes; the true one follows as additional data. */
  | 'clamped'

const ZERO = 0x30
const NINE = 0x39

/** Longest number that is passed on as the true value of a clamped one: the limit of additional data. */
const OVERFLOW_MAX_DIGITS = 4000

/** What values are written as. */
export interface ValueForm {
  /** What stands before and behind a value under this key. */
  around(key: string): { readonly before: Buffer; readonly behind: Buffer }
  /** Writes text; room for twice its length is reserved. */
  text(out: ByteWriter, span: Span): void
  /** Writes a time, in epoch milliseconds; room for 24 bytes is reserved. */
  time(out: ByteWriter, ms: number): void
}

const nothing = Buffer.alloc(0)

const cefForm: ValueForm = {
  around: (key) => ({ before: Buffer.from(` ${key}=`), behind: nothing }),
  text: writeExtension,
  time: (out, ms) => out.writeInteger(ms),
}

/** No second limit. */
export const NO_CAP = Number.MAX_SAFE_INTEGER

/** Writes the values of one row of a mapping table. The room must be reserved: see `maxBytes`. */
export class ValueWriter {
  readonly plan: ValuePlan
  /** Upper bound of what one call of `write` and one of `writeOverflow` add. */
  readonly maxBytes: number
  readonly #replaced: RegExp | null
  readonly #form: ValueForm
  readonly #before: Buffer
  readonly #behind: Buffer
  readonly #overflowPrefix: Buffer | null
  readonly #maxDigits: Buffer
  readonly #conditionValues: readonly Buffer[]
  readonly #span = createSpan()

  /** `replaced`: characters that become U+FFFD beside ASCII's control characters; `form`: that of CEF by default. */
  constructor(plan: ValuePlan, replaced: RegExp | null = null, form = cefForm) {
    this.plan = plan
    this.#replaced = replaced
    this.#form = form
    const { before, behind } = form.around(plan.key)
    this.#before = before
    this.#behind = behind
    this.#overflowPrefix = plan.overflowKey === null ? null : Buffer.from(` ${plan.overflowKey}=`)
    this.#maxDigits = Buffer.from(plan.max.toString())
    this.#conditionValues = plan.when?.values.map((value) => Buffer.from(value)) ?? []
    const overflowBytes =
      this.#overflowPrefix === null ? 0 : this.#overflowPrefix.length + OVERFLOW_MAX_DIGITS
    this.maxBytes = before.length + behind.length + 2 * Math.max(plan.maxBytes, 64) + overflowBytes
  }

  /**
   * Writes ` key=value` or nothing. `cap`: a second limit in bytes for text, to keep a message small. `receivedMs`: for
   * the receipt time.
   */
  write(out: ByteWriter, records: Records, row: number, cap: number, receivedMs = 0): ValueOutcome {
    const { plan } = this
    if (plan.as === 'receipt-time') {
      out.write(this.#before)
      this.#form.time(out, receivedMs)
      out.write(this.#behind)
      return 'written'
    }
    const base = row * records.layout.columns.length
    const index = base + plan.column
    if (plan.derive === null && records.starts[index] === records.ends[index]) return 'empty'
    if (plan.when !== null && !this.#holds(records, base + plan.when.column)) return 'excluded'
    const isText = plan.as === 'text'
    const maxBytes = isText ? Math.min(plan.maxBytes, cap) : NO_CAP
    const span = this.#span
    const replaced = this.#replaced
    if (plan.derive === null) {
      normaliseField(span, records, index, maxBytes, replaced)
    } else {
      const made = plan.derive(records, row)
      if (typeof made === 'string') normaliseShort(span, made, maxBytes, replaced)
      else normaliseBytes(span, made, records.validUtf8, maxBytes, replaced)
    }
    if (span.start === span.end || (span.cut && plan.isWhole)) return span.cut ? 'cut' : 'empty'
    const before = out.length
    out.write(this.#before)
    if (isText) {
      this.#form.text(out, span)
      out.write(this.#behind)
      return span.cut ? 'cut' : 'written'
    }
    const outcome = this.#writeTyped(out)
    if (outcome === 'invalid' || outcome === 'excluded') out.length = before
    else out.write(this.#behind)
    return outcome
  }

  /** What the last `write` clamped, as it stands in the row: digits. */
  get clamped(): Span {
    return this.#span
  }

  /**
   * Writes the true value that the last `write` clamped, if the table has a key for it. False when it is longer
   * than `cap` or its own limit: it is left out then, as a part of a number would be another number.
   */
  writeOverflow(out: ByteWriter, cap: number): boolean {
    if (this.#overflowPrefix === null) return true
    const { bytes, start, end } = this.#span
    if (end - start > Math.min(OVERFLOW_MAX_DIGITS, cap)) return false
    out.write(this.#overflowPrefix)
    out.write(bytes, start, end)
    return true
  }

  #holds(records: Records, index: number): boolean {
    const start = records.starts[index] as number
    const end = records.ends[index] as number
    const found = this.#conditionValues.some((value) => sameBytes(value, records.bytes, start, end))
    return found !== this.plan.when?.negate
  }

  #writeTyped(out: ByteWriter): ValueOutcome {
    const { bytes, start, end } = this.#span
    switch (this.plan.as) {
      case 'integer':
        return this.#writeDigits(out)
      case 'epoch-millis': {
        const time = parseEventTime(bytes, start, end)
        if (Number.isNaN(time)) return 'invalid'
        this.#form.time(out, time)
        return 'written'
      }
      case 'ipv4':
        if (isIpv4(bytes, start, end)) return writeBytes(out, bytes, start, end)
        // An IPv6 address is not wrong here: it has a key of its own.
        return looksLikeIpv6(bytes, start, end) ? 'excluded' : 'invalid'
      case 'ipv6':
        return looksLikeIpv6(bytes, start, end) ? writeIpv6(out, bytes, start, end) : 'excluded'
      case 'ip':
        if (isIpv4(bytes, start, end)) return writeBytes(out, bytes, start, end)
        return writeIpv6(out, bytes, start, end)
      case 'text':
      case 'receipt-time':
        throw new TypeError(`${this.plan.as} has no bytes to convert`)
    }
  }

  /** Digits only, leading zeros dropped (a reader takes them for octal). */
  #writeDigits(out: ByteWriter): ValueOutcome {
    const span = this.#span
    for (let at = span.start; at < span.end; at++) {
      const byte = span.bytes[at] as number
      if (byte < ZERO || byte > NINE) return 'invalid'
    }
    while (span.end - span.start > 1 && span.bytes[span.start] === ZERO) span.start++
    const length = span.end - span.start
    const max = this.#maxDigits
    const tooLarge =
      length > max.length ||
      (length === max.length && span.bytes.compare(max, 0, length, span.start, span.end) > 0)
    if (!tooLarge) return writeBytes(out, span.bytes, span.start, span.end)
    // What a text was put into is used again before the true value is written.
    if (this.plan.derive !== null) {
      span.bytes = Buffer.from(span.bytes.subarray(span.start, span.end))
      span.start = 0
      span.end = length
    }
    out.write(max)
    return 'clamped'
  }
}

function writeBytes(out: ByteWriter, bytes: Buffer, start: number, end: number): ValueOutcome {
  out.write(bytes, start, end)
  return 'written'
}

function writeIpv6(out: ByteWriter, bytes: Buffer, start: number, end: number): ValueOutcome {
  const address = ipv6Text(bytes, start, end)
  if (address === null) return 'invalid'
  out.write(Buffer.from(address))
  return 'written'
}
