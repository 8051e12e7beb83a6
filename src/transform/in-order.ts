import type { Rewrite, RewriteInParts } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'

/** One rewrite that does all of them, each on what the one before made of the rows; null when there is none. */
export function inOrder(rewrites: readonly (RewriteInParts | null)[]): RewriteInParts | null {
  const [first, ...others] = rewrites.filter((rewrite) => rewrite !== null)
  if (first === undefined) return null
  if (others.length === 0) return first
  return function* (records, rows) {
    let rewritten = yield* first(records, rows)
    for (const rewrite of others) rewritten = yield* rewrite(rewritten, allRows(rewritten))
    return rewritten
  }
}

/** A rewrite that takes no time worth dividing, as one in parts; null for none. */
export function inOnePart(rewrite: Rewrite | null): RewriteInParts | null {
  if (rewrite === null) return null
  // biome-ignore lint/correctness/useYield: it is the only part
  return function* (records, rows) {
    return rewrite(records, rows)
  }
}

function allRows({ count }: Records): Uint32Array {
  return Uint32Array.from({ length: count }, (_, row) => row)
}
