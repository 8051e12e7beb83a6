/** What privacy changes in a row. */
import { fieldText } from '../field-text.ts'
import type { Records } from '../types.ts'
import type { Kind } from './columns.ts'
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

/** The fields of a row that hold values to be kept from view, and what becomes of them. */
export function repeatedChanges(
  fields: readonly { readonly column: number; readonly kind: Kind }[],
  repetitions: Repetitions,
  records: Records,
  row: number,
): readonly Change[] {
  return fields.flatMap(({ column, kind }): Change[] => {
    const text = fieldText(records, row, column)
    const value = text === '' ? undefined : repetitions.replaceIn(text, kind)
    return value === undefined ? [] : [{ column, value, reason: 'repeated' }]
  })
}
