/**
 * Lists inside a field of a tracking log: members joined by `;`. A member that holds `;` or `'` is wrapped in
 * `'…'` with its inner `'` doubled:
 *
 *   a@x.com;'o''brien@x.com';'250 2.0.0 Ok; queued'   →   a@x.com   o'brien@x.com   250 2.0.0 Ok; queued
 */

const SEPARATOR = ';'
const QUOTE = "'"
const MOST_PIECES = 4096

/** Members of a list, unwrapped, in order; an empty text has none. What is wrapped wrongly stays as it is. */
export function splitList(text: string): readonly string[] {
  if (text === '') return []
  if (!text.includes(QUOTE)) return text.split(SEPARATOR)
  const members: string[] = []
  for (let at = 0; at <= text.length; ) {
    const close = closingQuote(text, at)
    const end = memberEnd(text, at, close)
    members.push(close < 0 ? text.slice(at, end) : text.slice(at + 1, close).replaceAll("''", QUOTE))
    at = end + 1
  }
  return members
}

/**
 * The list with something else for each of its members but the empty ones, which stay; nothing of that may hold a `;`
 * or a `'`. Nothing is made for members that stay as they are: a row may hold millions of them.
 */
export function replaceMembers(list: string, replacementOf: (member: string) => string): string {
  let result = ''
  let pieces: string[] = []
  let copied = 0
  for (let at = 0; at < list.length; at++) {
    if (list[at] === SEPARATOR) continue
    const close = closingQuote(list, at)
    const end = memberEnd(list, at, close)
    const written = list.slice(at, end)
    const member = close < 0 ? written : list.slice(at + 1, close).replaceAll("''", QUOTE)
    const replacement = member === '' ? '' : replacementOf(member)
    if (replacement !== written) {
      pieces.push(list.slice(copied, at), replacement)
      copied = end
    }
    if (pieces.length > MOST_PIECES) {
      result += pieces.join('')
      pieces = []
    }
    at = end
  }
  return copied === 0 ? list : result + pieces.join('') + list.slice(copied)
}

/** The list of these members. `splitList` gives them back, but for a single empty one, which is no list. */
export function joinList(members: readonly string[]): string {
  return members.map(wrapped).join(SEPARATOR)
}

function wrapped(member: string): string {
  const needsQuotes = member.includes(SEPARATOR) || member.includes(QUOTE)
  return needsQuotes ? `'${member.replaceAll(QUOTE, "''")}'` : member
}

/** Where the separator behind the member at `at` stands, or the end of the text. */
function memberEnd(text: string, at: number, close: number): number {
  if (close >= 0) return close + 1
  const separator = text.indexOf(SEPARATOR, at)
  return separator < 0 ? text.length : separator
}

/**
 * Where the quotes around the member at `at` close; -1 when it is not wrapped: no quote in front, none behind, or
 * one within that is not doubled. Every search ends at a quote that no later search passes, so that a list is
 * read in linear time whatever it holds.
 */
function closingQuote(text: string, at: number): number {
  if (text[at] !== QUOTE) return -1
  let quote = text.indexOf(QUOTE, at + 1)
  while (quote >= 0 && text[quote + 1] === QUOTE) quote = text.indexOf(QUOTE, quote + 2)
  if (quote < 0) return -1
  return quote + 1 === text.length || text[quote + 1] === SEPARATOR ? quote : -1
}
