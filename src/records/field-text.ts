import { FieldFlag, type Records } from '../flow/records.ts'

/** A field as text: its doubled quotes made single, invalid UTF-8 shown as U+FFFD. For rules and display. */
export function fieldText(records: Records, row: number, column: number): string {
  const index = row * records.layout.columns.length + column
  const text = records.bytes.toString('utf8', records.starts[index], records.ends[index])
  return (records.flags[index] ?? 0) & FieldFlag.quote ? text.replaceAll('""', '"') : text
}
