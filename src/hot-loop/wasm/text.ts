/** Copying and comparing bytes. Up to 32 bytes behind a field may be read, and behind the output written. */
import { SHAPE_BACKSLASH, SHAPE_BLANK, SHAPE_DOTTED } from '../contract'

const LF: u8 = 0x0a
const CR: u8 = 0x0d
const QUOTE: u8 = 0x22
const EQUALS: u8 = 0x3d
const BACKSLASH: u8 = 0x5c
/** In memory, as V8 makes a vector that stands in the code anew for each use, in three instructions. */
const escaped: usize = memory.data<u8>([BACKSLASH, EQUALS, LF, CR, QUOTE])

/** Copies `length` bytes to `out`; returns the address behind them. */
@inline
export function copyPlain(out: usize, from: usize, length: u32): usize {
  const end = out + length
  v128.store(out, v128.load(from))
  if (length > 16) {
    v128.store(out, v128.load(from, 16), 16)
    if (length > 32) copyLong(out, from, end)
  }
  return end
}

function copyLong(out: usize, from: usize, end: usize): void {
  for (let at: usize = 32; out + at < end; at += 16) v128.store(out + at, v128.load(from + at))
}

/** Copies a value, escaped for CEF, and with `hasQuotes` each doubled quote as one. */
export function copyEscaped(out: usize, from: usize, end: usize, hasQuotes: u32): usize {
  const backslashes = v128.load_splat<u8>(escaped)
  const equals = v128.load_splat<u8>(escaped, 1)
  const feeds = v128.load_splat<u8>(escaped, 2)
  const returns = v128.load_splat<u8>(escaped, 3)
  const quotes = v128.load_splat<u8>(escaped + (hasQuotes ? 4 : 0))
  while (from < end) {
    const block = from
    const behind = min(block + 32, end)
    let marks = escapesIn(v128.load(block), backslashes, equals, feeds, returns, quotes)
    marks |= escapesIn(v128.load(block, 16), backslashes, equals, feeds, returns, quotes) << 16
    if (end - block < 32) marks &= ((<u32>1) << (<u32>(end - block))) - 1
    for (; marks; marks &= marks - 1) {
      const at = block + <usize>ctz(marks)
      copyBlock(out, from)
      out += at - from
      from = at + 1
      const byte = load<u8>(at)
      if (byte == QUOTE) {
        store<u8>(out++, byte)
        from++
        marks &= marks - 1
      } else {
        store<u8>(out, BACKSLASH)
        store<u8>(out, byte == LF ? 0x6e : byte == CR ? 0x72 : byte, 1)
        out += 2
      }
    }
    copyBlock(out, from)
    if (from < behind) {
      out += behind - from
      from = behind
    }
  }
  return out
}

/** A bit for each of these bytes. */
@inline
function escapesIn(v: v128, a: v128, b: v128, c: v128, d: v128, e: v128): u32 {
  const some = v128.or(v128.or(i8x16.eq(v, a), i8x16.eq(v, b)), v128.or(i8x16.eq(v, c), i8x16.eq(v, d)))
  return <u32>i8x16.bitmask(v128.or(some, i8x16.eq(v, e)))
}

@inline
function copyBlock(out: usize, from: usize): void {
  v128.store(out, v128.load(from))
  v128.store(out, v128.load(from, 16), 16)
}

@inline
export function equalBytes(a: usize, b: usize, length: u32): bool {
  for (let at: usize = 0; at < <usize>length; at++) if (load<u8>(a + at) != load<u8>(b + at)) return false
  return true
}

/** As `equalBytes`, with large letters of ASCII as small ones. Up to 16 bytes behind both may be read. */
export function equalLetters(a: usize, b: usize, length: u32): bool {
  for (let at: usize = 0; at < <usize>length; at += 16) {
    let others = ~(<u32>i8x16.bitmask(i8x16.eq(small(v128.load(a + at)), small(v128.load(b + at))))) & 0xffff
    if (length - <u32>at < 16) others &= ((<u32>1) << (length - <u32>at)) - 1
    if (others) return false
  }
  return true
}

@inline
function small(v: v128): v128 {
  const isLarge = i8x16.lt_u(i8x16.sub(v, i8x16.splat(0x41)), i8x16.splat(26))
  return v128.or(v, v128.and(isLarge, i8x16.splat(0x20)))
}

/** True when these bytes, at least one, stand somewhere in at … end. */
export function contains(at: usize, end: usize, text: usize, length: u32): bool {
  if (end - at < <usize>length) return false
  const behind = end - length + 1
  const first = i8x16.splat(load<u8>(text))
  const last = i8x16.splat(load<u8>(text + length - 1))
  for (; at < behind; at += 16) {
    const ends = v128.and(i8x16.eq(v128.load(at), first), i8x16.eq(v128.load(at + length - 1), last))
    for (let mask = <u32>i8x16.bitmask(ends); mask; mask &= mask - 1) {
      const found = at + ctz(mask)
      if (found < behind && equalBytes(found, text, length)) return true
    }
  }
  return false
}

@inline
function isBlank(byte: u8): bool {
  return byte == 0x20 || byte == 0x09
}

@inline
export function trimStart(start: usize, end: usize): usize {
  while (start < end && isBlank(load<u8>(start))) start++
  return start
}

@inline
export function trimEnd(start: usize, end: usize): usize {
  while (start < end && isBlank(load<u8>(end - 1))) end--
  return end
}

/** As `shapeOf` of records/shape.ts. Up to 16 bytes behind a field may be read. */
export function shapeOf(start: usize, end: usize): u32 {
  if (trimStart(start, end) == end) return SHAPE_BLANK
  let dots: u32 = 0
  let backslashes: u32 = 0
  for (let at = start; at < end; at += 16) {
    const block = v128.load(at)
    const valid = end - at < 16 ? ((<u32>1) << (<u32>(end - at))) - 1 : 0xffff
    const isDot = v128.or(i8x16.eq(block, i8x16.splat(0x2e)), i8x16.eq(block, i8x16.splat(0x3a)))
    dots |= <u32>i8x16.bitmask(isDot) & valid
    backslashes |= <u32>i8x16.bitmask(i8x16.eq(block, i8x16.splat(BACKSLASH))) & valid
  }
  return (dots ? SHAPE_DOTTED : 0) | (backslashes ? SHAPE_BACKSLASH : 0)
}

/** As `holdsNoAddress` of records/shape.ts. Up to 16 bytes behind a field may be read. */
export function holdsNoAddress(start: usize, end: usize): bool {
  for (let at = start; at < end; at += 16) {
    const block = v128.load(at)
    const digits = i8x16.lt_u(i8x16.sub(block, i8x16.splat(0x30)), i8x16.splat(11))
    const letters = i8x16.lt_u(i8x16.sub(v128.or(block, i8x16.splat(0x20)), i8x16.splat(0x61)), i8x16.splat(6))
    const marks = v128.or(i8x16.eq(block, i8x16.splat(0x2e)), i8x16.eq(block, i8x16.splat(0x25)))
    let others = ~(<u32>i8x16.bitmask(v128.or(v128.or(digits, letters), marks))) & 0xffff
    if (end - at < 16) others &= ((<u32>1) << (<u32>(end - at))) - 1
    if (others) return true
  }
  return false
}

/** As `holdsRun` of records/shape.ts. */
export function holdsRun(start: usize, end: usize, places: usize, length: u32): bool {
  let passed = <u32>load<u8>(places, 256)
  for (let at = start; at < end; at++) {
    passed = ((passed << 1) | 1) & load<u8>(places + load<u8>(at))
    if (passed >> (length - 1)) return true
  }
  return false
}
