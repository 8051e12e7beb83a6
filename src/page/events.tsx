/** What stands in events, for who knows the token: shares of event ids, and, where that is allowed, events as they go out. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ToldEvent, ToldEventIds, ToldEvents } from '../status/told-event.ts'
import { EventIds } from './event-ids.tsx'
import type { Instance } from './instance.ts'
import { clock, count } from './words.ts'

interface Props {
  readonly instance: Instance
  readonly hasToken: boolean
  /** Asked for again when it changes. */
  readonly at: string
}

const everyMs = 10_000

export function Events({ instance, hasToken, at }: Props) {
  const [ids, setIds] = useState<ToldEventIds | null>(null)
  useEffect(() => {
    if (!hasToken) setIds(null)
    // The status tells of an instance that does not answer.
    else instance.ask<ToldEventIds>('event-ids').then(setIds, () => {})
  }, [hasToken, Math.floor(Date.parse(at) / everyMs)])
  if (ids === null) return null
  return (
    <>
      <EventIds shares={ids.destinations} />
      <RecentEvents instance={instance} at={at} isAllowed={ids.recentEvents} />
    </>
  )
}

interface RecentProps {
  readonly instance: Instance
  readonly at: string
  readonly isAllowed: boolean
}

const mostShown = 50

/** Nothing is copied until somebody asks; while one of them is read, no other pushes it away. */
function RecentEvents({ instance, at, isAllowed }: RecentProps) {
  const [isShown, setShown] = useState(false)
  const [events, setEvents] = useState<readonly ToldEvent[]>([])
  const [leftOut, setLeftOut] = useState(0)
  const [failure, setFailure] = useState<string | null>(null)
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set())
  const isAsking = useRef(false)
  const newest = events[0]?.number ?? 0
  const isHeld = opened.size > 0
  useEffect(() => {
    if (!isShown || isHeld || isAsking.current) return
    isAsking.current = true
    instance
      .ask<ToldEvents>(`events?after=${newest}`)
      .then(
        (told) => {
          setFailure(null)
          setLeftOut(told.leftOut)
          setEvents((before) => {
            const known = before[0]?.number ?? 0
            const fresh = told.events.filter(({ number }) => number > known).reverse()
            return fresh.length === 0 ? before : [...fresh, ...before].slice(0, mostShown)
          })
        },
        (error: Error) => setFailure(error.message),
      )
      .finally(() => {
        isAsking.current = false
      })
  }, [isShown, isHeld, at])
  const press = (): void => {
    setShown(!isShown)
    setEvents([])
    setOpened(new Set())
    setFailure(null)
  }
  return (
    <section aria-labelledby="events">
      <h2 id="events">Recent events</h2>
      {!isAllowed ? (
        <p class="quiet">They are not shown: http.recentEvents is not set in the configuration.</p>
      ) : (
        <p class="steering">
          <button type="button" class="plain" aria-expanded={isShown} onClick={press}>
            {isShown ? 'Hide events' : 'Show events'}
          </button>
          {isShown && (
            <span class="quiet">
              {isHeld
                ? 'Held while one is open.'
                : 'As they are handed to their destination, which is no proof that they arrived.'}
              {leftOut > 0 && ` ${count(leftOut)} more were left out.`}
            </span>
          )}
        </p>
      )}
      {failure !== null && <p class="note trouble">{failure}</p>}
      {isShown && events.length === 0 && failure === null && <p class="quiet">None yet.</p>}
      {isShown && events.length > 0 && (
        <ul class="letters events">
          {events.map((event) => (
            <li key={event.number}>
              <details
                onToggle={({ currentTarget: { open } }) =>
                  setOpened((before) => {
                    const after = new Set(before)
                    if (open) after.add(event.number)
                    else after.delete(event.number)
                    return after
                  })
                }
              >
                <Summary event={event} at={at} />
                {opened.has(event.number) && <Explained event={event} />}
              </details>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

interface EventProps {
  readonly event: ToldEvent
}

function Summary({ event, at }: EventProps & { readonly at: string }) {
  const value = (key: string) => event.values.find((each) => each.key === key)?.value
  const who = [value('suser'), value('duser')].filter((one) => one !== undefined).join(' → ')
  return (
    <summary>
      <time dateTime={event.at} title={event.at}>
        {clock(event.at, at)}
      </time>
      <strong>{event.eventClassId || 'No correct CEF'}</strong>
      <span class="text">{who || event.name}</span>
      <span class="quiet">to {event.destination}</span>
    </summary>
  )
}

/** What each value is called, and the event as it was sent. */
function Explained({ event: { name, severity, values, mistake, sent } }: EventProps) {
  return (
    <>
      {mistake === null ? (
        <p>
          {name}, severity {severity}
        </p>
      ) : (
        <p class="wrong">{mistake}</p>
      )}
      <dl class="values">
        {values.map(({ key, name, value }) => (
          <div key={key}>
            <dt>
              {name} {name !== key && <code>{key}</code>}
            </dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long one scrolls, also by keys */}
      <pre tabIndex={0}>{sent}</pre>
    </>
  )
}
