/** `pause` and `resume` over the control socket. */
import * as z from 'zod'
import type { ControlRoute } from '../control/routes.ts'
import { answered, askedBy } from './control-body.ts'
import type { Pauses } from './pauses.ts'

const schema = z.strictObject({ by: askedBy, destination: z.string().min(1).max(200) })

/** Each answers a `PauseAnswer`. */
export function pauseRoutes(pauses: Pick<Pauses, 'pause' | 'resume'>): readonly ControlRoute[] {
  const route = (change: 'pause' | 'resume'): ControlRoute => ({
    method: 'POST',
    path: `/${change}`,
    handler: ({ body }) =>
      answered(schema, `/${change}`, body, ({ destination, by }) => pauses[change](destination, by)),
  })
  return [route('pause'), route('resume')]
}
