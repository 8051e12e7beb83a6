/** What a running instance can be asked over its control socket; parts of the program add their routes here. */
import type { ControlRoute } from '../control/routes.ts'
import type { Observer } from './observer.ts'

/** All that it can be asked. */
export function controlRoutes(observer: Pick<Observer, 'status'>): readonly ControlRoute[] {
  return [{ method: 'GET', path: '/status', handler: async () => ({ value: await observer.status() }) }]
}
