/** Checks on the bytes of a field. */

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

/** True when there is a colon, as in every IPv6 address. */
export function hasColon(at: usize, end: usize): bool {
  for (; at < end; at++) if (load<u8>(at) == 0x3a) return true
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
