import type { Records } from '../flow/records.ts'
import { atOnce } from './at-once.ts'
import { RecordsEditor } from './editor.ts'

/** Puts another value into a column of the row that is edited; see `RecordsEditor.replace`. */
type ReplaceField = (column: number, value: string | Buffer) => void

/** What becomes of a row: nothing unless it replaces fields of it. */
export type EditRow = (row: number, replace: ReplaceField) => void

/** The same for a row that may take long, which yields when it is time for other work; null for one that does not. */
type EditRowInParts = (row: number, replace: ReplaceField) => Generator<void> | null

/** These rows, each edited. Untouched is the same object: all rows with nothing replaced are the records themselves. */
export function rewriteRows(records: Records, rows: Uint32Array, edit: EditRow): Records {
  return atOnce(
    rewriteRowsInParts(records, rows, (row, replace) => {
      edit(row, replace)
      return null
    }),
  )
}

/** The same in parts. */
export function* rewriteRowsInParts(
  records: Records,
  rows: Uint32Array,
  edit: EditRowInParts,
): Generator<void, Records> {
  let editor = rows.length === records.count ? null : new RecordsEditor(records, rows.length)
  let copied = 0
  let current = 0
  const copyUpTo = (end: number): RecordsEditor => {
    editor ??= new RecordsEditor(records, rows.length)
    while (copied < end) editor.copy(rows[copied++] as number)
    return editor
  }
  const replace: ReplaceField = (column, value) => copyUpTo(current + 1).replace(column, value)
  for (; current < rows.length; current++) {
    const parts = edit(rows[current] as number, replace)
    if (parts !== null) yield* parts
  }
  return editor === null ? records : copyUpTo(rows.length).records()
}

/** These rows as they are; the records themselves when that is all of them. */
export function takeRows(records: Records, rows: Uint32Array): Records {
  return rewriteRows(records, rows, () => {})
}
