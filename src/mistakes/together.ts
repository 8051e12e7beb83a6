/** Steps that don't need each other: what is wrong in all of them is told at once. */
import { type Problem, ProblemsError } from './problem.ts'

/**
 * What the steps give, taken one after the other. Where some throw a `ProblemsError`, one with the problems of all, and
 * the exit code of the first.
 */
export async function together<const Steps extends readonly (() => unknown)[]>(
  steps: Steps,
): Promise<{ readonly [Index in keyof Steps]: Awaited<ReturnType<Steps[Index]>> }> {
  const problems: Problem[] = []
  const results: unknown[] = []
  let first: ProblemsError | undefined
  for (const step of steps) {
    try {
      results.push(await step())
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error
      first ??= error
      problems.push(...error.problems)
    }
  }
  if (first !== undefined) throw new ProblemsError(problems, first.exitCode)
  return results as { readonly [Index in keyof Steps]: Awaited<ReturnType<Steps[Index]>> }
}
