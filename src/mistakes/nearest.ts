/** The name that was probably meant: the closest one within two typing mistakes, or undefined. */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  // In a short word two mistakes leave nothing to go by.
  let bestDistance = Math.min(2, Math.floor(word.length / 2)) + 1
  for (const name of names) {
    const distance = typingMistakes(word.toLowerCase(), name.toLowerCase())
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/** The remedy for a mistyped name: `did you mean SEND?`; undefined when none of the names is like it. */
export function didYouMean(word: string, names: Iterable<string>): string | undefined {
  const meant = nearest(word, names)
  return meant === undefined ? undefined : `did you mean ${meant}?`
}

/** Letters inserted, left out, replaced or swapped with their neighbour between `a` and `b`. */
function typingMistakes(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = swaps ? before[j - 2]! + 1 : replaced
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, replaced, swapped))
    }
    before = row
    row = next
  }
  return row[b.length]!
}
