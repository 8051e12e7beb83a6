/**
 * Rows with many recipients become several rows: one for each recipient, or as many as it takes for no list to
 * be cut. Everything else in them, the number of recipients and the original row included, stays as it was.
 *
 *   recipient-address  a@x.com;b@x.com        a@x.com       b@x.com
 *   recipient-status   250 Ok;'451 4; busy'   250 Ok        451 4; busy
 *   recipient-count    2                      2             2
 */

import type { Layout } from '../flow/chunk.ts'
import type { Divide } from '../flow/in-parts.ts'
import type { Rewrite } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import type { RecordsEditor } from '../records/editor.ts'
import { FieldFlag, withSingleQuotes } from '../records/fields.ts'
import { columnIndex } from '../records/layouts.ts'
import { joinList, splitList } from '../records/list.ts'
import { ListReader } from '../records/list-reader.ts'
import { alongside, type FieldList, groupBraces, includes, listIn } from './alongside.ts'
import { asOne, type Division, divideRows } from './divide.ts'
import type { OverflowMode, RecipientMode } from './options.ts'
import { fittingParts, type LimitedList, listBytes, mostParts, singleParts } from './parts.ts'

const SEMICOLON = 0x3b
const APOSTROPHE = 0x27

export interface RecipientOptions {
  readonly recipients: RecipientMode
  readonly overflow: OverflowMode
  /** Longest value in UTF-8 bytes that an event takes of a column; infinity when it has no such value. */
  readonly maxBytesOf: (column: number) => number
}

/** A list of a row being divided. */
interface RecipientList extends LimitedList {
  readonly column: number
  /** Whether it has a member for each recipient. */
  readonly isParallel: boolean
}

/** The addresses, and what stands beside them. */
interface RecipientLists {
  readonly count: number
  readonly lists: readonly RecipientList[]
  /** Bytes of the row beside those that are divided. */
  readonly repeatedBytes: number
  readonly dividedBytes: number
}

interface ListColumn {
  readonly column: number
  readonly maxBytes: number
}

/** The division for a layout; null when rows stay as they are. */
export function divideRecipients(layout: Layout, options: RecipientOptions): Divide | null {
  const { recipients, overflow, maxBytesOf } = options
  const address = columnIndex(layout, 'recipient-address')
  if (address < 0 || (recipients === 'joined' && overflow === 'cut')) return null
  const names = ['recipient-status', 'related-recipient-address']
  const beside = names.map((name) => columnIndex(layout, name)).filter((column) => column >= 0)
  const columns = [address, ...beside].map((column) => ({ column, maxBytes: maxBytesOf(column) }))
  const isSuspect = recipients === 'each' ? mayBeList : mayBeTooLong
  const divisionOf = (records: Records, row: number) =>
    recipients === 'each' ? each(columns, records, row) : fitting(columns, records, row)
  return divideRows(anyColumn(columns, isSuspect), divisionOf)
}

/** The same as a whole; null likewise. */
export function rewriteRecipients(layout: Layout, options: RecipientOptions): Rewrite | null {
  const divide = divideRecipients(layout, options)
  return divide && asOne(divide)
}

/** Decided on bytes, since most rows are to stay as they are. */
function anyColumn(
  columns: readonly ListColumn[],
  isSuspect: (records: Records, row: number, column: ListColumn) => boolean,
): (records: Records, row: number) => boolean {
  return (records, row) => {
    for (const column of columns) if (isSuspect(records, row, column)) return true
    return false
  }
}

/** Null for a row without recipients. */
function readLists(records: Records, row: number, columns: readonly ListColumn[]): RecipientLists | null {
  const found = columns.map(({ column }) => listIn(records, row, column))
  const count = found[0]?.count ?? 0
  if (count === 0) return null
  const rowBytes = (records.rowEnds[row] as number) - (records.rowStarts[row] as number)
  let dividedBytes = 0
  const lists = columns.map((column, index) => {
    const list = alongside(found[index] as FieldList, count)
    const isParallel = list.count === count
    if (isParallel) dividedBytes += list.end - list.start
    return { ...column, list, isParallel }
  })
  return { count, lists, dividedBytes, repeatedBytes: rowBytes - dividedBytes }
}

/** One row for each recipient, in which no list is wrapped any more; null for a row without recipients. */
function each(columns: readonly ListColumn[], records: Records, row: number): Division | null {
  const found = readLists(records, row, columns)
  if (found === null) return null
  const { count, lists, repeatedBytes, dividedBytes } = found
  const most = mostParts(repeatedBytes)
  const divided = lists.map((one) => ({
    ...one,
    // What does not run parallel is for all of them: the only member, or the whole list since nobody can tell whose is whose.
    starts: one.isParallel ? singleParts(one.list, most) : one.list.count === 1 ? [one.list.start] : null,
  }))
  const size = Math.ceil(count / most)
  const parts = Math.ceil(count / size)
  return {
    count: parts,
    bytes: repeatedBytes + dividedBytes / parts,
    copy(editor, from, to) {
      for (let part = from; part < to; part++) {
        editor.copy(row)
        for (const { column, list, isParallel, starts } of divided) {
          if (starts === null) continue
          const members = isParallel ? Math.min(size, count - part * size) : 1
          if (isParallel) putPart(editor, column, list, starts, part, members === 1)
          // Kept once for all of them.
          else if (part > from) editor.repeat(column)
          else putPart(editor, column, list, starts, 0, true)
        }
      }
    },
  }
}

/**
 * As many rows as are needed; a list that is not parallel stays as it is in all of them. Null where one is enough.
 */
function fitting(columns: readonly ListColumn[], records: Records, row: number): Division | null {
  const found = readLists(records, row, columns)
  if (found === null) return null
  const { count, lists, repeatedBytes, dividedBytes } = found
  const divided = lists.filter(({ isParallel }) => isParallel)
  if (!divided.some(({ list, maxBytes }) => listBytes(list) > maxBytes)) return null
  const starts = fittingParts(count, divided, mostParts(repeatedBytes))
  const parts = starts[0]?.length ?? 0
  if (parts === 1) return null
  return {
    count: parts,
    bytes: repeatedBytes + dividedBytes / parts,
    copy(editor, from, to) {
      for (let part = from; part < to; part++) {
        editor.copy(row)
        divided.forEach(({ column, list }, index) => {
          putPart(editor, column, list, starts[index] as readonly number[], part, false)
        })
      }
    },
  }
}

/** Leaves of a list only the part that begins at `starts[part]`: its only member as it is without quotes, or a list. */
function putPart(
  editor: RecordsEditor,
  column: number,
  list: FieldList,
  starts: readonly number[],
  part: number,
  isSingle: boolean,
): void {
  const start = starts[part] as number
  const behind = starts[part + 1]
  const end = behind === undefined ? list.end : behind - 1
  const { bytes, hasQuotes, isGrouped } = list
  // Nearly always it stands there as it is.
  const isPlain = !hasQuotes || !includes(bytes, start, end, APOSTROPHE)
  if (isPlain && (isSingle || !isGrouped)) {
    editor.narrow(column, start, end)
    return
  }
  if (isSingle && !isGrouped) {
    const member = new ListReader(bytes, start, end)
    member.read()
    if (!member.isWrapped || !includes(bytes, member.start, member.end, APOSTROPHE)) {
      editor.narrow(column, member.start, member.end)
      return
    }
  }
  const members = splitList(
    list.hasDoubled ? withSingleQuotes(bytes, start, end) : bytes.toString('utf8', start, end),
  )
  const found = isGrouped ? groupBraces(members) : members
  editor.replace(column, isSingle ? (found[0] ?? '') : joinList(found.length === 0 ? [''] : found))
}

/** Has several members, or one that is wrapped. */
function mayBeList(records: Records, row: number, { column }: ListColumn): boolean {
  const { bytes, layout, starts, ends } = records
  const index = row * layout.columns.length + column
  const end = ends[index] as number
  for (let at = starts[index] as number; at < end; at++) {
    if (bytes[at] === SEMICOLON || bytes[at] === APOSTROPHE) return true
  }
  return false
}

function mayBeTooLong(records: Records, row: number, { column, maxBytes }: ListColumn): boolean {
  const index = row * records.layout.columns.length + column
  const bytes = (records.ends[index] as number) - (records.starts[index] as number)
  // What is no text becomes a character of three bytes, each.
  const mayGrow = ((records.flags[index] as number) & (FieldFlag.control | FieldFlag.high)) !== 0
  return bytes * (mayGrow ? 3 : 1) > maxBytes
}
