/** The whole page. */
import { useEffect } from 'preact/hooks'
import { Charts } from './charts.tsx'
import { DeadLetters } from './dead-letters.tsx'
import { Destination } from './destination.tsx'
import { Events } from './events.tsx'
import { Graph } from './graph.tsx'
import type { Instance, View } from './instance.ts'
import { Lock, TokenForm } from './lock.tsx'
import { Sources } from './sources.tsx'
import { Verdict } from './verdict.tsx'
import { anchor, clock, findingsOf, verdictWord } from './words.ts'

interface Props {
  readonly view: View
  readonly instance: Instance
}

export function App({ view, instance }: Props) {
  const title = view.kind === 'known' ? `${verdictWord(view.status)} · ${view.status.program.host}` : ''
  useEffect(() => {
    document.title = title === '' ? 'msgtrk' : `${title} · msgtrk`
  }, [title])
  if (view.kind === 'known') return <Known view={view} instance={instance} />
  return (
    <>
      <header class="top">
        <span class="brand">msgtrk</span>
      </header>
      <main class="alone">
        {view.kind === 'loading' ? (
          <p class="quiet">Asking how it fares …</p>
        ) : (
          <section aria-labelledby="locked">
            <h1 id="locked">This page needs the token</h1>
            <p>
              It is what <code>http.token</code> of the configuration refers to. This tab keeps it until it is
              closed.
            </p>
            <TokenForm instance={instance} isWrong={view.isWrong} />
          </section>
        )}
      </main>
    </>
  )
}

interface KnownProps {
  readonly view: Extract<View, { readonly kind: 'known' }>
  readonly instance: Instance
}

function Known({ view: { status, history, hasToken, silence }, instance }: KnownProps) {
  const { program, configuration, state, at, findings, destinations } = status
  return (
    <>
      <header class="top">
        <span class="brand">msgtrk</span>
        <span class="host">{program.host}</span>
        <span class={silence === null ? 'pulse' : 'pulse cut'}>
          {silence === null ? 'Live' : 'No answer'}
          <span class="quiet"> · {clock(at, at)}</span>
        </span>
        <Lock instance={instance} hasToken={hasToken} />
      </header>
      <main class={silence === null ? '' : 'stale'}>
        {silence !== null && (
          <p class="note trouble" role="alert">
            <strong>No answer from msgtrk:</strong> {silence}. What follows is of {clock(at, at)}.
          </p>
        )}
        <Verdict status={status} />
        <Graph status={status} />
        <Charts history={history} names={destinations.map(({ name }) => name)} />
        <section aria-labelledby="destinations">
          <h2 id="destinations">Destinations</h2>
          <div class="cards">
            {destinations.map((destination, index) => (
              <Destination
                key={destination.name}
                id={anchor('destination', index)}
                destination={destination}
                findings={findingsOf(findings, `destination ${destination.name}`)}
                at={at}
                instance={instance}
                hasToken={hasToken}
              />
            ))}
          </div>
        </section>
        <Sources status={status} />
        {/* Their numbers begin again with the program. */}
        <Events key={program.startedAt} instance={instance} hasToken={hasToken} at={at} />
        <DeadLetters instance={instance} hasToken={hasToken} at={at} count={notDelivered(status)} />
      </main>
      <footer>
        <p>
          msgtrk {program.version}, process {program.pid}, since{' '}
          <time dateTime={program.startedAt} title={program.startedAt}>
            {clock(program.startedAt, at)}
          </time>
          . Times are those of this browser’s zone.
        </p>
        <p>
          <code>{configuration.file ?? 'started by options'}</code> · state <code>{state}</code> · SHA-256{' '}
          <code title={configuration.sha256}>{configuration.sha256.slice(0, 12)}</code>
        </p>
      </footer>
    </>
  )
}

/** Grows with each new dead letter. */
function notDelivered({ destinations }: KnownProps['view']['status']): number {
  return destinations.reduce((sum, { counts }) => sum + counts.malformed + counts.rejected, 0)
}
