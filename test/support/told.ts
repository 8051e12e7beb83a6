/** Problems with their places as they are printed, to be compared with texts. */
import { formatPlace } from '../../src/mistakes/place.ts'
import type { Problem } from '../../src/mistakes/problem.ts'

export interface Told {
  readonly where: string
  readonly message: string
  readonly remedy?: string
}

/** The problems as they are told. */
export function told(problems: readonly Problem[]): readonly Told[] {
  return problems.map(({ where, ...words }) => ({ where: formatPlace(where), ...words }))
}
