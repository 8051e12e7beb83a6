/** What a running instance can be asked over HTTP; parts of the program add their routes here. */
import { livez, readyz } from '../http/probes.ts'
import type { HttpRoute } from '../http/routes.ts'
import type { ObservedInstance } from './instance-view.ts'
import { InstanceMetrics, metricsRoute } from './metrics.ts'
import type { Observer } from './observer.ts'
import { pageRoutes } from './page-routes.ts'
import type { StatusHistory } from './status-history.ts'

/** All that it can be asked. */
export function httpRoutes(
  instance: ObservedInstance,
  observer: Pick<Observer, 'status'>,
  history: Pick<StatusHistory, 'data'>,
): readonly HttpRoute[] {
  const metrics = new InstanceMetrics(instance)
  return [
    livez,
    readyz(() => observer.status()),
    metricsRoute(async () => metrics.samples(await observer.status())),
    ...pageRoutes(instance, observer, history),
  ]
}
