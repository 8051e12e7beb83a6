/** What privacy changes in a row. */

import type { Records } from '../flow/records.ts'
import { FieldFlag, fieldText } from '../records/fields.ts'
import type { Kind } from './columns.ts'
import type { Effort } from './effort.ts'
import type { Method } from './options.ts'
import type { Repetitions } from './repetitions.ts'

/**
 * Why a field gets another value: its column is protected so, or a setting hides it. `repeated`: it held a
 * protected value of another column.
 */
export type Reason = Method | 'hideBcc' | 'dropSubjects' | 'repeated'

/** A field that gets another value. */
export interface Change {
  readonly column: number
  readonly value: string
  readonly reason: Reason
}

/** The changes of one row, each column at most once. */
export type ChangesOf = (records: Records, row: number) => readonly Change[]

/** The same where that takes long: it yields when it is time for other work. */
export type ChangesInParts = (records: Records, row: number) => Generator<void, readonly Change[]>

/** Longer rows may take longer than a turn. */
const LONG_BYTES = 8192

/** True for a row whose changes are made in parts. */
export function isLong({ rowStarts, rowEnds }: Records, row: number): boolean {
  return (rowEnds[row] as number) - (rowStarts[row] as number) > LONG_BYTES
}

/** Small letters of what is not ASCII are not told by bytes, and quotes are doubled in them. */
const notPlain = FieldFlag.high | FieldFlag.quote

/** Used again for each row. */
let marks = new Uint8Array(64)

/** The fields of a row that hold values to be kept from view, and what becomes of them. */
export function repeatedChanges(
  fields: readonly { readonly column: number; readonly kind: Kind }[],
  repetitions: Repetitions,
  records: Records,
  row: number,
): readonly Change[] {
  const { layout, starts, ends, flags, rowStarts, rowEnds } = records
  const width = layout.columns.length
  if (marks.length < width) marks = new Uint8Array(width)
  else marks.fill(0, 0, width)
  const isMarked = repetitions.markIn(records, row, marks)
  const changes: Change[] = []
  for (const { column, kind } of fields) {
    const field = row * width + column
    const start = starts[field] as number
    const end = ends[field] as number
    if (start === end) continue
    const isDecided =
      isMarked &&
      ((flags[field] as number) & notPlain) === 0 &&
      start >= (rowStarts[row] as number) &&
      end <= (rowEnds[row] as number)
    if (isDecided && marks[column] === 0) continue
    const value = repetitions.replaceIn(fieldText(records, row, column), kind)
    if (value !== undefined) changes.push({ column, value, reason: 'repeated' })
  }
  return changes
}

/** The same for a long row. */
export function* repeatedInParts(
  fields: readonly { readonly column: number; readonly kind: Kind }[],
  repetitions: Repetitions,
  records: Records,
  row: number,
  effort: Effort,
): Generator<void, readonly Change[]> {
  const changes: Change[] = []
  for (const { column, kind } of fields) {
    const text = fieldText(records, row, column)
    if (text === '') continue
    const value = yield* repetitions.replaceInParts(text, kind, effort)
    if (value !== undefined) changes.push({ column, value, reason: 'repeated' })
  }
  return changes
}
