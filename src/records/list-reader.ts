/**
 * The members of a list as they stand in the bytes of a field, one after the other and without a text for any: a row
 * may hold millions of them. As `splitList` splits the text, also where quotes of CSV are doubled in it or bytes are no
 * text, since neither changes where a `;` or a `'` stands.
 */
const SEPARATOR = 0x3b
const QUOTE = 0x27

export class ListReader {
  /** Where the member stands, without the quotes around it. */
  start = 0
  end = 0
  /** Whether it stands in quotes: its own are doubled then. */
  isWrapped = false
  /** Where the next one begins, with its quotes. */
  next: number
  readonly #bytes: Uint8Array
  readonly #end: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#end = end
    // An empty text has no members, one that ends with a separator has an empty one behind it.
    this.next = start === end ? end + 1 : start
  }

  /** Goes to the next member; false when there is none. */
  read(): boolean {
    const bytes = this.#bytes
    const listEnd = this.#end
    const at = this.next
    if (at > listEnd) return false
    const close = closingQuote(bytes, at, listEnd)
    this.isWrapped = close >= 0
    if (close >= 0) {
      this.start = at + 1
      this.end = close
      this.next = close + 2
      return true
    }
    let end = at
    while (end < listEnd && bytes[end] !== SEPARATOR) end++
    this.start = at
    this.end = end
    this.next = end + 1
    return true
  }
}

/**
 * Where the quotes around the member at `at` close, in a list that ends at `end`; -1 when it is not wrapped, or wrongly.
 * Linear, as in list.ts.
 */
export function closingQuote(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end || bytes[at] !== QUOTE) return -1
  for (let quote = at + 1; quote < end; quote++) {
    if (bytes[quote] !== QUOTE) continue
    if (quote + 1 === end || bytes[quote + 1] === SEPARATOR) return quote
    if (bytes[quote + 1] !== QUOTE) return -1
    quote++
  }
  return -1
}
