/** Several things under way, of which each comes to its end. */
import { ExitCode, type Problem, ProblemsError } from '../mistakes/problem.ts'

/** Waits for all of them, also when some fail; then throws what failed, the problems of all at once. */
export async function all<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(promises)
  const errors = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []))
  const unexpected = errors.find((error) => !(error instanceof ProblemsError))
  if (unexpected !== undefined) throw unexpected
  const problems = errors.flatMap((error): readonly Problem[] =>
    error instanceof ProblemsError ? error.problems : [],
  )
  if (problems.length > 0) throw new ProblemsError(problems, ExitCode.state)
  return Promise.all(promises)
}
