/** Checks on the bytes of a field. */
const PERCENT: u8 = 0x25
const DOT: u8 = 0x2e
const COLON: u8 = 0x3a
const DOUBLE_COLON: u16 = 0x3a3a

/** True for a dotted quad without leading zeros. Up to 16 bytes behind its beginning are read. */
export function isIpv4(at: usize, end: usize): bool {
  const length = <u32>(end - at)
  if (length < 7 || length > 15) return false
  const text = v128.load(at)
  const all = ((<u32>1) << length) - 1
  const digits = <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(text, i8x16.splat(0x30)), i8x16.splat(10)))
  let dots = <u32>i8x16.bitmask(i8x16.eq(text, i8x16.splat(DOT))) & all
  if (((digits | dots) & all) != all || popcnt(dots) != 3) return false
  const first = ctz(dots)
  dots &= dots - 1
  const second = ctz(dots)
  const third = ctz(dots & (dots - 1))
  return (
    isByte(at, first) &&
    isByte(at + first + 1, second - first - 1) &&
    isByte(at + second + 1, third - second - 1) &&
    isByte(at + third + 1, length - third - 1)
  )
}

/** True when so many digits are a number up to 255, written as short as it can be. */
@inline
function isByte(at: usize, length: u32): bool {
  if (length == 1) return true
  const first = load<u8>(at)
  if (length - 2 > 1 || first == 0x30) return false
  if (length == 2 || first == 0x31) return true
  const second = load<u8>(at, 1)
  return first == 0x32 && (second < 0x35 || (second == 0x35 && load<u8>(at, 2) <= 0x35))
}

/** True for an IPv6 address without a zone, unless its end is written as IPv4, which is rare enough to be left out. */
export function isIpv6(at: usize, end: usize): bool {
  let groups: u32 = 0
  let hasGap = at + 2 <= end && load<u16>(at) == DOUBLE_COLON
  if (hasGap) at += 2
  while (at < end) {
    const group = at
    while (at < end && isHexDigit(load<u8>(at))) at++
    if (at == group || at - group > 4) return false
    groups++
    if (at == end) break
    if (load<u8>(at++) != COLON || at == end) return false
    if (load<u8>(at) == COLON) {
      if (hasGap) return false
      hasGap = true
      at++
    }
  }
  return hasGap ? groups < 8 : groups == 8
}

@inline
function isHexDigit(byte: u8): bool {
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 6
}

/** Where the `%zone` behind an address begins; `end` without one. */
export function zoneStart(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != PERCENT) at++
  return at
}

/** True when there is a colon, as in every IPv6 address. Up to 16 bytes behind it may be read. */
export function hasColon(at: usize, end: usize): bool {
  for (; at < end; at += 16) {
    const colons = <u32>i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(COLON)))
    if (colons) return at + ctz(colons) < end
  }
  return false
}

/** True when there are only decimal digits. */
export function isNumber(at: usize, end: usize): bool {
  for (; at < end; at++) {
    const byte = load<u8>(at)
    if (byte < 0x30 || byte > 0x39) return false
  }
  return true
}
