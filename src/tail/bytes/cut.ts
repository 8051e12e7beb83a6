/** Cuts bytes of a file at hand: rows under one header. */
import type { Chunk, Layout, LogFile } from '../../flow/chunk.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { isSameHeader } from '../../records/header.ts'
import { byteOrderMark, lineKind, parseHeader, type Refusal, refuseRow, startsWithMark } from './header.ts'
import { nextPiece } from './piece.ts'

/** How far a file is cut. */
export interface Cursor {
  offset: number
  /** Offset of the header block in force, -1 without one. */
  header: number
  /** The layout that block gives; undefined until it is read. */
  layout: Layout | null | undefined
  /** The end of the file as last seen: no row ends between `offset` and here. */
  seenEnd: number
  /** The beginning of a line over the limit whose end is looked for: a stream gives it only once. */
  longLine?: { readonly start: number; readonly shown: Buffer }
}

/** A cursor for a position; without one, at the beginning. */
export function cursorAt(offset = 0, header = -1): Cursor {
  return { offset, header, layout: undefined, seenEnd: offset }
}

/** What one read gave. `isAtEnd`: all whole lines there are have been cut. */
export interface Cut {
  readonly chunk: Chunk | null
  readonly isAtEnd: boolean
}

/** What is known of the bytes of a read. */
export interface Read {
  /** They came to the end of the file, and */
  readonly isEnd: boolean
  /** it grows no more. */
  readonly isFinal: boolean
  /** For one long line they are more than usual. */
  readonly isGrown: boolean
}

/** Passes header blocks at `cursor`, which it moves, and cuts the rows after them; null when the bytes hold no whole line of a row. */
export function cut(
  bytes: Buffer,
  { isEnd, isFinal, isGrown }: Read,
  file: LogFile,
  cursor: Cursor,
): Cut | null {
  const base = cursor.offset
  let at = base === 0 ? markLength(bytes, isFinal) : 0
  for (;;) {
    const piece = nextPiece(bytes.subarray(at), isFinal)
    if (piece.kind === 'partial') return null
    if (piece.kind === 'header') {
      enterHeader(bytes.subarray(at, at + piece.end), base + at, file, cursor)
      at += piece.end
      cursor.offset = base + at
      continue
    }
    // A read made larger for one long line passes on that line only: chunks stay near their size.
    const firstEnd = isGrown ? bytes.indexOf('\n', at) + 1 - at : 0
    const length = firstEnd > 0 ? Math.min(firstEnd, piece.end) : piece.end
    if (cursor.layout === null && base + at <= byteOrderMark.length) {
      const rows = bytes.subarray(at, at + length)
      const line = rows.indexOf('\n')
      refuse(file, refuseRow(line < 0 ? rows : rows.subarray(0, line)))
    }
    const isWhole = length === piece.end
    const { end, isFollowed } =
      isWhole && piece.isFollowed && mayHoldHeaders(cursor.layout)
        ? overIdleHeaders(bytes, at + length, isFinal, cursor.layout)
        : { end: at + length, isFollowed: piece.isFollowed }
    const isAtEnd = isEnd && isWhole && !isFollowed
    cursor.offset = base + end
    cursor.seenEnd = isAtEnd ? base + bytes.length : cursor.offset
    const chunk = chunkOf(file, cursor, base + at, bytes.subarray(at, end))
    return { chunk: end > at + length ? { ...chunk, hasHeaderLines: true } : chunk, isAtEnd }
  }
}

/** Among rows that begin with a time a header line is not taken for one of them. */
function mayHoldHeaders(layout: Layout | null | undefined): layout is Layout {
  return layout?.columns[0] === 'date-time'
}

/** End of the rows behind `from`, where a header line stands, as long as between them are only blocks that change nothing. */
function overIdleHeaders(
  bytes: Buffer,
  from: number,
  isFinal: boolean,
  layout: Layout,
): { readonly end: number; readonly isFollowed: boolean } {
  for (let end = from; ; ) {
    const block = nextPiece(bytes.subarray(end), isFinal)
    if (block.kind !== 'header' || !isIdle(bytes.subarray(end, end + block.end), layout)) {
      return { end, isFollowed: true }
    }
    const rows = nextPiece(bytes.subarray(end + block.end), isFinal)
    if (rows.kind !== 'rows') return { end, isFollowed: true }
    end += block.end + rows.end
    if (!rows.isFollowed) return { end, isFollowed: false }
  }
}

/** The block that was last found to be idle: behind each row there may be the same. */
let idle: { readonly block: Buffer; readonly layout: Layout } | undefined

/** Whether the rows behind a block mean the same as those before it. */
function isIdle(block: Buffer, layout: Layout): boolean {
  if (idle !== undefined && idle.layout === layout && idle.block.equals(block)) return true
  const { layout: next, refusal } = parseHeader(block)
  if (refusal !== null || (next !== null && !isSameHeader(layout, next))) return false
  idle = { block: Buffer.from(block), layout }
  return true
}

/** The rows after this block belong under it. */
export function enterHeader(block: Buffer, offset: number, file: LogFile, cursor: Cursor): void {
  const { layout, refusal } = parseHeader(block)
  refuse(file, refusal)
  // A block without columns (a comment, say) leaves the layout in force: a position must name a block that
  // gives the columns. And it names the first of those that say the same, wherever reading stopped between them.
  if (layout === null || (cursor.layout && isSameHeader(cursor.layout, layout))) return
  cursor.header = offset
  cursor.layout = layout
}

/** Throws a ProblemsError when there is a reason. */
export function refuse(file: LogFile, refusal: Refusal | null): void {
  if (refusal !== null) throw new ProblemsError([{ where: { file: file.path }, ...refusal }])
}

/** Bytes of a byte order mark before the first row; one before a header belongs to the header. */
export function markLength(bytes: Buffer, isFinal: boolean): number {
  if (!startsWithMark(bytes)) return 0
  const kind = lineKind(bytes, 0)
  return kind === 'row' || (kind === 'unknown' && isFinal) ? byteOrderMark.length : 0
}

/** Rows, or nothing, up to the cursor. */
export function chunkOf(file: LogFile, cursor: Cursor, start: number, bytes: Buffer): Chunk {
  const layout = cursor.layout ?? null
  return { file, layout, header: cursor.header, start, end: cursor.offset, bytes, malformed: [] }
}
