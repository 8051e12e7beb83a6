/** What is asked for often and costs something is made once for all who ask within this time. */
const recentMs = 1000

/** The value that `make` gives, or gave less than a second ago. One that fails is made again. */
export function recent<Value>(
  make: () => Promise<Value>,
  now: () => number = () => performance.now(),
): () => Promise<Value> {
  let made: { readonly value: Promise<Value>; readonly atMs: number } | undefined
  return () => {
    const nowMs = now()
    if (made !== undefined && nowMs - made.atMs < recentMs) return made.value
    const value = make()
    const mine = { value, atMs: nowMs }
    made = mine
    value.catch(() => {
      if (made === mine) made = undefined
    })
    return value
  }
}
