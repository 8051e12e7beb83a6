/**
 * Where the bytes of a log may be cut: into blocks of header lines and runs of rows.
 *
 *   #Fields: …␊ #Date: …␊ row␊ row␊ row␊ #Fields: …␊ row␊ ro
 *   └──── header ───────┘ └─── rows ────┘ └─ header ─┘└rows┘└─ partial
 */
import { headerLinesEnd, lineKind } from './header.ts'

/** The first piece of some bytes: it takes `end` bytes. */
export type Piece =
  | { readonly kind: 'header'; readonly end: number }
  /** `isFollowed`: a header line comes right after. */
  | { readonly kind: 'rows'; readonly end: number; readonly isFollowed: boolean }
  /** An unfinished line, or a header block that may still go on. */
  | { readonly kind: 'partial' }

const headerAfterLine = Buffer.from('\n#')
const markedHeader = Buffer.from('\uFEFF#')
const lineFeed = 0x0a
const partial: Piece = { kind: 'partial' }

/** The piece at the start of `bytes`, which begin at a line start. `isFinal`: nothing comes after them. */
export function nextPiece(bytes: Buffer, isFinal: boolean): Piece {
  if (bytes.length === 0) return partial
  if (lineKind(bytes, 0) === 'header') return headerPiece(bytes, isFinal)
  const header = nextHeader(bytes)
  if (header >= 0) return { kind: 'rows', end: header, isFollowed: true }
  const end = isFinal ? bytes.length : bytes.lastIndexOf(lineFeed) + 1
  return end === 0 ? partial : { kind: 'rows', end, isFollowed: false }
}

function headerPiece(bytes: Buffer, isFinal: boolean): Piece {
  const end = headerLinesEnd(bytes)
  if (lineKind(bytes, end) === 'row') return { kind: 'header', end }
  return isFinal ? { kind: 'header', end: bytes.length } : partial
}

/** Start of the first header line after the first line, -1 without one. */
function nextHeader(bytes: Buffer): number {
  const plain = bytes.indexOf(headerAfterLine) + 1
  // All of it is searched once, however many headers there are.
  const before = plain === 0 ? bytes : bytes.subarray(0, plain)
  // Searched by its mark and not by the line feed before it: the mark is rare, so the search is fast.
  let marked = before.indexOf(markedHeader)
  while (marked >= 0 && before[marked - 1] !== lineFeed) marked = before.indexOf(markedHeader, marked + 1)
  return marked < 0 ? plain || -1 : marked
}
