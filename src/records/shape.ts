/** What a field looks like, which is all that some questions need: the hot loop says the same of it (wasm/text.ts). */
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
