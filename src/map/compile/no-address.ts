/** Patterns that take nothing of an address: a value that is made by one need not be looked at where only addresses stand. */
import { addressCharacters } from '../../records/shape.ts'

/** One thing of a pattern: where it ends, and whether it is a character that no address has. */
interface Item {
  readonly end: number
  readonly isOther: boolean
}

/**
 * True when whatever the pattern takes holds a character that no address is written with, as `^[^0-9a-f:.]` does. False
 * also where that is not easily seen.
 */
export function takesNoAddress(pattern: string): boolean {
  // Alternatives, groups and escapes: nearly all that makes it hard to see.
  if (/[(|\\{]/.test(pattern)) return false
  let isTold = false
  for (let at = 0; at < pattern.length; ) {
    const item = itemAt(pattern, at)
    if (item === null) return false
    const [repeat = ''] = /^[*+?]*/.exec(pattern.slice(item.end)) ?? []
    isTold ||= item.isOther && (repeat === '' || repeat.startsWith('+'))
    at = item.end + repeat.length
  }
  return isTold
}

function itemAt(pattern: string, at: number): Item | null {
  const first = pattern.charAt(at)
  if (first !== '[') return { end: at + 1, isOther: !/[\^$.]/.test(first) && !addressCharacters.has(first) }
  const written = /^\[(\^?)([^[\]^]+)\]/.exec(pattern.slice(at))
  if (written === null) return null
  const [{ length }, negated, members = ''] = written
  const named = charactersOf(members)
  const isOther = [...addressCharacters].every((one) => named(one) === (negated === '^'))
  return { end: at + length, isOther }
}

/** Whether a character is one of those that a class names, singly and in ranges. */
function charactersOf(members: string): (one: string) => boolean {
  const ranges = [...members.matchAll(/(.)-(.)|./gsu)].map(
    ([one, from = one, to = one]) => [from, to] as const,
  )
  return (one) => ranges.some(([from, to]) => from <= one && one <= to)
}
