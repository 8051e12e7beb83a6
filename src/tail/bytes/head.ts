/** The head of a file: what tells it from another file of the same name. */
import {
  byteOrderMark,
  headerLinesEnd,
  lineKind,
  parseHeader,
  type Refusal,
  refuseRow,
  refuseStart,
  startsWithMark,
} from './header.ts'

/** How many bytes of a file are read for its head. */
export const headBytes = 16 * 1024

/** Identity of a file, from its first whole lines. */
export interface Head {
  /** Text of the first `#Date:` line, else the date-time of the first row; never holds `#` or a control. */
  readonly stamp: string
  /** True when the file begins with a header block that names the columns. */
  readonly hasHeader: boolean
  readonly refusal: Refusal | null
}

/**
 * Reads the head off the first bytes of a file; null as long as too little of it is written. `isCut`: the
 * file goes on after these bytes, so what is missing here does not come any more.
 */
export function parseHead(bytes: Buffer, isCut: boolean): Head | null {
  const other = refuseStart(bytes)
  if (other !== null) return { stamp: stampOf(''), hasHeader: false, refusal: other }
  if (lineKind(bytes, 0) !== 'header') {
    const row = wholeLine(bytes, startsWithMark(bytes) ? byteOrderMark.length : 0, isCut)
    return row && { stamp: stampOf(firstField(row)), hasHeader: false, refusal: refuseRow(row) }
  }
  const end = headerLinesEnd(bytes)
  const { date, layout, refusal } = parseHeader(bytes.subarray(0, end))
  const hasHeader = layout !== null
  if (date !== null || refusal !== null) return { stamp: stampOf(date ?? ''), hasHeader, refusal }
  // A header without a date: nothing in it is the file's own, its first row is.
  const row = lineKind(bytes, end) === 'row' ? wholeLine(bytes, end, isCut) : null
  if (row !== null) return { stamp: stampOf(firstField(row)), hasHeader, refusal: null }
  return isCut ? { stamp: stampOf(''), hasHeader, refusal: null } : null
}

function wholeLine(bytes: Buffer, start: number, isCut: boolean): Buffer | null {
  const end = bytes.indexOf('\n', start)
  if (end >= 0) return bytes.subarray(start, end)
  return isCut ? bytes.subarray(start) : null
}

function firstField(row: Buffer): string {
  const text = row.toString('latin1', 0, 128)
  const comma = text.indexOf(',')
  return comma < 0 ? text : text.slice(0, comma)
}

function stampOf(text: string): string {
  const stamp =
    text
      .trim()
      .slice(0, 64)
      .replace(/[^\x20-\x7e]|#/g, '?') || 'undated'
  // Stamps of thousands of files are kept, and a slice of a string keeps all of the string.
  return Buffer.from(stamp, 'latin1').toString('latin1')
}
