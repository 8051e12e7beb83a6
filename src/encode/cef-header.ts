/**
 * `CEF:0|vendor|product|version|class id|name|severity|`. The columns it depends on (event-id and version)
 * hold few different values, so each combination is rendered once and then found by its bytes.
 */

import type { EventPlan, HeaderPlan, Inputs } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import { FieldFlag } from '../records/fields.ts'
import { ByteWriter } from './byte-writer.ts'
import { createSpan, normaliseField, normaliseText, type Span, writeHeaderField } from './text-value.ts'

/** A rendered header and its severity, 0–10. */
export interface CefHeader {
  readonly bytes: Buffer
  readonly severity: number
}

/** A header with what it was rendered from. */
interface CachedHeader {
  readonly key: Buffer
  /** Severity that the row asked for, -1 for none. */
  readonly asked: number
  readonly header: CefHeader
}

const LF = 0x0a

const noInputs: Inputs = { first: -1, columns: [], blanks: [], shapes: [], sides: null, unless: [] }

/** More combinations than any server writes: only garbage reaches it. */
const MOST_CACHED = 4096
/** A longer combination is garbage too, and not worth its memory. */
const LONGEST_KEY = 1024

/** The headers of one event plan. */
export class CefHeaders {
  readonly #plan: EventPlan
  readonly #replaced: RegExp | null
  /** The columns a header depends on, beside what its severity is derived from. */
  readonly #columns: readonly number[]
  /** What a header depends on, its severity included; null when that is not known. */
  readonly inputs: Inputs | null
  /** Upper bound of a header. */
  readonly maxBytes: number
  readonly #cache = new Map<number, CachedHeader>()
  readonly #span = createSpan()

  /** `replaced`: characters that become U+FFFD beside ASCII's control characters. */
  constructor(plan: EventPlan, replaced: RegExp | null = null) {
    this.#plan = plan
    this.#replaced = replaced
    this.maxBytes = 16 + plan.header.reduce((sum, field) => sum + 2 * field.maxBytes + 1, 0)
    const columns = [...plan.header.flatMap((field) => field.columns), plan.severity.column]
    this.#columns = [...new Set(columns)].filter((column) => column >= 0)
    const { derive, inputs = null } = plan.severity
    const ofSeverity = derive === null ? noInputs : inputs
    this.inputs = ofSeverity && {
      ...ofSeverity,
      columns: [...new Set([...this.#columns, ...ofSeverity.columns])],
    }
  }

  /** The header of a row, from the cache when its columns were seen before. */
  of(records: Records, row: number): CefHeader {
    const { derive } = this.#plan.severity
    const asked = derive === null ? -1 : derive(records, row)
    const hash = Math.imul(this.#hashOf(records, row) ^ (asked + 1), 0x01000193)
    const cached = this.#cache.get(hash)
    if (cached?.asked === asked && this.#matches(cached.key, records, row)) return cached.header
    const header = this.render(records, row, Number.MAX_SAFE_INTEGER)
    if (cached === undefined && this.#cache.size < MOST_CACHED) {
      const key = this.#keyOf(records, row)
      if (key !== null) this.#cache.set(hash, { key, asked, header })
    }
    return header
  }

  /** The header of a row with each field limited to `cap` bytes beside its own limit. */
  render(records: Records, row: number, cap: number): CefHeader {
    const { cefVersion, header, severity } = this.#plan
    const out = new ByteWriter(this.maxBytes)
    out.write(Buffer.from(`CEF:${cefVersion}|`))
    for (const field of header) {
      writeHeaderField(out, this.#field(field, records, row, Math.min(field.maxBytes, cap)))
      out.write(Buffer.from('|'))
    }
    const asked = severity.derive?.(records, row) ?? -1
    const level =
      asked >= 0
        ? asked
        : (severity.levels.get(this.#text(records, row, severity.column)) ?? severity.default)
    out.write(Buffer.from(`${level}|`))
    // A copy of its own length: it may stay in the cache for good.
    return { bytes: Buffer.from(out.bytes.subarray(0, out.length)), severity: level }
  }

  #field(field: HeaderPlan, records: Records, row: number, maxBytes: number): Span {
    const base = row * records.layout.columns.length
    for (const column of field.columns) {
      normaliseField(this.#span, records, base + column, maxBytes, this.#replaced)
      if (this.#span.start < this.#span.end) return this.#span
    }
    return normaliseText(field.fallback, maxBytes, this.#replaced)
  }

  #text(records: Records, row: number, column: number): string {
    if (column < 0) return ''
    normaliseField(this.#span, records, row * records.layout.columns.length + column, Number.MAX_SAFE_INTEGER)
    return this.#span.bytes.toString('utf8', this.#span.start, this.#span.end)
  }

  /** FNV-1a over the columns, their ends included. */
  #hashOf(records: Records, row: number): number {
    const base = row * records.layout.columns.length
    let hash = 0x811c9dc5
    for (const column of this.#columns) {
      const end = records.ends[base + column] as number
      for (let at = records.starts[base + column] as number; at < end; at++) {
        hash = Math.imul(hash ^ (records.bytes[at] as number), 0x01000193)
      }
      hash = Math.imul(hash ^ (0x100 | quoteFlag(records, base + column)), 0x01000193)
    }
    return hash
  }

  /**
   * The columns' bytes, each ended by a line feed, which no field of a row can hold, and its quote flag; null when
   * they are not worth to be remembered.
   */
  #keyOf(records: Records, row: number): Buffer | null {
    const base = row * records.layout.columns.length
    const { bytes, starts, ends } = records
    const key = Buffer.concat(
      this.#columns.flatMap((column) => [
        bytes.subarray(starts[base + column], ends[base + column]),
        Buffer.of(LF, quoteFlag(records, base + column)),
      ]),
    )
    return key.length <= LONGEST_KEY ? key : null
  }

  #matches(key: Buffer, records: Records, row: number): boolean {
    const base = row * records.layout.columns.length
    let at = 0
    for (const column of this.#columns) {
      const end = records.ends[base + column] as number
      for (let from = records.starts[base + column] as number; from < end; from++) {
        if (key[at++] !== records.bytes[from]) return false
      }
      if (key[at++] !== LF) return false
      if (key[at++] !== quoteFlag(records, base + column)) return false
    }
    return at === key.length
  }
}

/** The same bytes are two values: with the flag, a doubled quote stands for one. */
function quoteFlag(records: Records, index: number): number {
  return (records.flags[index] as number) & FieldFlag.quote
}
