/** What every question of `msgtrk init` needs. */
import type { Problem } from '../../mistakes/problem.ts'
import type { Asker } from './asker.ts'

/** Who asks, and what relative paths start from. */
export interface Interview {
  readonly asker: Asker
  readonly cwd: string
  readonly signal: AbortSignal
}

/** The first mistake in a line; undefined without one. */
export function textOf([problem]: readonly Problem[]): string | undefined {
  if (problem === undefined) return undefined
  const { message, remedy } = problem
  return remedy === undefined ? message : `${message}: ${remedy}`
}
