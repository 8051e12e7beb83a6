/** What a running instance can be asked over its control socket; parts of the program add their routes here. */
import * as z from 'zod'
import type { ControlAnswer, ControlRoute } from '../control/routes.ts'
import type { TemporaryLevel } from '../observe/temporary-level.ts'
import { answered, askedBy } from './control-body.ts'
import type { InstanceView, ObservedInstance } from './instance-view.ts'
import { levelRoutes } from './level-routes.ts'
import type { Observer } from './observer.ts'
import { pauseRoutes } from './pause-routes.ts'
import type { Reloaded } from './reload-plan.ts'
import { tapRoute } from './tap-route.ts'

/** All that it can be asked. */
export function controlRoutes(
  instance: Pick<ObservedInstance, 'config' | 'reload' | 'pauses' | 'taps'>,
  observer: Pick<Observer, 'status'>,
  level?: TemporaryLevel,
): readonly ControlRoute[] {
  return [
    { method: 'GET', path: '/status', handler: async () => ({ value: await observer.status() }) },
    { method: 'POST', path: '/reload', handler: ({ body }) => reload(instance, body) },
    ...pauseRoutes(instance.pauses),
    ...levelRoutes(level),
    tapRoute(instance.taps),
  ]
}

/** What a reload did, as it is answered. */
export interface ReloadAnswer extends Omit<Reloaded, 'changesHttp'> {
  /** The configuration that is in force; null for a command line. */
  readonly file: string | null
}

const reloadSchema = z.strictObject({ by: askedBy, deliverAgain: z.boolean() })

async function reload(
  instance: Pick<InstanceView, 'config' | 'reload'>,
  body: unknown,
): Promise<ControlAnswer> {
  return answered(reloadSchema, '/reload', body, async (request) => {
    const { changesHttp: _, ...done } = await instance.reload(request)
    return { file: instance.config.file ?? null, ...done } satisfies ReloadAnswer
  })
}
