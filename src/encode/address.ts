/** Addresses as they stand in the log, checked on their bytes. */
import { isIPv6 } from 'node:net'

const DOT = 0x2e
const COLON = 0x3a

/** True when bytes[start … end) is a dotted quad without leading zeros (some readers take those for octal). */
export function isIpv4(bytes: Uint8Array, start: number, end: number): boolean {
  let parts = 1
  let value = 0
  let digits = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === DOT) {
      if (digits === 0) return false
      parts++
      value = digits = 0
    } else {
      if (byte < 0x30 || byte > 0x39 || (digits > 0 && value === 0)) return false
      value = value * 10 + (byte - 0x30)
      if (value > 255) return false
      digits++
    }
  }
  return parts === 4 && digits > 0
}

/** True when there is a colon, which no IPv4 address and every IPv6 address has. */
export function looksLikeIpv6(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === COLON) return true
  return false
}

/** The IPv6 address in bytes[start … end) without its `%zone`, or null. */
export function ipv6Text(bytes: Buffer, start: number, end: number): string | null {
  const text = bytes.toString('latin1', start, end).split('%', 1)[0] as string
  return isIPv6(text) ? text : null
}
