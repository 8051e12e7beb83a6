/** Conditions of a mapping table, decided for the columns of one layout. */

import type { Layout } from '../../flow/chunk.ts'
import type { Condition, Filter, Inputs } from '../../flow/plan.ts'
import { sameBytes } from '../../records/fields.ts'
import type { Condition as Columns } from '../table/row-schema.ts'
import { type Holding, type Making, nothing, together } from './making.ts'
import { namedText } from './named-text.ts'

/** Of a row of the table: one condition that a plan can hold, or a function; both null where every record has it. */
export interface CompiledCondition {
  readonly when: Condition | null
  readonly holding: Holding | null
  readonly inputs: Inputs | null
}

/** What a row or a part of it asks for. */
interface Conditions {
  readonly when?: Columns | undefined
  readonly unless?: Columns | undefined
}

/** One text of a condition, and what it may be. */
interface Asked {
  readonly text: Making
  readonly values: readonly string[]
}

/** What a condition comes to for one layout: all that is asked of a record, or none of it with `negate`. */
type Decided = { readonly asked: readonly Asked[]; readonly negate: boolean } | 'always' | 'never'

/** What `when` and `unless` of a row come to; never, when no record fulfils them. */
export function compileCondition(conditions: Conditions, layout: Layout): CompiledCondition | 'never' {
  const decided = decide(conditions, layout)
  if (decided === 'never') return 'never'
  if (decided === 'always') return { when: null, holding: null, inputs: nothing }
  const holding = holdingOf(decided)
  const [only, ...others] = decided.asked
  const { copies } = only?.text ?? {}
  if (only === undefined || others.length > 0 || !copies)
    return { when: null, holding, inputs: holding.inputs }
  const when = { column: copies.column, values: only.values, negate: decided.negate }
  return { when, holding: null, inputs: holding.inputs }
}

/** As `compileCondition`, always as a function; null for one that holds for every record. */
export function compileHolding(conditions: Conditions, layout: Layout): Holding | null | 'never' {
  const decided = decide(conditions, layout)
  if (decided === 'never') return 'never'
  return decided === 'always' ? null : holdingOf(decided)
}

/** A column that the layout lacks is empty in every record, so what is asked of it is decided here. */
function decide({ when, unless }: Conditions, layout: Layout): Decided {
  const given = when ?? unless
  if (given === undefined) return 'always'
  const negate = when === undefined
  const asked: Asked[] = []
  for (const [name, values] of Object.entries(given)) {
    const text = namedText(name, layout)
    if (text !== null) asked.push({ text, values })
    else if (!values.includes('')) return negate ? 'always' : 'never'
  }
  if (asked.length > 0) return { asked, negate }
  return negate ? 'never' : 'always'
}

function holdingOf({ asked, negate }: Exclude<Decided, string>): Holding {
  const each = asked.map(isOneOf)
  const all = each.length === 1 ? each[0]! : allOf(each)
  return {
    holds: negate ? (records, row) => !all(records, row) : all,
    inputs: together(asked.map(lookedAt)),
  }
}

function allOf(filters: readonly Filter[]): Filter {
  return (records, row) => {
    for (const holds of filters) if (!holds(records, row)) return false
    return true
  }
}

/** Of a column that is only asked for being empty, what is in it does not matter. */
function lookedAt({ text: { inputs }, values }: Asked): Inputs | null {
  if (inputs === null || values.some((value) => value !== '')) return inputs
  return { ...inputs, columns: [], blanks: inputs.columns }
}

function isOneOf({ text: { run: text, copies }, values }: Asked): Filter {
  const wanted = new Set(values)
  if (copies === null) return (records, row) => wanted.has(text(records, row))
  const { column } = copies
  // Most fields are decided by their bytes; text is made only of one that blanks or quotes may hide.
  const bytes = values.map((value) => Buffer.from(value))
  return (records, row) => {
    const index = row * records.layout.columns.length + column
    const start = records.starts[index]!
    const end = records.ends[index]!
    for (const value of bytes) if (sameBytes(value, records.bytes, start, end)) return true
    return mayHide(records.bytes, start, end) && wanted.has(text(records, row))
  }
}

/** True when the text of a field may be another one than its bytes: blanks around it, quotes, no ASCII. */
function mayHide(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte <= 0x20 || byte === 0x22 || byte >= 0x80) return true
  }
  return false
}
