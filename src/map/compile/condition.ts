/** Conditions of a mapping table, decided for the columns of one layout. */

import type { Layout } from '../../flow/chunk.ts'
import type { Condition, Derive, Filter } from '../../flow/plan.ts'
import type { Records } from '../../flow/records.ts'
import { sameBytes } from '../../records/fields.ts'
import { columnIndex } from '../../records/layouts.ts'
import type { Condition as Columns } from '../table/row-schema.ts'
import { namedText } from './named-text.ts'

/** Of a row of the table: one condition that a plan can hold, or a function; never, when no record fulfils it. */
export interface CompiledCondition {
  readonly when: Condition | null
  readonly holds: Filter | null
}

const always: CompiledCondition = { when: null, holds: null }

/**
 * What `when` and `unless` of a row come to. A column that the layout lacks is empty in every record, so what is
 * asked of it is decided here.
 */
export function compileCondition(
  { when, unless }: { readonly when?: Columns | undefined; readonly unless?: Columns | undefined },
  layout: Layout,
): CompiledCondition | 'never' {
  const given = when ?? unless
  if (given === undefined) return always
  const negate = when === undefined
  const open: { readonly column: number; readonly values: readonly string[]; readonly text: Derive }[] = []
  for (const [name, values] of Object.entries(given)) {
    const text = namedText(name, layout)
    if (text !== null) open.push({ column: columnIndex(layout, name), values, text })
    else if (!values.includes('')) return negate ? always : 'never'
  }
  const [first, ...others] = open
  if (first === undefined) return negate ? 'never' : always
  if (others.length === 0 && first.column >= 0) {
    return { when: { column: first.column, values: first.values, negate }, holds: null }
  }
  const each = open.map(({ column, values, text }) => isOneOf(column, text, values))
  return { when: null, holds: (records, row) => allHold(each, records, row) !== negate }
}

/** As `compileCondition`, always as a function; null for one that holds for every record. */
export function compileHolds(
  conditions: Parameters<typeof compileCondition>[0],
  layout: Layout,
): Filter | null | 'never' {
  const compiled = compileCondition(conditions, layout)
  if (compiled === 'never') return 'never'
  if (compiled.when === null) return compiled.holds
  const { column, values, negate } = compiled.when
  const text = namedText(layout.columns[column]!.toLowerCase(), layout)
  if (text === null) return null
  const holds = isOneOf(column, text, values)
  return (records, row) => holds(records, row) !== negate
}

function allHold(filters: readonly Filter[], records: Records, row: number): boolean {
  for (const holds of filters) if (!holds(records, row)) return false
  return true
}

/** `column` is -1 for a text that is more than a column. */
function isOneOf(column: number, text: Derive, values: readonly string[]): Filter {
  const wanted = new Set(values)
  if (column < 0) return (records, row) => wanted.has(text(records, row))
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
