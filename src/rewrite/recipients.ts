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
import { FieldFlag, fieldText } from '../records/fields.ts'
import { columnIndex } from '../records/layouts.ts'
import { countList, joinList } from '../records/list.ts'
import { type Alongside, alongside } from './alongside.ts'
import { asOne, type Division, divideRows } from './divide.ts'
import type { OverflowMode, RecipientMode } from './options.ts'
import { fittingParts, mostParts, singleParts, valueBytes } from './parts.ts'

const SEMICOLON = 0x3b
const APOSTROPHE = 0x27
const BRACE = 0x7b
const NOT_PLAIN = -1

/** Bytes of a row and recipients that are divided into one each, whatever the row repeats: see parts.ts. */
const LONGEST_PLAIN = 65_536
const MOST_PLAIN = 1000

export interface RecipientOptions {
  readonly recipients: RecipientMode
  readonly overflow: OverflowMode
  /** Longest value in UTF-8 bytes that an event takes of a column; infinity when it has no such value. */
  readonly maxBytesOf: (column: number) => number
}

/** One list of a row being divided; `members` is null when it does not run parallel to the recipients. */
interface RecipientList extends Alongside {
  readonly column: number
  readonly text: string
  readonly maxBytes: number
}

/** The addresses, and what stands beside them. */
interface RecipientLists {
  readonly count: number
  readonly lists: readonly RecipientList[]
  /** How many parts they may be divided into. */
  readonly most: number
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
    recipients === 'each'
      ? (plainEach(columns, records, row) ?? listsEach(columns, records, row))
      : fitting(columns, records, row)
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
  const texts = columns.map(({ column }) => fieldText(records, row, column))
  const count = countList(texts[0] ?? '')
  if (count === 0) return null
  const lists = columns.map((column, index) => {
    const text = texts[index] ?? ''
    return { ...column, text, ...alongside(text, count) }
  })
  const rowBytes = (records.rowEnds[row] as number) - (records.rowStarts[row] as number)
  const dividedBytes = lists.reduce((sum, { members, text }) => sum + (members === null ? 0 : text.length), 0)
  return { count, lists, most: mostParts(rowBytes - dividedBytes) }
}

/** One row for each recipient, in which no list is wrapped any more; null for a row without recipients. */
function listsEach(columns: readonly ListColumn[], records: Records, row: number): Division | null {
  const found = readLists(records, row, columns)
  if (found === null) return null
  const { count, lists, most } = found
  const ends = singleParts(count, most)
  return {
    count: ends.length,
    copy(editor, from, to) {
      for (let part = from; part < to; part++) {
        const [start, end] = rangeOf(ends, part)
        editor.copy(row)
        for (const { column, text, members, shared } of lists) {
          // Kept once for all of them.
          if (members === null && part > from) editor.repeat(column)
          else put(editor, column, text, members === null ? shared : ofPart(members, start, end))
        }
      }
    },
  }
}

/**
 * As `listsEach` for rows without anything wrapped or in braces, as nearly all are: each member is some of the
 * bytes of its list, so no text need be made. Null for others. The first column is of addresses.
 */
function plainEach(columns: readonly ListColumn[], records: Records, row: number): Division | null {
  if ((records.rowEnds[row] as number) - (records.rowStarts[row] as number) > LONGEST_PLAIN) return null
  const { bytes } = records
  const base = row * records.layout.columns.length
  const counts: number[] = []
  for (const { column } of columns) {
    const field = base + column
    const count = countPlain(bytes, records.starts[field] as number, records.ends[field] as number)
    if (count === NOT_PLAIN) return null
    counts.push(count)
  }
  const count = counts[0] as number
  if (count > MOST_PLAIN) return null
  return {
    count: Math.max(count, 1),
    copy(editor, from, to) {
      const first = editor.count
      for (let part = from; part < to; part++) editor.copy(row)
      if (count === 0) return
      for (let index = 0; index < columns.length; index++) {
        if (counts[index] !== count) continue
        const { column } = columns[index] as ListColumn
        const end = records.ends[base + column] as number
        let start = records.starts[base + column] as number
        for (let part = 0; part < to; part++) {
          let behind = start
          while (behind < end && bytes[behind] !== SEMICOLON) behind++
          if (part >= from) editor.narrow(column, start, behind, first + part - from)
          start = behind + 1
        }
      }
    },
  }
}

/** How many members a list has in which none is wrapped and no failure is in braces; NOT_PLAIN for another one. */
function countPlain(bytes: Buffer, start: number, end: number): number {
  let count = start < end ? 1 : 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at]
    if (byte === SEMICOLON) count++
    else if (byte === APOSTROPHE || byte === BRACE) return NOT_PLAIN
  }
  return count
}

function ofPart(members: readonly string[], from: number, to: number): string {
  return to - from === 1 ? (members[from] ?? '') : joinList(members.slice(from, to))
}

/**
 * As many rows as are needed; a list that is not parallel stays as it is in all of them. Null where one is enough.
 */
function fitting(columns: readonly ListColumn[], records: Records, row: number): Division | null {
  const found = readLists(records, row, columns)
  if (found === null) return null
  const { count, lists, most } = found
  const divided = lists.flatMap((list) => (list.members === null ? [] : [{ ...list, members: list.members }]))
  if (!divided.some(({ text, maxBytes }) => valueBytes(text) > maxBytes)) return null
  const ends = fittingParts(count, divided, most)
  if (ends.length === 1) return null
  return {
    count: ends.length,
    copy(editor, from, to) {
      for (let part = from; part < to; part++) {
        const [start, end] = rangeOf(ends, part)
        editor.copy(row)
        for (const { column, members } of divided) {
          editor.replace(column, joinList(members.slice(start, end)))
        }
      }
    },
  }
}

/** Where a part of the recipients begins and ends, by the ends of all parts. */
function rangeOf(ends: readonly number[], part: number): readonly [start: number, end: number] {
  return [ends[part - 1] ?? 0, ends[part] ?? 0]
}

function put(editor: RecordsEditor, column: number, before: string, text: string): void {
  if (text !== before) editor.replace(column, text)
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
