/** A small table of one's own, for tests of what rows can say. */

import type { EventPlan, ValuePlan } from '../../../src/flow/plan.ts'
import { compileMapping } from '../../../src/map/compile/compile.ts'
import { loadDictionary, parseMapping } from '../../../src/map/table/load.ts'
import { ProblemsError } from '../../../src/mistakes/problem.ts'
import { type Bytes, layoutOf, recordsOf } from '../../support/records.ts'
import { type Told, told } from '../../support/told.ts'

const dictionary = loadDictionary()

const head = `name: own
version: 1.0.0
header:
  vendor: V
  product: P
  version: { from: ['#Version'], default: unknown }
  eventClassId: { from: [event-id], default: UNKNOWN }
  name: { from: [event-id], default: UNKNOWN }
time: date-time
plainPrefix: P
`

/** The text of a table with these lines, which say its severity or its fields where they have something to say. */
export function ownTable(lines: string): string {
  const severity = /^severity:/m.test(lines) ? '' : 'severity: { from: event-id, default: 3, levels: {} }\n'
  const fields = /^fields:/m.test(lines)
    ? ''
    : 'fields:\n  - { key: rt, from: date-time, as: epoch-millis }\n'
  return `${head}${severity}${fields}${lines}\n`
}

/** A table with one row, `key: msg` unless it says another one. */
export function oneRow(row: string, others = ''): string {
  return ownTable(`fields:\n  - { ${row.includes('key:') ? '' : 'key: msg, '}${row} }\n${others}`)
}

/** The plan of a table for logs with these columns. */
export function planOf(table: string, columns: readonly string[], cefVersion: 0 | 1 = 0): EventPlan {
  const options = { cefVersion, additionalData: 'arcsight', dictionary } as const
  return compileMapping(parseMapping('own.yaml', table, { dictionary }), layoutOf(columns), options)
}

/** What a plan makes of a record: the text before its conversion, or the column it copies. */
export function made(
  value: ValuePlan | undefined,
  record: Readonly<Record<string, Bytes>>,
): string | number | null {
  if (value === undefined) return null
  if (value.derive === null) return value.column
  // One more column, or a record without a value would be an empty line, which is none.
  const layout = layoutOf([...Object.keys(record), 'filler'])
  return value.derive(recordsOf(layout, [[...Object.values(record), 'x']]), 0).toString()
}

/** The text that a table with this one row makes of a record. */
export function textOf(
  row: string,
  record: Readonly<Record<string, Bytes>>,
  others = '',
): string | number | null {
  const plan = planOf(oneRow(row, others), Object.keys(record))
  return made(plan.fields[0], record)
}

/** The mistakes of a table, as `where: message → remedy`. */
export function mistakesIn(table: string): string[] {
  return problemsOf(() => parseMapping('own.yaml', table, { dictionary }))
}

/** The problems that a function throws. */
export function problemsOf(run: () => unknown): string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof ProblemsError) return told(error.problems).map(shown)
    throw error
  }
  return []
}

function shown({ where, message, remedy }: Told): string {
  return `${where}: ${message}${remedy === undefined ? '' : ` → ${remedy}`}`
}
