import type { Records } from '../flow/records.ts'
import { RecordsEditor } from './editor.ts'

/** Puts another value into a column of the row that is edited; see `RecordsEditor.replace`. */
type ReplaceField = (column: number, value: string | Buffer) => void

/** What becomes of a row: nothing unless it replaces fields of it. */
export type EditRow = (row: number, replace: ReplaceField) => void

/** These rows, each edited. Untouched is the same object: all rows with nothing replaced are the records themselves. */
export function rewriteRows(records: Records, rows: Uint32Array, edit: EditRow): Records {
  let editor = rows.length === records.count ? null : new RecordsEditor(records, rows.length)
  let copied = 0
  let current = 0
  const copyUpTo = (end: number): RecordsEditor => {
    editor ??= new RecordsEditor(records, rows.length)
    while (copied < end) editor.copy(rows[copied++] as number)
    return editor
  }
  const replace: ReplaceField = (column, value) => copyUpTo(current + 1).replace(column, value)
  for (; current < rows.length; current++) edit(rows[current] as number, replace)
  return editor === null ? records : copyUpTo(rows.length).records()
}

/** These rows as they are; the records themselves when that is all of them. */
export function takeRows(records: Records, rows: Uint32Array): Records {
  return rewriteRows(records, rows, () => {})
}
