import type { Rewrite } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import { RecordsEditor } from './editor.ts'

/** One rewrite that does all of them, each on what the one before made of the rows; null when there is none. */
export function inOrder(rewrites: readonly (Rewrite | null)[]): Rewrite | null {
  const [first, ...others] = rewrites.filter((rewrite) => rewrite !== null)
  if (first === undefined) return null
  if (others.length === 0) return first
  return (records, rows) =>
    others.reduce((rewritten, rewrite) => rewrite(rewritten, allRows(rewritten)), first(records, rows))
}

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

function allRows({ count }: Records): Uint32Array {
  return Uint32Array.from({ length: count }, (_, row) => row)
}
