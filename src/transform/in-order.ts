import type { Rewrite } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'

/** One rewrite that does all of them, each on what the one before made of the rows; null when there is none. */
export function inOrder(rewrites: readonly (Rewrite | null)[]): Rewrite | null {
  const [first, ...others] = rewrites.filter((rewrite) => rewrite !== null)
  if (first === undefined) return null
  if (others.length === 0) return first
  return (records, rows) =>
    others.reduce((rewritten, rewrite) => rewrite(rewritten, allRows(rewritten)), first(records, rows))
}

function allRows({ count }: Records): Uint32Array {
  return Uint32Array.from({ length: count }, (_, row) => row)
}
