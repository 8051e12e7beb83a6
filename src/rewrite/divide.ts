/**
 * Rows that become several, in bounded parts: what a row becomes may be a thousand times its size.
 *
 *   rows      1   2               3
 *   made      1   2a 2b 2c … 2z   3
 *   parts    └─────────┘└────┘└─────┘
 */

import type { Divide } from '../flow/in-parts.ts'
import type { Rewrite } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import { RecordsEditor } from '../records/editor.ts'
import { takeRows } from '../records/rewrites.ts'

/** The rows that one row becomes. */
export interface Division {
  readonly count: number
  /** How many bytes of the row each of them takes, on average. */
  readonly bytes: number
  /** Appends those from … to of them. */
  copy(editor: RecordsEditor, from: number, to: number): void
}

/** `divisionOf`: null for a row that stays as it is, which `isSuspect` decides faster for most. */
export function divideRows(
  isSuspect: (records: Records, row: number) => boolean,
  divisionOf: (records: Records, row: number) => Division | null,
): Divide {
  return function* (records, rows, limits, skip) {
    if (rows.length <= limits.rows && !rows.some((row) => isSuspect(records, row))) {
      yield { records: takeRows(records, rows), done: rows.length, made: 0 }
      return
    }
    const expected = Math.min(rows.length, limits.rows)
    const editor = new RecordsEditor(records, expected)
    let bytesLeft = limits.bytes
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index] as number
      const division = isSuspect(records, row) ? divisionOf(records, row) : null
      const rowBytes =
        division?.bytes ?? (records.rowEnds[row] as number) - (records.rowStarts[row] as number)
      const count = division?.count ?? 1
      for (let made = index === 0 && skip < count ? skip : 0; made < count; ) {
        const room = Math.min(limits.rows - editor.count, Math.floor(bytesLeft / rowBytes))
        if (room <= 0 && editor.count > 0) {
          yield { records: editor.records(), done: index, made }
          editor.reset()
          bytesLeft = limits.bytes
          continue
        }
        const to = Math.min(count, made + Math.max(1, room))
        if (division === null) editor.copy(row)
        else division.copy(editor, made, to)
        bytesLeft -= (to - made) * rowBytes
        made = to
      }
    }
    yield { records: editor.records(), done: rows.length, made: 0 }
  }
}

/** The same in a single part. */
export function asOne(divide: Divide): Rewrite {
  const whole = { rows: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }
  return (records, rows) => {
    const [all] = divide(records, rows, whole, 0)
    return all?.records ?? records
  }
}
