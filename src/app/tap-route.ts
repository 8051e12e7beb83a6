/** `tap` over the control socket: lines as they come. */
import * as z from 'zod'
import type { ControlRoute } from '../control/routes.ts'
import { ProblemsError } from '../mistakes/problem.ts'
import { askedBy } from './control-body.ts'
import type { Taps } from './taps.ts'

/** Who stops a pager for so long has forgotten it. */
const patienceMs = 10 * 60_000

const schema = z.strictObject({ by: askedBy, destination: z.string().max(200).optional() })

/** Answers `TapLine`s. */
export function tapRoute(taps: Pick<Taps, 'open'>): ControlRoute {
  return {
    method: 'GET',
    path: '/tap',
    handler({ query, signal }) {
      const request = schema.safeParse(query)
      if (!request.success) {
        const remedy = 'ask with the "msgtrk tap" of the version that runs'
        return { problems: [{ where: { argument: '/tap' }, message: request.error.message, remedy }] }
      }
      try {
        return { lines: taps.open(request.data, signal).lines(signal), patienceMs }
      } catch (error) {
        if (error instanceof ProblemsError) return { problems: error.problems }
        throw error
      }
    },
  }
}
