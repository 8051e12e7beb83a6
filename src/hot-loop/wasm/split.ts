/**
 * Rows of a chunk → offsets of their fields, 64 bytes at a time, each byte of which is a bit of several masks.
 *
 *   bytes        2026-11-20T14:00:00.120Z,10.0.0.1,"MX, one",…
 *   within       ..................................11111111...   behind an odd number of quotes
 *   separators   ........................1........1.........1.   , LF outside: looked at one by one
 *   escapes …    .............................................   what goes into the flags of a field
 *
 * Takes exactly what Exchange writes: a field is quoted from its first byte to its last, with inner quotes
 * doubled, or it holds no quote at all. A row in which anything is unusual is looked at once more, byte by byte. If
 * it is none of these, has another number of fields, or no time where one belongs, it is handed back.
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
  return isEither(v, i8x16.splat(BACKSLASH), i8x16.splat(EQUALS))
}

@inline
function isEither(v: v128, one: v128, other: v128): v128 {
  return v128.or(i8x16.eq(v, one), i8x16.eq(v, other))
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

/** Each byte that is the one in all of `v`. */
@inline
function each(a: v128, b: v128, c: v128, d: v128, v: v128): u64 {
  return bits(i8x16.eq(a, v), i8x16.eq(b, v), i8x16.eq(c, v), i8x16.eq(d, v))
}

/** Controls, line ends and tabs among them, and all of 0x80 or above, which as signed bytes are below 0x20, too. */
@inline
function isRare(v: v128): v128 {
  return v128.or(i8x16.lt_s(v, i8x16.splat(0x20)), i8x16.eq(v, i8x16.splat(DELETE)))
}

/** Whether any of them is rare. One more than such a byte, as a signed one, is below 0x21, and of no other. */
@inline
function holdsRare(a: v128, b: v128, c: v128, d: v128, one: v128, limit: v128): bool {
  const ab = i8x16.min_s(i8x16.add(a, one), i8x16.add(b, one))
  const cd = i8x16.min_s(i8x16.add(c, one), i8x16.add(d, one))
  return v128.any_true(i8x16.lt_s(i8x16.min_s(ab, cd), limit))
}

/** For each bit, whether it and those below are an odd number of ones. */
@inline
function parity(mask: u64): u64 {
  mask ^= mask << 1
  mask ^= mask << 2
  mask ^= mask << 4
  mask ^= mask << 8
  mask ^= mask << 16
  return mask ^ (mask << 32)
}

/** Splits from `job.at` on, until all is done, a row is odd, or the arrays are full. */
export function split(job: SplitJob): u32 {
  if (job.columns == 0) return splitRow(job)
  let status: u32 = STATUS_FULL
  while (status == STATUS_FULL) {
    if (splitUsual(job)) return STATUS_DONE
    if (isFull(job)) break
    status = splitRow(job)
    if (isFull(job)) break
  }
  return status
}

@inline
function isFull(job: SplitJob): bool {
  return job.rows == job.rowCapacity || job.fields + job.columns > job.fieldCapacity
}

/** In memory, as V8 makes a vector that stands in the code anew for each use, in three instructions. */
const wanted: usize = memory.data<u8>([COMMA, QUOTE, BACKSLASH, EQUALS, 1, 0x21])

/** Splits usual rows up to the end; false when it stops before an unusual one, or since the arrays are full. */
function splitUsual(job: SplitJob): bool {
  const base = job.base
  const end = job.end
  const columns = job.columns
  const timeColumn = <usize>job.timeColumn << 2
  const hasTime = job.timeColumn < columns
  const startsToEnds = job.ends - job.starts
  const rowStartsToEnds = job.rowEnds - job.rowStarts
  const rowBytes = <usize>columns << 2
  // Offsets of bytes from here on are counted from `base`.
  let rowStart = <u32>(job.at - base)
  let rowAt = job.rowStarts + (<usize>job.rows << 2)
  const lastRowAt = rowAt + (<usize>min(job.rowCapacity - job.rows, (job.fieldCapacity - job.fields) / columns) << 2)
  /** Where the next field goes, and the first one of the next row; the flags of the field. */
  let field = job.starts + (<usize>job.fields << 2)
  let nextRow = field + rowBytes
  let flagsAt = job.flags + job.fields
  let from = rowStart
  /** What goes on in the next block: all ones within quotes; a one at the first byte behind a separator, and a closing quote. */
  let inside: u64 = 0
  let behindSeparator: u64 = 1
  let behindClosing: u64 = 0
  const comma = v128.load_splat<u8>(wanted)
  const quote = v128.load_splat<u8>(wanted, 1)
  const backslash = v128.load_splat<u8>(wanted, 2)
  const equals = v128.load_splat<u8>(wanted, 3)
  const one = v128.load_splat<u8>(wanted, 4)
  const rareLimit = v128.load_splat<u8>(wanted, 5)
  let isUsual = rowAt < lastRowAt
  if (isUsual) clear(flagsAt, columns)

  for (let block = job.at; isUsual && block < end; block += 64) {
    const a = v128.load(block)
    const b = v128.load(block, 16)
    const c = v128.load(block, 32)
    const d = v128.load(block, 48)
    const valid: u64 = end - block < 64 ? ((<u64>1) << (end - block)) - 1 : -1
    const commas = each(a, b, c, d, comma)
    const quotes = each(a, b, c, d, quote) & valid
    const escapes = bits(
      isEither(a, backslash, equals),
      isEither(b, backslash, equals),
      isEither(c, backslash, equals),
      isEither(d, backslash, equals),
    )
    let feeds: u64 = 0
    let returns: u64 = 0
    let rare: u64 = 0
    if (holdsRare(a, b, c, d, one, rareLimit)) {
      feeds = each(a, b, c, d, i8x16.splat(LF))
      returns = each(a, b, c, d, i8x16.splat(CR))
      rare = bits(isRare(a), isRare(b), isRare(c), isRare(d)) & ~(feeds | returns)
      if (rare) rare &= ~each(a, b, c, d, i8x16.splat(TAB))
      const lone = returns & ~(feeds >> 1) & valid
      if (lone && (lone != (<u64>1) << 63 || load<u8>(block, 64) != LF)) break
    }
    let separators = (commas | feeds) & valid
    let doubled: u64 = 0
    if (quotes | inside | behindClosing) {
      const within = parity(quotes) ^ inside
      inside = <u64>(<i64>within >> 63)
      separators &= ~within
      const opening = quotes & within
      const closing = quotes & ~within
      const behind = (closing << 1) | behindClosing
      if (
        (feeds & within & valid) |
        (opening & ~((separators << 1) | behindSeparator | behind)) |
        (behind & ~(commas | feeds | returns | quotes))
      ) break
      doubled = behind & opening
      behindClosing = closing >> 63
    }
    behindSeparator = separators >> 63
    const offset = <u32>(block - base)
    let rest = separators
    for (;;) {
      /** The end of the row; without one in this block all its separators are of fields. */
      const feed = rest & feeds & -(rest & feeds)
      let ends = rest & (feed - 1)
      if (ends) {
        const behind = field + (<usize>popcnt(ends) << 2)
        if (behind >= nextRow) {
          isUsual = false
          break
        }
        const last = offset + 64 - <u32>clz(ends)
        // Two without asking whether there is a second one: there is room for it, as the last field ends with the row.
        do {
          from = putField(field, startsToEnds, base, from, offset + <u32>ctz(ends))
          ends &= ends - 1
          from = putField(field + 4, startsToEnds, base, from, offset + <u32>ctz(ends))
          ends &= ends - 1
          field += 8
        } while (ends)
        field = behind
        from = last
      }
      if (!feed) break
      const next = offset + <u32>ctz(feed) + 1
      let at = next - 1
      if (at > rowStart && load<u8>(base + at - 1) == CR) at--
      if (field + 4 != nextRow || at == rowStart) {
        isUsual = false
        break
      }
      putField(field, startsToEnds, base, from, at)
      const time = field + 4 - rowBytes + timeColumn
      if (hasTime && !isTime(base + load<u32>(time), base + load<u32>(time + startsToEnds))) {
        isUsual = false
        break
      }
      store<u32>(rowAt, rowStart)
      store<u32>(rowAt + rowStartsToEnds, at)
      rowAt += 4
      rowStart = from = next
      field = nextRow
      nextRow += rowBytes
      if (rowAt == lastRowAt) {
        isUsual = false
        break
      }
      clear(job.flags + ((field - job.starts) >> 2), columns)
      rest &= ~(feed | (feed - 1))
    }
    // Flags of the fields in which something special stands, each once.
    for (let special = (escapes | doubled | rare) & valid; special; ) {
      const first = special & -special
      const behind = separators & ~(first - 1)
      const ofField = special & ((behind & -behind) - 1)
      const at = flagsAt + <usize>popcnt(separators & (first - 1))
      let flags = <u32>load<u8>(at)
      if (escapes & ofField) flags |= FLAG_ESCAPE
      if (doubled & ofField) flags |= FLAG_QUOTE
      if (rare & ofField) flags |= flagsIn(block, rare & ofField)
      store<u8>(at, flags)
      special ^= ofField
    }
    flagsAt += <usize>popcnt(separators)
  }
  const rows = <u32>((rowAt - job.rowStarts) >> 2)
  job.fields += (rows - job.rows) * columns
  job.rows = rows
  job.at = base + rowStart
  return job.at >= end
}

/** Writes where a field begins and ends, within its quotes if it has them; returns where the next one begins. */
@inline
function putField(field: usize, startsToEnds: usize, base: usize, from: u32, at: u32): u32 {
  const isQuoted = u32(load<u8>(base + from) == QUOTE)
  store<u32>(field, from + isQuoted)
  store<u32>(field + startsToEnds, at - isQuoted)
  return at + 1
}

/** No flags for a row; up to 16 of the next one, too, which is cleared once this one is done. */
@inline
function clear(flags: usize, columns: u32): void {
  for (const end = flags + columns; flags < end; flags += 16) v128.store(flags, i8x16.splat(0))
}

/** Splits the next row, mark by mark; then it is full, as if there were room for that one only. */
function splitRow(job: SplitJob): u32 {
  const base = job.base
  const end = job.end
  const columns = job.columns
  const timeColumn = job.timeColumn
  const starts = job.starts
  const ends = job.ends
  const flagsOf = job.flags
  const rowField = job.fields
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
    if (end - block < 64) marks &= ((<u64>1) << (end - block)) - 1
    /** Special bytes of the block that no field has got yet. */
    let pending = bits(isSpecial(a), isSpecial(b), isSpecial(c), isSpecial(d))
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
            job.at = at + 1
            return STATUS_ODD
          }
          store<u32>(job.rowStarts + (<usize>job.rows << 2), <u32>(rowStart - base))
          store<u32>(job.rowEnds + (<usize>job.rows << 2), <u32>(lineEnd - base))
          job.rows++
          job.fields += columns
          job.at = at + 1
          return STATUS_FULL
        }
        rowStart = fieldStart = from = at + 1
        closedAt = 0
        seen = 0
        fields = 0
      }
    }
    if (pending) seen |= flagsIn(block, pending)
  }
  job.at = end
  return STATUS_DONE
}
