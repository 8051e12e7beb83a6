/** Members of custom-data, `Type:Key=Value`: asked for by key, or by key and value. */
import type { Words } from '../mistakes/words.ts'
import { type ByteTest, someMember } from '../records/members.ts'
import { anyOf, equalsOneOf } from './byte-test.ts'
import { compileTexts, textProblem } from './text-entry.ts'

const EQUALS = 0x3d
const COLON = 0x3a

/**
 * A test for custom-data in which any of the entries stands, in any case: `S:IsProbe` (with any value),
 * `S:IsProbe=true`, `S:AMA=SUM|*`. A key without a type (`IsProbe`) is that of any type.
 */
export function compileCustomData(entries: readonly string[]): ByteTest {
  return someMember(anyOf(entries.map(memberTest)))
}

/** What is wrong with an entry; null when it is fine. */
export function customDataProblem(entry: string): Words | null {
  const { key, value } = parted(entry)
  if (key.trim() === '') return { message: 'has no key', remedy: 'write S:IsProbe or S:IsProbe=true' }
  return value === undefined || value === '' ? null : textProblem(value)
}

function memberTest(entry: string): ByteTest {
  const { key, value } = parted(entry)
  const isKey = equalsOneOf([key])
  const isTyped = key.includes(':')
  const isValue = value === undefined ? null : compileTexts([value])
  return (bytes, start, end) => {
    const equals = indexOf(bytes, EQUALS, start, end)
    const colon = isTyped ? equals : indexOf(bytes, COLON, start, equals)
    const from = colon === equals ? start : colon + 1
    return (
      isKey(bytes, from, equals) && (isValue === null || (equals < end && isValue(bytes, equals + 1, end)))
    )
  }
}

function parted(entry: string): { readonly key: string; readonly value: string | undefined } {
  const equals = entry.indexOf('=')
  return equals < 0
    ? { key: entry, value: undefined }
    : { key: entry.slice(0, equals), value: entry.slice(equals + 1) }
}

/** Where the byte stands first in bytes[start … end), `end` without one. */
function indexOf(bytes: Uint8Array, byte: number, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== byte) at++
  return at
}
