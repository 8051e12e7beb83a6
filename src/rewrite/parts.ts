/** Into which parts the recipients of a row are divided: as the ends of ranges, in order. */
import { joinList } from '../records/list.ts'

// A line of megabytes must not become gigabytes.
const maxParts = 10_000
const maxRepeatedBytes = 128 * 2 ** 20

/** How many parts a row may have when each of them repeats so many bytes of it; beyond that, recipients share one. */
export function mostParts(repeatedBytes: number): number {
  return Math.min(maxParts, Math.ceil(maxRepeatedBytes / Math.max(1, repeatedBytes)))
}

/** Members of a list that is divided, and the longest text in UTF-8 bytes that a part of it may become. */
export interface LimitedList {
  readonly members: readonly string[]
  readonly maxBytes: number
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const replaced = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g

/** Those of two bytes that a destination may have replaced, too. */
const mayBeReplaced = /[\u0080-\u009f\u061c]/g

/** UTF-8 bytes of a text in an event at most, where a control character becomes one of three bytes. */
export function valueBytes(text: string): number {
  const controls = text.match(replaced)?.length ?? 0
  const others = text.match(mayBeReplaced)?.length ?? 0
  return Buffer.byteLength(text) + 2 * controls + others
}

/** Parts of one recipient each, or of as few as there can be in `most` parts. */
export function singleParts(count: number, most: number): readonly number[] {
  const size = Math.ceil(count / most)
  return Array.from({ length: Math.ceil(count / size) }, (_, part) => Math.min(count, (part + 1) * size))
}

/**
 * As few parts as there can be in which each list keeps its limit, unless one member alone does not or `most` is
 * not enough.
 */
export function fittingParts(count: number, lists: readonly LimitedList[], most: number): readonly number[] {
  const ends: number[] = []
  const lengths = lists.map(() => 0)
  for (let at = 0; at < count; at++) {
    // With its separator, which the first of a part has not.
    const sizes = lists.map(({ members }) => valueBytes(joinList([members[at] ?? ''])) + 1)
    const fits = lists.every(
      ({ maxBytes }, list) => (lengths[list] ?? 0) + (sizes[list] ?? 0) - 1 <= maxBytes,
    )
    const starts = at === 0 || (!fits && ends.length < most - 1)
    if (starts && at > 0) ends.push(at)
    for (const [list, size] of sizes.entries()) lengths[list] = starts ? size : (lengths[list] ?? 0) + size
  }
  return [...ends, count]
}
