/** What the page steers, for who knows the token. */
import * as z from 'zod'
import type { HttpRequest, HttpRoute } from '../http/routes.ts'
import { json, refusal } from '../http/routes.ts'
import { ProblemsError } from '../mistakes/problem.ts'
import type { Pauses } from './pauses.ts'

const schema = z.strictObject({ destination: z.string().min(1).max(200) })

/** `pause` and `resume`; the own log says from which address that came. Each answers a `PauseAnswer`. */
export function steeringRoutes(pauses: Pick<Pauses, 'pause' | 'resume'>): readonly HttpRoute[] {
  const route = (change: 'pause' | 'resume'): HttpRoute => ({
    method: 'POST',
    path: `/${change}`,
    access: 'token',
    handler: ({ body, from }: HttpRequest) => {
      const asked = schema.safeParse(body)
      if (!asked.success) return refusal(400, 'names no destination', 'send {"destination": NAME}')
      try {
        return json(pauses[change](asked.data.destination, `the status page, from ${from}`))
      } catch (error) {
        if (!(error instanceof ProblemsError)) throw error
        const [problem] = error.problems
        return refusal(404, problem?.message ?? 'is not here', problem?.remedy ?? 'ask for the page again')
      }
    },
  })
  return [route('pause'), route('resume')]
}
