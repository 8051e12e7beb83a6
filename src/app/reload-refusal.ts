/** Why a reload is refused. */
import { type Problem, ProblemsError } from '../mistakes/problem.ts'

/** It can not be reloaded at all. */
export function refusal(message: string, remedy: string): ProblemsError {
  return new ProblemsError([{ where: { argument: 'reload' }, message, remedy }])
}

/** A mistake that may be meant: how to say so. */
export function withConfirmation({ remedy, ...problem }: Problem): Problem {
  return { ...problem, remedy: `${remedy}; to deliver it again all the same: msgtrk reload --deliver-again` }
}
