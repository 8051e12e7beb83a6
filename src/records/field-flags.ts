/** What the bytes of a field mean for whoever copies it: see FieldFlag. */
import { FieldFlag } from '../flow/records.ts'

/** Bits of FieldFlag for each byte; a doubled quote is not seen here. */
export const flagsOfByte = new Uint8Array(256)
for (let byte = 0; byte < 0x20; byte++) flagsOfByte[byte] = FieldFlag.control
flagsOfByte[0x7f] = FieldFlag.control
flagsOfByte[0x09] = 0
for (const byte of [0x0a, 0x0d, 0x5c, 0x3d]) flagsOfByte[byte] = FieldFlag.escape
flagsOfByte.fill(FieldFlag.high, 0x80)

/** Bits of FieldFlag that hold for bytes[start … end), in which no quote is doubled. */
export function flagsOf(bytes: Uint8Array, start: number, end: number): number {
  let seen = 0
  for (let at = start; at < end; at++) seen |= flagsOfByte[bytes[at] as number] as number
  return seen
}
