/** Tests of values as they stand in the log: bytes are compared, and text is decoded only where a test needs it. */

import type { Layout } from '../flow/chunk.ts'
import type { Filter } from '../flow/plan.ts'
import { FieldFlag, withSingle } from '../records/fields.ts'
import type { Column } from '../records/layouts.ts'
import { columnIndex } from '../records/layouts.ts'
import type { ByteTest } from '../records/members.ts'

/** What a condition says on a layout: a filter of its rows, or the same for all of them. */
export type Decision = Filter | boolean

const QUOTE = 0x22
const NOTHING = Buffer.alloc(0)

/** The byte of the small letter for that of each ASCII capital, every other byte for itself. */
const small = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte,
)

/** Applies a test to a column. A column that the layout lacks is empty in every row. */
export function testOfColumn(layout: Layout, name: Column, test: ByteTest): Decision {
  const column = columnIndex(layout, name)
  if (column < 0) return test(NOTHING, 0, 0)
  const width = layout.columns.length
  return ({ bytes, starts, ends, flags }, row) => {
    const field = row * width + column
    const start = starts[field]!
    const end = ends[field]!
    if ((flags[field]! & FieldFlag.quote) === 0) return test(bytes, start, end)
    const plain = withSingle(bytes, start, end, QUOTE)
    return test(plain, 0, plain.length)
  }
}

/** True where any of the tests is. */
export function anyOf(tests: readonly ByteTest[]): ByteTest {
  const [only] = tests
  if (only !== undefined && tests.length === 1) return only
  return (bytes, start, end) => {
    for (const test of tests) if (test(bytes, start, end)) return true
    return false
  }
}

/** The whole value is one of `texts`, without regard to case (of ASCII letters, for texts that are ASCII). */
export function equalsOneOf(texts: readonly string[]): ByteTest {
  // By length, since most values are decided by it alone.
  const byLength: (readonly Buffer[] | undefined)[] = []
  const others = new Set<string>()
  for (const text of new Set(texts.map((text) => text.toLowerCase()))) {
    if (!isAscii(text)) others.add(text)
    else byLength[text.length] = [...(byLength[text.length] ?? []), Buffer.from(text)]
  }
  const isAsciiOne: ByteTest = (bytes, start, end) => {
    for (const text of byLength[end - start] ?? []) if (holds(bytes, start, text)) return true
    return false
  }
  if (others.size === 0) return isAsciiOne
  return anyOf([isAsciiOne, (bytes, start, end) => others.has(lowerCase(bytes, start, end))])
}

/** The value begins with `text`, without regard to case; `text` is ASCII. */
export function startsWith(text: string): ByteTest {
  const beginning = Buffer.from(text.toLowerCase())
  return (bytes, start, end) => end - start >= beginning.length && holds(bytes, start, beginning)
}

/** The value ends with `text`, without regard to case (of ASCII letters, for a text that is ASCII). */
export function endsWith(text: string): ByteTest {
  const lower = text.toLowerCase()
  if (!isAscii(lower)) return (bytes, start, end) => lowerCase(bytes, start, end).endsWith(lower)
  const ending = Buffer.from(lower)
  return (bytes, start, end) => end - start >= ending.length && holds(bytes, end - ending.length, ending)
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length
}

/** True when `text`, in small letters, stands in `bytes` at `start` in any case. */
function holds(bytes: Uint8Array, start: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (small[bytes[start + i]!] !== text[i]) return false
  return true
}

function lowerCase(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end).toLowerCase()
}
