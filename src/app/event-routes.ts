/** What the page shows of events, for who knows the token. */
import type { HttpRoute } from '../http/routes.ts'
import { json, refusal, sharedJson } from '../http/routes.ts'
import { ProblemsError } from '../mistakes/problem.ts'
import type { ToldEventIds } from '../status/told-event.ts'
import type { AllEventShares } from './event-shares.ts'
import type { ObservedInstance } from './instance-view.ts'
import { recent } from './recent.ts'
import type { RecentEvents } from './recent-events.ts'

/** Where they come from. */
export interface EventSources {
  readonly shares: Pick<AllEventShares, 'of'>
  readonly recent: Pick<RecentEvents, 'after' | 'close'>
}

/** `event-ids` answers `ToldEventIds`; `events?after=NUMBER` answers `ToldEvents`, where the settings allow it. */
export function eventRoutes(
  instance: Pick<ObservedInstance, 'config'>,
  { shares, recent: events }: EventSources,
): readonly HttpRoute[] {
  const isOn = () => instance.config.http?.recentEvents === true
  const ids = recent(async (): Promise<ToldEventIds> => {
    const names = instance.config.destinations.map(({ name }) => name)
    return { recentEvents: isOn(), destinations: shares.of(names) }
  })
  return [
    {
      method: 'GET',
      path: '/event-ids',
      access: 'token',
      handler: async () => sharedJson(await ids()),
    },
    {
      method: 'GET',
      path: '/events',
      access: 'token',
      handler({ query, from }) {
        if (!isOn()) {
          events.close()
          return refusal(409, 'shows no recent events', 'set http.recentEvents: true in the configuration')
        }
        const after = Number(query.after ?? 0)
        if (!Number.isSafeInteger(after)) return refusal(400, 'takes a number', 'ask for events?after=0')
        try {
          return json(events.after(after, `the status page, from ${from}`))
        } catch (error) {
          if (!(error instanceof ProblemsError)) throw error
          const [problem] = error.problems
          return refusal(409, problem?.message ?? 'can not be had', problem?.remedy ?? 'ask again later')
        }
      },
    },
  ]
}
