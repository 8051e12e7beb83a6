/** What a field looks like, which is all that some questions need: the hot loop says the same of it (wasm/text.ts). */
import type { ByteRun } from '../flow/plan.ts'
import { SHAPE_BACKSLASH, SHAPE_BLANK, SHAPE_DOTTED } from '../hot-loop/contract.ts'

/** Bits `SHAPE_…`: of a field that is blank only that; else whether `.` or `:`, and whether a backslash is in it. */
export function shapeOf(bytes: Buffer, start: number, end: number): number {
  let shape = 0
  let isBlank = true
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte !== 0x20 && byte !== 0x09) isBlank = false
    if (byte === 0x2e || byte === 0x3a) shape |= SHAPE_DOTTED
    else if (byte === 0x5c) shape |= SHAPE_BACKSLASH
  }
  return isBlank ? SHAPE_BLANK : shape
}

/** All that addresses of both families are written with, zones aside. */
export const addressCharacters: ReadonlySet<string> = new Set('0123456789abcdefABCDEF.:%')

const isOfAddress = Uint8Array.from({ length: 256 }, (_, byte) =>
  addressCharacters.has(String.fromCharCode(byte)) ? 1 : 0,
)

/** True when a field holds anything else than these. */
export function holdsNoAddress(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (isOfAddress[bytes[at]!] === 0) return true
  return false
}

/** True when such bytes stand one behind the other in a field: as many places as were passed so far are bits of `passed`. */
export function holdsRun(bytes: Buffer, start: number, end: number, { places, length }: ByteRun): boolean {
  let passed = places[256]!
  for (let at = start; at < end; at++) {
    passed = ((passed << 1) | 1) & places[bytes[at]!]!
    if (passed >> (length - 1)) return true
  }
  return false
}
