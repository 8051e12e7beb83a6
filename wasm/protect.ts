/** As src/encode/protect-header.ts, which says why. */

/** Breaks each `CEF:` before a digit in start … end; returns how many there were. */
export function breakHeaders(start: usize, end: usize): u32 {
  let broken: u32 = 0
  for (let at = start; at < end; at += 16) {
    const isF = i8x16.eq(v128.or(v128.load(at), i8x16.splat(0x20)), i8x16.splat(0x66))
    const isColon = i8x16.eq(v128.load(at, 1), i8x16.splat(0x3a))
    for (let mask = <u32>i8x16.bitmask(v128.and(isF, isColon)); mask; mask &= mask - 1) {
      const colon = at + ctz(mask) + 1
      if (colon >= end || colon - start < 3) continue
      if ((load<u8>(colon - 3) | 0x20) != 0x63 || (load<u8>(colon - 2) | 0x20) != 0x65) continue
      if (!isBeforeDigit(colon + 1, end)) continue
      store<u8>(colon, 0x3b)
      broken++
    }
  }
  return broken
}

function isBeforeDigit(at: usize, end: usize): bool {
  while (at < end && (load<u8>(at) == 0x20 || load<u8>(at) == 0x09)) at++
  return at < end && <u32>load<u8>(at) - 0x30 <= 9
}
