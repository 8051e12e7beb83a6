/** What happens to one record between the log and the mapping: which rule takes or drops it, what changes it. */

import { explainFilter } from '../../filter/filter.ts'
import type { FilterSettings } from '../../filter/options.ts'
import type { RewriteStep } from '../../flow/plan.ts'
import type { Records } from '../../flow/records.ts'
import { counted } from '../../mistakes/counted.ts'
import { fieldText } from '../../records/fields.ts'
import { textTable } from '../terminal/table.ts'

/** Characters of a value shown in a table. */
export const SHOWN = 60
/** Events of one record whose changes are shown. */
const SHOWN_EVENTS = 3

/** Each rule of the filter and what it says on the record; empty without any. `width` of the terminal. */
export function filterReport(
  settings: FilterSettings,
  records: Records,
  row: number,
  width?: number,
): string {
  const results = explainFilter(settings, records.layout)(records, row)
  if (results.length === 0) return ''
  const isDelivered = results.every(({ holds, depth }) => holds || depth > 0)
  const rules = results.map(({ rule, holds, depth }) => [
    `  ${holds ? 'holds' : 'does not'}`,
    `${'  '.repeat(depth)}${rule}`,
  ])
  const verdict = isDelivered
    ? 'delivered, since every rule holds'
    : 'left out by the filter; below is what would be delivered'
  return `${verdict}:\n${textTable(rules, { width })}\n`
}

/** What the steps make of a record: one event of each of `rows`, and which fields they changed. */
export interface Rewritten {
  readonly records: Records
  readonly rows: Uint32Array
  /** The changes as a table; empty when nothing changed. */
  readonly report: string
}

/** Takes a row through the steps between filter and mapping; `width` of the terminal. */
export function rewriteRow(
  steps: readonly RewriteStep[],
  from: Records,
  row: number,
  width?: number,
): Rewritten {
  let records = from
  let rows = Uint32Array.of(row)
  const changes: string[][] = []
  for (const { name, rewriteFor, reasonsFor } of steps) {
    const rewrite = rewriteFor(records.layout)
    if (rewrite === null) continue
    const before = { records, rows, reasonsOf: reasonsFor?.(records.layout) ?? null }
    records = rewrite(records, rows)
    rows = Uint32Array.from({ length: records.count }, (_, index) => index)
    if (rows.length !== before.rows.length)
      changes.push([name, '', '', '1 event', counted(rows.length, 'event')])
    changes.push(...changesOf(name, before, records))
  }
  const head = ['step', 'event', 'column', 'before', 'after']
  const report =
    changes.length === 0
      ? ''
      : `changed before the mapping:\n${textTable([head, ...changes], { maxCell: SHOWN, width })}\n`
  return { records, rows, report }
}

/** The rows a step is given, and why it changes their fields. */
interface Before {
  readonly records: Records
  readonly rows: Uint32Array
  readonly reasonsOf: ((records: Records, row: number) => ReadonlyMap<number, string>) | null
}

/** One row became `count` rows, or as many rows stayed as many. */
function changesOf(step: string, before: Before, after: Records): string[][] {
  const isDivided = before.rows.length !== after.count
  const count = Math.min(after.count, SHOWN_EVENTS)
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const from = before.rows[isDivided ? 0 : index] ?? 0
    const reasons = before.reasonsOf?.(before.records, from)
    return after.layout.columns.flatMap((column, at) => {
      const was = fieldText(before.records, from, at)
      const is = fieldText(after, index, at)
      const reason = reasons?.get(at)
      const name = reason === undefined ? step : `${step}: ${reason}`
      return was === is ? [] : [[name, after.count === 1 ? '' : String(index + 1), column, was, is]]
    })
  })
}
