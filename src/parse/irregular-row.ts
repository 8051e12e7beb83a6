/** Rows with stray quotes, which Exchange does not write but other hands do: read by csv-parse, relaxed. */
import { parse } from 'csv-parse/sync'

/** The fields of a row, one byte per character (latin1), or the reason why it is no row. */
export type IrregularRow =
  | { readonly fields: readonly string[] }
  | { readonly fields: null; readonly reason: string }

/** Reads one row without its line end. */
export function parseIrregularRow(row: Buffer): IrregularRow {
  try {
    const rows: string[][] = parse(row.toString('latin1'), {
      relax_quotes: true,
      relax_column_count: true,
      // Named, or csv-parse would take a lone CR inside the row for a line end.
      record_delimiter: '\n',
    })
    const [fields, ...others] = rows
    if (fields === undefined || others.length > 0) return { fields: null, reason: 'no single row' }
    return { fields }
  } catch {
    return { fields: null, reason: 'a quoted field is not closed' }
  }
}
