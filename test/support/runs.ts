/**
 * How much is tried. All of it where CI is set, as CI services do; elsewhere a part, so that nobody waits for the tests:
 * each run tries other inputs, and what was once found is a test of its own.
 */

/** Whether everything is tried, the long faults included. */
export const isThorough = Boolean(process.env.CI)

/** How much of what is random, or alike, is tried. */
export const share = isThorough ? 1 : 0.05

/** Of so many runs of a property those that are made. */
export function runs(all: number): number {
  return Math.ceil(all * share)
}

/** Of cases that are alike those that are tried, others each time. */
export function part<T>(all: readonly T[]): readonly T[] {
  if (isThorough) return all
  const rest = [...all]
  return Array.from({ length: runs(all.length) }, () => {
    const [one] = rest.splice(Math.floor(Math.random() * rest.length), 1)
    return one as T
  })
}
