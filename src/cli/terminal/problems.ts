/** Mistakes and doubts for people, in the width of their terminal. */
import { formatProblem, type Problem } from '../../mistakes/problem.ts'
import type { TextOutput } from '../command-context.ts'
import { inLines } from './lines.ts'

/** Tells one problem, where it is with its remedy below it; `as` stands before it. */
export function tellProblem(output: TextOutput, problem: Problem, as = ''): void {
  output.write(`${inLines(`${as}${formatProblem(problem)}`, output.columns)}\n`)
}
