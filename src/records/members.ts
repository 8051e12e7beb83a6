/** Lists in a field, as `list.ts` splits them, without decoding them: `a;'o''b';'c;d'` has a, o'b and c;d. */
import { withSingle } from './fields.ts'
import { closingQuote } from './list-reader.ts'

/** Decides on bytes[start … end): a field without CSV quoting, or a member of a list without its wrapping. */
export type ByteTest = (bytes: Buffer, start: number, end: number) => boolean

const SEPARATOR = 0x3b
const QUOTE = 0x27

/** True where any member is; empty members are none. */
export function someMember(test: ByteTest): ByteTest {
  return (bytes, start, end) => {
    for (let at = start; at < end; ) {
      const close = closingQuote(bytes, at, end)
      const behind = close < 0 ? nextSeparator(bytes, at, end) : close + 1
      if (close < 0 ? at < behind && test(bytes, at, behind) : testWrapped(bytes, at + 1, close, test))
        return true
      at = behind + 1
    }
    return false
  }
}

/** True where there are members and all of them are; empty members are none. */
export function everyMember(test: ByteTest): ByteTest {
  const isAny = someMember(() => true)
  const isOther = someMember((bytes, start, end) => !test(bytes, start, end))
  return (bytes, start, end) => isAny(bytes, start, end) && !isOther(bytes, start, end)
}

/** The list without the members that are; the others stay as they stand, and undefined is a list with no such. */
export function withoutMembers(test: ByteTest): (list: Buffer) => Buffer | undefined {
  return (list) => {
    // A list may have millions of members: none becomes an object, and those that stay are copied together.
    let kept: Buffer | undefined
    let length = 0
    let keptFrom = 0
    for (let at = 0; at < list.length; ) {
      if (list[at] === SEPARATOR) {
        at++
        continue
      }
      const close = closingQuote(list, at, list.length)
      const behind = close < 0 ? nextSeparator(list, at, list.length) : close + 1
      if (close < 0 ? test(list, at, behind) : testWrapped(list, at + 1, close, test)) {
        kept ??= Buffer.allocUnsafe(list.length)
        length += list.copy(kept, length, keptFrom, at)
        keptFrom = behind + 1
      }
      at = behind + 1
    }
    if (kept === undefined) return undefined
    // Behind the last one stands no separator, so that before it goes.
    if (keptFrom > list.length) return kept.subarray(0, Math.max(0, length - 1))
    return kept.subarray(0, length + list.copy(kept, length, keptFrom))
  }
}

function testWrapped(bytes: Buffer, start: number, end: number, test: ByteTest): boolean {
  if (start === end) return false
  for (let at = start; at < end; at++) {
    if (bytes[at] !== QUOTE) continue
    const plain = withSingle(bytes, start, end, QUOTE)
    return test(plain, 0, plain.length)
  }
  return test(bytes, start, end)
}

function nextSeparator(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at] !== SEPARATOR) at++
  return at
}
