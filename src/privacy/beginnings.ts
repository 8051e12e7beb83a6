/** Many texts to be looked for together: by their first letters, and sorted, without an object for each letter of each. */

/** So many letters at least has each text that is looked for. */
const BEGINNING = 3

/** Texts by a number made of their first letters; sorted when they are looked for first. */
export type Beginnings = Map<number, { readonly texts: string[]; isSorted: boolean }>

/** Of texts of which each has three letters at least and none comes twice. */
export function beginningsOf(texts: Iterable<string>): Beginnings {
  const begun: Beginnings = new Map()
  for (const text of texts) {
    const beginning = beginningAt(text, 0)
    const same = begun.get(beginning)
    if (same === undefined) begun.set(beginning, { texts: [text], isSorted: false })
    else same.texts.push(text)
  }
  return begun
}

/** The same for the same letters; seldom so for others. */
function beginningAt(text: string, at: number): number {
  return (text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 7) ^ (text.charCodeAt(at + 2) << 14)) & 0x3fffffff
}

/** Visits those of the texts that stand at `start`, the shortest first. */
export function visitTextsAt(
  begun: Beginnings,
  lower: string,
  start: number,
  visit: (text: string) => void,
): void {
  if (start + BEGINNING > lower.length) return
  const candidates = begun.get(beginningAt(lower, start))
  if (candidates === undefined) return
  const { texts } = candidates
  if (!candidates.isSorted) texts.sort()
  candidates.isSorted = true
  // Those that begin with the letters read so far.
  let first = 0
  let behind = texts.length
  for (let end = start; first < behind; end++) {
    const text = texts[first] as string
    const length = end - start
    if (text.length === length) {
      visit(text)
      first++
    }
    if (end === lower.length) break
    const letter = lower.charCodeAt(end)
    first = firstNotBefore(texts, first, behind, length, letter)
    behind = firstNotBefore(texts, first, behind, length, letter + 1)
  }
}

/** Of sorted texts that are alike up to `at`, and longer: the first whose letter there is `letter` or comes after it. */
function firstNotBefore(
  texts: readonly string[],
  first: number,
  behind: number,
  at: number,
  letter: number,
): number {
  let low = first
  let high = behind
  // Nearly always all or none.
  if (low === high || (texts[low] as string).charCodeAt(at) >= letter) return low
  if ((texts[high - 1] as string).charCodeAt(at) < letter) return high
  while (low < high) {
    const middle = (low + high) >> 1
    if ((texts[middle] as string).charCodeAt(at) < letter) low = middle + 1
    else high = middle
  }
  return low
}
