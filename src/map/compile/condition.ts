/** Conditions of a mapping table, decided for the columns of one layout. */

import type { Layout } from '../../flow/chunk.ts'
import type { Condition, Filter, Inputs } from '../../flow/plan.ts'
import { sameBytes } from '../../records/fields.ts'
import type { Organisation } from '../options.ts'
import { roleColumn } from '../table/roles.ts'
import type { Condition as Columns } from '../table/row-schema.ts'
import { type Holding, type Making, nothing, together } from './making.ts'
import { namedText } from './named-text.ts'
import { roleText } from './role.ts'

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

/** What is asked of a record: all of it, or with `negate` that not all of it holds. */
interface Asking {
  readonly asked: readonly Asked[]
  readonly negate: boolean
}

/** What `when` and `unless` of a row come to, both of which it may have; never, when no record fulfils them. */
export function compileCondition(
  conditions: Conditions,
  layout: Layout,
  organisation: Organisation = {},
): CompiledCondition | 'never' {
  const both = decideBoth(conditions, layout, organisation)
  if (both === 'never') return 'never'
  const [decided, second] = both
  if (decided === undefined) return { when: null, holding: null, inputs: nothing }
  const holding = second === undefined ? holdingOf(decided) : bothOf(holdingOf(decided), holdingOf(second))
  const [only, ...others] = decided.asked
  const { copies } = only?.text ?? {}
  if (second !== undefined || only === undefined || others.length > 0 || !copies)
    return { when: null, holding, inputs: holding.inputs }
  const when = { column: copies.column, values: only.values, negate: decided.negate }
  return { when, holding: null, inputs: holding.inputs }
}

/** As `compileCondition`, always as a function; null for one that holds for every record. */
export function compileHolding(
  conditions: Conditions,
  layout: Layout,
  organisation: Organisation = {},
): Holding | null | 'never' {
  const both = decideBoth(conditions, layout, organisation)
  if (both === 'never') return 'never'
  const [decided, second] = both
  if (decided === undefined) return null
  return second === undefined ? holdingOf(decided) : bothOf(holdingOf(decided), holdingOf(second))
}

/** What is left to ask of a record, if anything. */
function decideBoth(
  { when, unless }: Conditions,
  layout: Layout,
  organisation: Organisation,
): readonly Asking[] | 'never' {
  const asking: Asking[] = []
  for (const [given, negate] of [
    [when, false],
    [unless, true],
  ] as const) {
    const decided = given === undefined ? 'always' : decide(given, negate, layout, organisation)
    if (decided === 'never') return 'never'
    if (decided !== 'always') asking.push(decided)
  }
  return asking
}

/** A column that the layout lacks is empty in every record, so what is asked of it is decided here. */
function decide(
  given: Columns,
  negate: boolean,
  layout: Layout,
  organisation: Organisation,
): Asking | 'always' | 'never' {
  const asked: Asked[] = []
  for (const [name, values] of Object.entries(given)) {
    const of = roleColumn(name)
    const text = of === null ? namedText(name, layout, organisation) : roleText(of, layout, values)
    if (text !== null) asked.push({ text, values })
    else if (!values.includes('')) return negate ? 'always' : 'never'
  }
  if (asked.length > 0) return { asked, negate }
  return negate ? 'never' : 'always'
}

function bothOf(one: Holding, other: Holding): Holding {
  return { holds: allOf([one.holds, other.holds]), inputs: together([one.inputs, other.inputs]) }
}

function holdingOf({ asked, negate }: Asking): Holding {
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
  if (inputs === null || inputs.shapes.length > 0 || values.some((value) => value !== '')) return inputs
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
