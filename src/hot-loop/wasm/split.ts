/**
 * Rows of a chunk → offsets of their fields, 64 bytes at a time.
 *
 *   bytes     2026-11-20T14:00:00.120Z,10.0.0.1,"MX, one",…
 *   marks     ........................1........11..1...11   , " LF CR: looked at one by one
 *   special   ..........................................    \ = control ≥ 0x80: only ORed into a field's flags
 *
 * Takes exactly what Exchange writes: a field is quoted from its first byte to its last, with inner quotes
 * doubled, or it holds no quote at all. Any other row, and any with another number of fields or without a time
 * where one belongs, is handed back.
 */
import {
  FLAG_CONTROL, FLAG_ESCAPE, FLAG_HIGH, FLAG_QUOTE, STATUS_DONE, STATUS_FULL, STATUS_ODD,
} from '../contract'
import { isTime } from './time'

const TAB: u8 = 0x09
const LF: u8 = 0x0a
const CR: u8 = 0x0d
const QUOTE: u8 = 0x22
const COMMA: u8 = 0x2c
const EQUALS: u8 = 0x3d
const BACKSLASH: u8 = 0x5c
const DELETE: u8 = 0x7f

/** Addresses of arrays that are laid out as `Records` says; written by src/parse/row-table.ts. */
@unmanaged
export class SplitJob {
  /** Address that offsets are counted from. */
  base: usize
  /** Address of the row to begin with; afterwards, that of the next one. */
  at: usize
  /** Address behind the last line feed. */
  end: usize
  columns: u32
  starts: usize
  ends: usize
  flags: usize
  rowStarts: usize
  rowEnds: usize
  /** Fields and rows written so far, and how many there is room for. */
  fields: u32
  rows: u32
  fieldCapacity: u32
  rowCapacity: u32
  /** The row handed back: its offsets, and its number of fields, -1 with a stray or unclosed quote. */
  oddStart: u32
  oddEnd: u32
  oddFields: i32
  /** The column that holds the time of the row; no column has this number where none does. */
  timeColumn: u32
}

/** One bit for each of 64 bytes. */
@inline
function bits(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(a)) |
    (<u64>(<u32>i8x16.bitmask(b)) << 16) |
    (<u64>(<u32>i8x16.bitmask(c)) << 32) |
    (<u64>(<u32>i8x16.bitmask(d)) << 48)
  )
}

@inline
function isMark(v: v128): v128 {
  return v128.or(
    v128.or(i8x16.eq(v, i8x16.splat(COMMA)), i8x16.eq(v, i8x16.splat(QUOTE))),
    v128.or(i8x16.eq(v, i8x16.splat(LF)), i8x16.eq(v, i8x16.splat(CR))),
  )
}

@inline
function isEscaped(v: v128): v128 {
  return v128.or(i8x16.eq(v, i8x16.splat(BACKSLASH)), i8x16.eq(v, i8x16.splat(EQUALS)))
}

@inline
function isControl(v: v128): v128 {
  const low = v128.andnot(i8x16.lt_u(v, i8x16.splat(0x20)), i8x16.eq(v, i8x16.splat(TAB)))
  return v128.or(v128.andnot(low, isMark(v)), i8x16.eq(v, i8x16.splat(DELETE)))
}

@inline
function isSpecial(v: v128): v128 {
  // As signed bytes, those of 0x80 or above are below 0x20, too.
  return v128.or(
    v128.or(isEscaped(v), i8x16.eq(v, i8x16.splat(DELETE))),
    v128.andnot(
      i8x16.lt_s(v, i8x16.splat(0x20)),
      v128.or(i8x16.eq(v, i8x16.splat(TAB)), v128.or(i8x16.eq(v, i8x16.splat(LF)), i8x16.eq(v, i8x16.splat(CR)))),
    ),
  )
}

/** Flags of the bytes of a block that `mask` chooses. */
function flagsIn(block: usize, mask: u64): u32 {
  const a = v128.load(block)
  const b = v128.load(block, 16)
  const c = v128.load(block, 32)
  const d = v128.load(block, 48)
  let flags: u32 = 0
  if (bits(isEscaped(a), isEscaped(b), isEscaped(c), isEscaped(d)) & mask) flags |= FLAG_ESCAPE
  if (bits(isControl(a), isControl(b), isControl(c), isControl(d)) & mask) flags |= FLAG_CONTROL
  if (bits(a, b, c, d) & mask) flags |= FLAG_HIGH
  return flags
}

export function split(job: SplitJob): u32 {
  const base = job.base
  const end = job.end
  const columns = job.columns
  const timeColumn = job.timeColumn
  const starts = job.starts
  const ends = job.ends
  const flagsOf = job.flags
  let rows = job.rows
  let rowField = job.fields
  let rowStart = job.at
  let fieldStart = rowStart
  /** Content of the field: from behind an opening quote to its closing one, once that was seen. */
  let from = rowStart
  let closedAt: usize = 0
  let isOpen = false
  let isOdd = false
  let secondQuote: usize = 0
  let seen: u32 = 0
  let fields: u32 = 0

  for (let block = rowStart; block < end; block += 64) {
    const a = v128.load(block)
    const b = v128.load(block, 16)
    const c = v128.load(block, 32)
    const d = v128.load(block, 48)
    let marks = bits(isMark(a), isMark(b), isMark(c), isMark(d))
    const special = bits(isSpecial(a), isSpecial(b), isSpecial(c), isSpecial(d))
    if (end - block < 64) marks &= ((<u64>1) << (end - block)) - 1
    /** Special bytes of the block that no field has got yet. */
    let pending = special
    while (marks) {
      const bit = ctz(marks)
      marks &= marks - 1
      const at = block + <usize>bit
      const before = pending & (((<u64>1) << bit) - 1)
      if (before) {
        seen |= flagsIn(block, before)
        pending ^= before
      }
      const byte = load<u8>(at)
      if (byte == COMMA) {
        if (isOpen) continue
        if (fields < columns) {
          const index = rowField + fields
          store<u32>(starts + (index << 2), <u32>(from - base))
          store<u32>(ends + (index << 2), <u32>((closedAt ? closedAt : at) - base))
          store<u8>(flagsOf + index, seen)
        }
        fields++
        fieldStart = from = at + 1
        closedAt = 0
        seen = 0
      } else if (byte == QUOTE) {
        if (at == secondQuote) continue
        if (isOpen) {
          const next = load<u8>(at, 1)
          if (next == QUOTE) {
            seen |= FLAG_QUOTE
            secondQuote = at + 1
          } else {
            isOpen = false
            closedAt = at
            if (next != COMMA && next != LF && !(next == CR && load<u8>(at, 2) == LF)) isOdd = true
          }
        } else if (at == fieldStart) {
          isOpen = true
          from = at + 1
        } else {
          isOdd = true
        }
      } else if (byte == CR) {
        if (load<u8>(at, 1) != LF) seen |= FLAG_ESCAPE
      } else {
        const lineEnd = at > rowStart && load<u8>(at - 1) == CR ? at - 1 : at
        if (lineEnd > rowStart) {
          if (fields < columns) {
            const index = rowField + fields
            store<u32>(starts + (index << 2), <u32>(from - base))
            store<u32>(ends + (index << 2), <u32>((closedAt ? closedAt : lineEnd) - base))
            store<u8>(flagsOf + index, seen)
          }
          fields++
          const index = (<usize>(rowField + timeColumn)) << 2
          if (
            isOpen || isOdd || fields != columns ||
            (timeColumn < columns && !isTime(base + load<u32>(starts + index), base + load<u32>(ends + index)))
          ) {
            job.oddStart = <u32>(rowStart - base)
            job.oddEnd = <u32>(lineEnd - base)
            job.oddFields = isOpen || isOdd ? -1 : fields
            return stop(job, at + 1, rowField, rows, STATUS_ODD)
          }
          store<u32>(job.rowStarts + (<usize>rows << 2), <u32>(rowStart - base))
          store<u32>(job.rowEnds + (<usize>rows << 2), <u32>(lineEnd - base))
          rows++
          rowField += columns
          if (rows == job.rowCapacity || rowField + columns > job.fieldCapacity) {
            return stop(job, at + 1, rowField, rows, STATUS_FULL)
          }
        }
        rowStart = fieldStart = from = at + 1
        closedAt = 0
        seen = 0
        fields = 0
      }
    }
    if (pending) seen |= flagsIn(block, pending)
  }
  return stop(job, end, rowField, rows, STATUS_DONE)
}

function stop(job: SplitJob, at: usize, fields: u32, rows: u32, status: u32): u32 {
  job.at = at
  job.fields = fields
  job.rows = rows
  return status
}
