/** Which event ids go out, and how many of each, for who knows the token. */
import type { ToldShares } from '../status/told-event.ts'
import { count } from './words.ts'

interface Props {
  readonly shares: readonly ToldShares[]
}

export function EventIds({ shares }: Props) {
  const shown = shares.filter(({ ids }) => ids.length > 0)
  return (
    <section aria-labelledby="event-ids">
      <h2 id="event-ids">Event ids of the last hour</h2>
      {shown.length === 0 && <p class="quiet">Nothing went out.</p>}
      <div class="shares">
        {shown.map(({ destination, ids }) => {
          const sum = ids.reduce((all, { events }) => all + events, 0)
          return (
            <section key={destination} class="chart" aria-label={`Event ids to ${destination}`}>
              <h3 class="text">{destination}</h3>
              <dl>
                {ids.map(({ id, events }) => (
                  <div key={`${id}`}>
                    <dt>{id ?? <em>others</em>}</dt>
                    <dd>
                      <span class="bar" aria-hidden="true">
                        <span style={{ width: `${(events / sum) * 100}%` }} />
                      </span>
                      <span title={`about ${count(events)} events`}>{percent(events / sum)}</span>
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          )
        })}
      </div>
    </section>
  )
}

function percent(share: number): string {
  const digits = share < 0.1 ? 1 : 0
  return share < 0.001
    ? '< 0.1 %'
    : `${(share * 100).toLocaleString('en', { maximumFractionDigits: digits })} %`
}
