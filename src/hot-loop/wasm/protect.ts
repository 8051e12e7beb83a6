/** As src/encode/protect-header.ts, which says why. Up to 80 bytes behind the end may be read. */

/** Breaks each `CEF:` before a digit in start … end; returns how many there were. */
export function breakHeaders(start: usize, end: usize): u32 {
  let broken: u32 = 0
  for (let at = start; at < end; at += 64) {
    const some = v128.or(v128.or(marks(at), marks(at + 16)), v128.or(marks(at + 32), marks(at + 48)))
    if (!v128.any_true(some)) continue
    for (let block = at; block < at + 64; block += 16) {
      for (let mask = <u32>i8x16.bitmask(marks(block)); mask; mask &= mask - 1) {
        broken += breakHeader(start, block + ctz(mask) + 1, end)
      }
    }
  }
  return broken
}

/** Each `F` or `f` before a colon. */
@inline
function marks(at: usize): v128 {
  const isF = i8x16.eq(v128.or(v128.load(at), i8x16.splat(0x20)), i8x16.splat(0x66))
  return v128.and(isF, i8x16.eq(v128.load(at, 1), i8x16.splat(0x3a)))
}

/** 1 when the colon is one to be broken, and is broken now. */
function breakHeader(start: usize, colon: usize, end: usize): u32 {
  if (colon >= end || colon - start < 3) return 0
  if ((load<u8>(colon - 3) | 0x20) != 0x63 || (load<u8>(colon - 2) | 0x20) != 0x65) return 0
  let at = colon + 1
  while (at < end && (load<u8>(at) == 0x20 || load<u8>(at) == 0x09)) at++
  if (at >= end || <u32>load<u8>(at) - 0x30 > 9) return 0
  store<u8>(colon, 0x3b)
  return 1
}
