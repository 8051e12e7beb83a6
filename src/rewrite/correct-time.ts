/** Times of a server whose clock is wrong, put right. */

import type { Layout } from '../flow/chunk.ts'
import type { Rewrite } from '../flow/plan.ts'
import { fieldText } from '../records/fields.ts'
import { columnIndex } from '../records/layouts.ts'
import { rewriteRows, takeRows } from '../records/rewrites.ts'

const timeLength = 'yyyy-MM-ddTHH:mm:ss.fffZ'.length

/** Seconds to add to the times of a source, by its name. */
export type Corrections = ReadonlyMap<string, number>

/** The rewrite for a layout; null when there is nothing to correct. */
export function correctTimes(layout: Layout, corrections: Corrections): Rewrite | null {
  const column = columnIndex(layout, 'date-time')
  if (column < 0 || corrections.size === 0) return null
  return (records, rows) => {
    const seconds = corrections.get(records.source) ?? 0
    if (seconds === 0) return takeRows(records, rows)
    return rewriteRows(records, rows, (row, replace) => {
      const corrected = correctedTime(fieldText(records, row, column), seconds)
      if (corrected !== null) replace(column, corrected)
    })
  }
}

/** Null for what is no `yyyy-MM-ddTHH:mm:ss.fffZ`, or would be none afterwards. */
function correctedTime(text: string, seconds: number): string | null {
  const time = text.length === timeLength ? Date.parse(text) : Number.NaN
  // Date.parse knows other forms too, and days that do not exist.
  if (Number.isNaN(time) || new Date(time).toISOString() !== text) return null
  const corrected = new Date(time + seconds * 1000)
  if (Number.isNaN(corrected.getTime())) return null
  const written = corrected.toISOString()
  return written.length === timeLength ? written : null
}
