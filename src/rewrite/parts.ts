/** Into which parts the recipients of a row are divided: where each of them begins in each list. */
import { ListReader } from '../records/list-reader.ts'
import { ElementReader, type FieldList } from './alongside.ts'

// A line of megabytes must not become gigabytes.
const maxParts = 10_000
const maxRepeatedBytes = 128 * 2 ** 20

/** How many parts a row may have when each of them repeats so many bytes of it; beyond that, recipients share one. */
export function mostParts(repeatedBytes: number): number {
  return Math.min(maxParts, Math.ceil(maxRepeatedBytes / Math.max(1, repeatedBytes)))
}

/** A list that is divided, and the longest text in UTF-8 bytes that a part of it may become. */
export interface LimitedList {
  readonly list: FieldList
  readonly maxBytes: number
}

/** Parts of one recipient each, or of as few as there can be in `most` parts. */
export function singleParts(list: FieldList, most: number): readonly number[] {
  const size = Math.ceil(list.count / most)
  const starts: number[] = []
  const reader = new ElementReader(list)
  for (let at = 0; at < list.count; at++) {
    if (at % size === 0) starts.push(reader.next)
    reader.read()
  }
  return starts
}

/**
 * As few parts as there can be in which each list keeps its limit, unless one member alone does not or `most` is
 * not enough. All lists have `count` members.
 */
export function fittingParts(
  count: number,
  lists: readonly LimitedList[],
  most: number,
): readonly (readonly number[])[] {
  const readers = lists.map(({ list }) => new ElementReader(list))
  const starts = lists.map((): number[] => [])
  const lengths = new Float64Array(lists.length)
  const sizes = new Float64Array(lists.length)
  const nexts = new Float64Array(lists.length)
  const size = new ValueSize()
  for (let at = 0; at < count; at++) {
    let fits = true
    for (let index = 0; index < lists.length; index++) {
      const reader = readers[index] as ElementReader
      const { list, maxBytes } = lists[index] as LimitedList
      nexts[index] = reader.next
      reader.read()
      // With its separator, which the first of a part has not.
      sizes[index] = size.ofMember(reader, list) + 1
      if ((lengths[index] as number) + (sizes[index] as number) - 1 > maxBytes) fits = false
    }
    const begins = at === 0 || (!fits && (starts[0] as number[]).length < most)
    for (let index = 0; index < lists.length; index++) {
      if (begins) starts[index]?.push(nexts[index] as number)
      lengths[index] = (begins ? 0 : (lengths[index] as number)) + (sizes[index] as number)
    }
  }
  return starts
}

/** UTF-8 bytes of a list in an event at most, were it not divided. */
export function listBytes(list: FieldList): number {
  return new ValueSize().ofText(list)
}

const SEMICOLON = 0x3b
const APOSTROPHE = 0x27
const DOUBLE_QUOTE = 0x22

/** What each byte comes to: a control character becomes one of three bytes, and so may some of two bytes. */
const bytesOf = new Uint8Array(256).fill(1)
bytesOf.fill(3, 0x00, 0x09)
bytesOf.fill(3, 0x0b, 0x0d)
bytesOf.fill(3, 0x0e, 0x20)
bytesOf[0x7f] = 3

/** Measures what text becomes in an event. */
class ValueSize {
  #bytes = 0
  #quotes = 0
  #hasSeparator = false

  /** As a member of a list. */
  ofMember(element: ElementReader, list: FieldList): number {
    this.#bytes = this.#quotes = 0
    this.#hasSeparator = false
    if (element.isGroup) this.#addGroup(element, list)
    else this.#add(list, element.start, element.end, element.isWrapped)
    const isWrapped = this.#hasSeparator || this.#quotes > 0
    return this.#bytes + (isWrapped ? this.#quotes + 2 : 0)
  }

  ofText(list: FieldList): number {
    this.#bytes = 0
    this.#add(list, list.start, list.end, false)
    return this.#bytes
  }

  #addGroup({ start, end }: ElementReader, list: FieldList): void {
    const reader = new ListReader(list.bytes, start, end)
    while (reader.read()) {
      this.#add(list, reader.start, reader.end, reader.isWrapped)
      this.#bytes++
    }
    this.#bytes--
    this.#hasSeparator = true
  }

  #add({ bytes, hasDoubled, isText }: FieldList, start: number, end: number, isWrapped: boolean): void {
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number
      // What is no text becomes a character of three bytes, each.
      this.#bytes += byte >= 0x80 && !isText ? 3 : (bytesOf[byte] as number)
      if (byte === SEMICOLON) this.#hasSeparator = true
      else if (byte === APOSTROPHE) {
        this.#quotes++
        if (isWrapped) at++
      } else if (byte === DOUBLE_QUOTE) {
        if (hasDoubled && at + 1 < end && bytes[at + 1] === DOUBLE_QUOTE) at++
      } else if (byte === 0xc2 || byte === 0xd8) {
        if (isText && mayBeReplaced(byte, bytes[at + 1] as number)) this.#bytes++
      }
    }
  }
}

/** Characters of two bytes that a destination may have replaced: C1 controls and the Arabic letter mark. */
function mayBeReplaced(first: number, second: number): boolean {
  return first === 0xc2 ? second < 0xa0 : second === 0x9c
}
