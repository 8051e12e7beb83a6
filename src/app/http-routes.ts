/** What a running instance can be asked over HTTP; parts of the program add their routes here. */
import { livez, readyz } from '../http/probes.ts'
import type { HttpRoute } from '../http/routes.ts'
import { AllEventShares } from './event-shares.ts'
import type { ObservedInstance } from './instance-view.ts'
import { InstanceMetrics, metricsRoute } from './metrics.ts'
import type { Observer } from './observer.ts'
import { pageRoutes } from './page-routes.ts'
import { RecentEvents } from './recent-events.ts'
import type { StatusHistory } from './status-history.ts'

/** All that it can be asked. */
export function httpRoutes(
  instance: ObservedInstance,
  observer: Pick<Observer, 'status'>,
  history: Pick<StatusHistory, 'data'>,
): readonly HttpRoute[] {
  // Nobody may see them without a token.
  const shares = new AllEventShares(() => instance.config.http?.token !== undefined)
  instance.listen(shares)
  const events = { shares, recent: new RecentEvents(instance.taps) }
  const metrics = new InstanceMetrics(instance)
  return [
    livez,
    readyz(() => observer.status()),
    metricsRoute(async () => metrics.samples(await observer.status())),
    ...pageRoutes(instance, observer, history, events),
  ]
}
