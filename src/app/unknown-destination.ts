/** A destination that was asked for and is not there. */
import { didYouMean } from '../mistakes/nearest.ts'
import { ProblemsError } from '../mistakes/problem.ts'

/** That there is no such destination, with those that there are. */
export function unknownDestination(destination: string, names: readonly string[]): ProblemsError {
  const meant = didYouMean(destination, names)
  return new ProblemsError([
    {
      where: { argument: destination },
      message: 'is no destination of this instance',
      remedy: `${meant === undefined ? '' : `${meant} `}there ${names.length === 1 ? 'is' : 'are'}: ${names.join(', ')}`,
    },
  ])
}
