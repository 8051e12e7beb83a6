/**
 * Rows with many recipients become several rows: one for each recipient, or as many as it takes for no list to
 * be cut. Everything else in them, the number of recipients and the original row included, stays as it was.
 *
 *   recipient-address  a@x.com;b@x.com        a@x.com       b@x.com
 *   recipient-status   250 Ok;'451 4; busy'   250 Ok        451 4; busy
 *   recipient-count    2                      2             2
 */
import { RecordsEditor } from '../edit-records.ts'
import { fieldText } from '../field-text.ts'
import { columnIndex } from '../layouts.ts'
import { countList, joinList } from '../list.ts'
import { FieldFlag, type Layout, type Records, type Rewrite } from '../types.ts'
import { type Alongside, alongside } from './alongside.ts'
import { takeRows } from './in-order.ts'
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

/** Copies a row that is easily divided; false, and nothing copied, for any other. */
type CopyPlain = (editor: RecordsEditor, records: Records, row: number) => boolean

interface ListColumn {
  readonly column: number
  readonly maxBytes: number
}

/** The rewrite for a layout; null when rows stay as they are. */
export function rewriteRecipients(layout: Layout, options: RecipientOptions): Rewrite | null {
  const { recipients, overflow, maxBytesOf } = options
  const address = columnIndex(layout, 'recipient-address')
  if (address < 0 || (recipients === 'joined' && overflow === 'cut')) return null
  const names = ['recipient-status', 'related-recipient-address']
  const beside = names.map((name) => columnIndex(layout, name)).filter((column) => column >= 0)
  const columns = [address, ...beside].map((column) => ({ column, maxBytes: maxBytesOf(column) }))
  return recipients === 'each'
    ? rewriteRows(columns, mayBeList, copyEach, copyPlainEach(columns))
    : rewriteRows(columns, mayBeTooLong, copyFitting)
}

/** `isSuspect`: decided on bytes, since most rows are to stay as they are. The first column is of addresses. */
function rewriteRows(
  columns: readonly ListColumn[],
  isSuspect: (records: Records, row: number, column: ListColumn) => boolean,
  copy: (editor: RecordsEditor, row: number, lists: RecipientLists) => void,
  copyPlain: CopyPlain = () => false,
): Rewrite {
  const isToRead = (records: Records, row: number): boolean => {
    for (const column of columns) if (isSuspect(records, row, column)) return true
    return false
  }
  return (records, rows) => {
    if (!rows.some((row) => isToRead(records, row))) return takeRows(records, rows)
    const editor = new RecordsEditor(records, rows.length)
    for (const row of rows) {
      const isRead = isToRead(records, row)
      if (isRead && copyPlain(editor, records, row)) continue
      const found = isRead ? readLists(records, row, columns) : null
      if (found === null) editor.copy(row)
      else copy(editor, row, found)
    }
    return editor.records()
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

/** One row for each recipient, in which no list is wrapped any more. */
function copyEach(editor: RecordsEditor, row: number, { count, lists, most }: RecipientLists): void {
  let from = 0
  for (const to of singleParts(count, most)) {
    editor.copy(row)
    for (const { column, text, members, shared } of lists) {
      // Kept once for all of them.
      if (members === null && from > 0) editor.repeat(column)
      else put(editor, column, text, members === null ? shared : ofPart(members, from, to))
    }
    from = to
  }
}

/**
 * As `copyEach` for rows without anything wrapped or in braces, as nearly all are: each member is some of the
 * bytes of its list, so no text need be made. The first column is of addresses.
 */
function copyPlainEach(columns: readonly ListColumn[]): CopyPlain {
  const counts = columns.map(() => 0)
  const starts = columns.map(() => 0)
  return (editor, records, row) => {
    if ((records.rowEnds[row] as number) - (records.rowStarts[row] as number) > LONGEST_PLAIN) return false
    const { bytes } = records
    const base = row * records.layout.columns.length
    for (let index = 0; index < columns.length; index++) {
      const field = base + (columns[index] as ListColumn).column
      starts[index] = records.starts[field] as number
      counts[index] = countPlain(bytes, records.starts[field] as number, records.ends[field] as number)
      if (counts[index] === NOT_PLAIN) return false
    }
    const count = counts[0] as number
    if (count > MOST_PLAIN) return false
    for (let part = 0; part < Math.max(count, 1); part++) {
      editor.copy(row)
      if (count === 0) break
      for (let index = 0; index < columns.length; index++) {
        if (counts[index] !== count) continue
        const { column } = columns[index] as ListColumn
        const start = starts[index] as number
        const end = records.ends[base + column] as number
        let behind = start
        while (behind < end && bytes[behind] !== SEMICOLON) behind++
        editor.narrow(column, start, behind)
        starts[index] = behind + 1
      }
    }
    return true
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

/** As many rows as are needed; a list that is not parallel stays as it is in all of them. */
function copyFitting(editor: RecordsEditor, row: number, { count, lists, most }: RecipientLists): void {
  const divided = lists.flatMap((list) => (list.members === null ? [] : [{ ...list, members: list.members }]))
  const isTooLong = divided.some(({ text, maxBytes }) => valueBytes(text) > maxBytes)
  let from = 0
  for (const to of isTooLong ? fittingParts(count, divided, most) : [count]) {
    editor.copy(row)
    const isWhole = from === 0 && to === count
    if (!isWhole) {
      for (const { column, members } of divided) {
        editor.replace(column, joinList(members.slice(from, to)))
      }
    }
    from = to
  }
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
