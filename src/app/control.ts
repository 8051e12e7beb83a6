/** What a running instance can be asked over its control socket; parts of the program add their routes here. */
import * as z from 'zod'
import type { ControlAnswer, ControlRoute } from '../control/routes.ts'
import { ProblemsError } from '../mistakes/problem.ts'
import type { InstanceView } from './instance-view.ts'
import type { Observer } from './observer.ts'
import type { Reloaded } from './reload-plan.ts'

/** All that it can be asked. */
export function controlRoutes(
  instance: Pick<InstanceView, 'config' | 'reload'>,
  observer: Pick<Observer, 'status'>,
): readonly ControlRoute[] {
  return [
    { method: 'GET', path: '/status', handler: async () => ({ value: await observer.status() }) },
    { method: 'POST', path: '/reload', handler: ({ body }) => reload(instance, body) },
  ]
}

/** What a reload did, as it is answered. */
export interface ReloadAnswer extends Omit<Reloaded, 'changesHttp'> {
  /** The configuration that is in force; null for a command line. */
  readonly file: string | null
}

const reloadSchema = z.strictObject({ by: z.string().min(1).max(200), deliverAgain: z.boolean() })

async function reload(
  instance: Pick<InstanceView, 'config' | 'reload'>,
  body: unknown,
): Promise<ControlAnswer> {
  const request = reloadSchema.safeParse(body)
  if (!request.success) {
    const remedy = 'ask with the "msgtrk reload" of the version that runs'
    return { problems: [{ where: { argument: '/reload' }, message: request.error.message, remedy }] }
  }
  try {
    const { changesHttp: _, ...done } = await instance.reload(request.data)
    return { value: { file: instance.config.file ?? null, ...done } satisfies ReloadAnswer }
  } catch (error) {
    if (error instanceof ProblemsError) return { problems: error.problems }
    throw error
  }
}
