/** Checks on the bytes of a field. */
const PERCENT: u8 = 0x25
const COLON: u8 = 0x3a
const DOUBLE_COLON: u16 = 0x3a3a

/** True for a dotted quad without leading zeros. */
export function isIpv4(at: usize, end: usize): bool {
  let parts: u32 = 1
  let value: u32 = 0
  let digits: u32 = 0
  for (; at < end; at++) {
    const byte = load<u8>(at)
    if (byte == 0x2e) {
      if (digits == 0) return false
      parts++
      value = digits = 0
    } else {
      if (byte < 0x30 || byte > 0x39 || (digits > 0 && value == 0)) return false
      value = value * 10 + (byte - 0x30)
      if (value > 255) return false
      digits++
    }
  }
  return parts == 4 && digits > 0
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

/** True when there is a colon, as in every IPv6 address. */
export function hasColon(at: usize, end: usize): bool {
  for (; at < end; at++) if (load<u8>(at) == COLON) return true
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
