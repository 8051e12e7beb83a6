/** The fields of records: what their bytes mean for whoever copies them, as text, and compared. */
import type { Records } from '../flow/records.ts'
import { FLAG_CONTROL, FLAG_ESCAPE, FLAG_HIGH, FLAG_QUOTE } from '../hot-loop/contract.ts'

/** Bits of `Records.flags`: the field holds such a byte, so a plain copy is not enough. See hot-loop/contract.ts. */
export const FieldFlag = {
  quote: FLAG_QUOTE,
  escape: FLAG_ESCAPE,
  control: FLAG_CONTROL,
  high: FLAG_HIGH,
} as const

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

/** A field as text: its doubled quotes made single, invalid UTF-8 shown as U+FFFD. For rules and display. */
export function fieldText(records: Records, row: number, column: number): string {
  const index = row * records.layout.columns.length + column
  const { bytes, starts, ends, flags } = records
  const start = starts[index] as number
  const end = ends[index] as number
  return (flags[index] ?? 0) & FieldFlag.quote
    ? withSingleQuotes(bytes, start, end)
    : bytes.toString('utf8', start, end)
}

/** True when a field holds nothing but spaces and tabs. */
export function isBlankField({ layout, bytes, starts, ends }: Records, row: number, column: number): boolean {
  const index = row * layout.columns.length + column
  const end = ends[index] as number
  for (let at = starts[index] as number; at < end; at++) if (!isBlank(bytes[at] as number)) return false
  return true
}

/** A field as it stands, but for its doubled quotes, which are made single; without them it shares the bytes. */
export function fieldBytes(records: Records, row: number, column: number): Buffer {
  const index = row * records.layout.columns.length + column
  const { bytes, starts, ends, flags } = records
  const start = starts[index] as number
  const end = ends[index] as number
  return (flags[index] ?? 0) & FieldFlag.quote
    ? withSingle(bytes, start, end, DOUBLE_QUOTE)
    : bytes.subarray(start, end)
}

/** The text of some bytes, its doubled quotes made single; of millions, replacing them in a text takes hundreds of megabytes. */
export function withSingleQuotes(bytes: Buffer, start: number, end: number): string {
  return withSingle(bytes, start, end, DOUBLE_QUOTE).toString('utf8')
}

/** A copy of bytes[start … end) in which every doubled `quote` stands once. */
export function withSingle(bytes: Uint8Array, start: number, end: number, quote: number): Buffer {
  const single = Buffer.allocUnsafe(end - start)
  let length = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    single[length++] = byte
    if (byte === quote && at + 1 < end && bytes[at + 1] === quote) at++
  }
  return single.subarray(0, length)
}

const DOUBLE_QUOTE = 0x22

/** The text without the spaces and tabs around it, which no value of an event keeps. */
export function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (start < end && isBlank(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/** True when bytes[start … end) are these; for a dozen bytes a loop beats a call into the runtime. */
export function sameBytes(expected: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== expected.length) return false
  for (let at = 0; at < expected.length; at++) if (expected[at] !== bytes[start + at]) return false
  return true
}

const SPACE = 0x20
const TAB = 0x09

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}
