/**
 * Lists inside a field of a tracking log: members joined by `;`. A member that holds `;` or `'` is wrapped in
 * `'…'` with its inner `'` doubled:
 *
 *   a@x.com;'o''brien@x.com';'250 2.0.0 Ok; queued'   →   a@x.com   o'brien@x.com   250 2.0.0 Ok; queued
 */

import { LongText } from './long-text.ts'

const SEPARATOR = ';'
const QUOTE = "'"

/** Members of a list, unwrapped, in order; an empty text has none. What is wrapped wrongly stays as it is. */
export function splitList(text: string): readonly string[] {
  if (text === '') return []
  if (!text.includes(QUOTE)) return text.split(SEPARATOR)
  return Array.from(allMembersIn(text))
}

/** A member of a list, which stands there from `start` to `end`, quotes included. */
export interface ListMember {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** The members one after the other, without those of which nothing is written: a row may hold millions. */
export function* membersIn(list: string): Generator<ListMember, void> {
  for (let at = 0; at < list.length; at++) {
    if (list[at] === SEPARATOR) continue
    const member = memberAt(list, at)
    yield member
    at = member.end
  }
}

/** The texts of all members one after the other, as `splitList` gives them. */
export function* allMembersIn(list: string): Generator<string, void> {
  if (list === '') return
  for (let at = 0; at <= list.length; ) {
    const { text, end } = memberAt(list, at)
    yield text
    at = end + 1
  }
}

function memberAt(list: string, start: number): ListMember {
  const close = closingQuote(list, start)
  const end = memberEnd(list, start, close)
  const text = close < 0 ? list.slice(start, end) : list.slice(start + 1, close).replaceAll("''", QUOTE)
  return { text, start, end }
}

/** A list with something else for some of its members, given in their order; nothing of that may hold a `;` or a `'`. */
export class ReplacedList {
  readonly #list: string
  readonly #pieces = new LongText()
  #copied = 0

  constructor(list: string) {
    this.#list = list
  }

  replace({ start, end }: ListMember, replacement: string): void {
    if (replacement === this.#list.slice(start, end)) return
    this.#pieces.add(this.#list.slice(this.#copied, start))
    this.#pieces.add(replacement)
    this.#copied = end
  }

  get text(): string {
    if (this.#copied === 0) return this.#list
    this.#pieces.add(this.#list.slice(this.#copied))
    this.#copied = this.#list.length
    return this.#pieces.text
  }
}

/** The list with something else for each of its members but the empty ones, which stay. */
export function replaceMembers(list: string, replacementOf: (member: string) => string): string {
  const replaced = new ReplacedList(list)
  for (const member of membersIn(list)) {
    replaced.replace(member, member.text === '' ? '' : replacementOf(member.text))
  }
  return replaced.text
}

/** The list of these members. `splitList` gives them back, but for a single empty one, which is no list. */
export function joinList(members: readonly string[]): string {
  return members.map(memberText).join(SEPARATOR)
}

/** A member as it stands in a list. */
export function memberText(member: string): string {
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
