/** Options that take a name. */
import { InvalidArgumentError } from 'commander'
import { didYouMean } from '../../mistakes/nearest.ts'

/** The name if it is one of them; the mistake says which was probably meant, or all of them, the `choices`. */
export function oneOfNames<Name extends string>(
  given: string,
  names: readonly Name[],
  choices = 'Allowed choices',
): Name {
  const known = names.find((name) => name === given)
  if (known !== undefined) return known
  const meant = didYouMean(given, names)?.replace('did', 'Did')
  throw new InvalidArgumentError(meant ?? `${choices} are ${names.join(', ')}.`)
}
