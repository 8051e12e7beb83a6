/** `log-level` over the control socket. */
import * as z from 'zod'
import type { ControlRoute } from '../control/routes.ts'
import { ProblemsError } from '../mistakes/problem.ts'
import { logLevels } from '../observe/options.ts'
import type { TemporaryLevel } from '../observe/temporary-level.ts'
import { answered, askedBy } from './control-body.ts'
import { isoOf } from './destination-status.ts'

/** A level is for a while, and never for good. */
export const longestLevelSeconds = 24 * 3_600

const schema = z.strictObject({
  by: askedBy,
  level: z.enum(logLevels).nullable(),
  forSeconds: z.number().min(1).max(longestLevelSeconds),
})

/** The level in force, and when that ends and who asked for it; null when the configuration says it. */
export interface LevelAnswer {
  readonly level: (typeof logLevels)[number]
  readonly until: string | null
  readonly by: string | null
}

/** Asked by GET what it is; by POST for another one, or with null for that of the configuration. */
export function levelRoutes(level: TemporaryLevel | undefined): readonly ControlRoute[] {
  const path = '/log-level'
  const answer = (): LevelAnswer => {
    const { now, level: inForce } = levelOf(level)
    return { level: inForce, until: now === null ? null : isoOf(now.untilMs), by: now?.by ?? null }
  }
  return [
    { method: 'GET', path, handler: () => answered(z.undefined(), path, undefined, answer) },
    {
      method: 'POST',
      path,
      handler: ({ body }) =>
        answered(schema, path, body, ({ level: asked, forSeconds, by }) => {
          if (asked === null) levelOf(level).reset(by)
          else levelOf(level).set(asked, forSeconds * 1000, by)
          return answer()
        }),
    },
  ]
}

function levelOf(level: TemporaryLevel | undefined): TemporaryLevel {
  if (level !== undefined) return level
  const message = 'the log of this instance has one level only'
  throw new ProblemsError([{ where: { argument: '/log-level' }, message }])
}
