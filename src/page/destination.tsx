/** One destination: its state, what it is behind with, and its counts. */
import type { DestinationStatus, Finding } from '../status/snapshot.ts'
import { duration, size } from '../status/words.ts'
import type { Instance } from './instance.ts'
import { Sign } from './sign.tsx'
import { Steering } from './steering.tsx'
import { Reason } from './verdict.tsx'
import {
  ago,
  bytesPerSecond,
  clock,
  count,
  perSecond,
  receiver,
  stateWord,
  type Tone,
  toneOf,
  toneOfState,
} from './words.ts'

interface Props {
  readonly id: string
  readonly destination: DestinationStatus
  readonly findings: readonly Finding[]
  readonly at: string
  readonly instance: Instance
  /** Then it can be paused. */
  readonly hasToken: boolean
}

export function Destination({ id, destination, findings, at, instance, hasToken }: Props) {
  const { name, to, active, since, pausedBy, backlog, rates, lastDeliveryAt } = destination
  const { oneMinute, fifteenMinutes } = rates
  const { oldestRecordAgeSeconds: age, retentionLeftSeconds: left, caughtUpInSeconds: ready } = backlog
  const tone = toneOfState(destination, findings)
  return (
    <article id={id} class="card" aria-labelledby={`${id}-name`}>
      <header>
        <h3 id={`${id}-name`}>{name}</h3>
        <span class={`state ${tone}`}>
          <Sign tone={tone} />
          {stateWord(destination)}
          {since !== null && ` since ${clock(since, at)}`}
          {pausedBy !== null && `, by ${pausedBy}`}
        </span>
        <code class="address">{receiver(to)}</code>
        {hasToken && <Steering instance={instance} name={name} isPaused={destination.state === 'paused'} />}
      </header>
      {active !== to && (
        <p>
          Events go to <code>{receiver(active)}</code>.
        </p>
      )}
      <Findings findings={findings} at={at} />
      <dl class="figures">
        <Figure
          label="Delivered"
          value={`${perSecond(oneMinute.delivered)}/s`}
          more={`${perSecond(fifteenMinutes.delivered)}/s over 15 min · ${bytesPerSecond(oneMinute.sentBytes)}`}
        />
        <Figure
          label="Behind"
          value={
            backlog.bytes === 0
              ? backlog.complete
                ? 'Nothing'
                : 'Not known'
              : `${backlog.complete ? '' : '≥ '}${size(backlog.bytes)}`
          }
          more={
            backlog.bytes === 0
              ? ''
              : ready === null
                ? 'does not get less'
                : `caught up in ${duration(ready)}`
          }
        />
        <Figure
          label="Oldest waiting"
          value={age === null ? '–' : duration(age)}
          more={left === null ? '' : `Exchange deletes it in ~${duration(left)}`}
        />
        <Figure label="Last delivery" value={ago(lastDeliveryAt, at)} more={savedIn(destination, at)} />
      </dl>
      <Counts destination={destination} />
      <Receivers destination={destination} at={at} />
      <Certificates destination={destination} at={at} />
    </article>
  )
}

interface FindingsProps {
  readonly findings: readonly Finding[]
  readonly at: string
}

/** What is wrong with a part, and what to do. */
export function Findings({ findings, at }: FindingsProps) {
  return (
    <>
      {findings.map((finding) => (
        <div key={`${finding.kind} ${finding.why}`} class="finding">
          <Sign tone={toneOf(finding)} />
          <div>
            <Reason finding={finding} at={at} />
          </div>
        </div>
      ))}
    </>
  )
}

interface FigureProps {
  readonly label: string
  readonly value: string
  readonly more: string
}

function Figure({ label, value, more }: FigureProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <span class="value">{value}</span>
        {more !== '' && <span class="more">{more}</span>}
      </dd>
    </div>
  )
}

function savedIn({ positions }: DestinationStatus, at: string): string {
  return positions.reason === null ? `position saved ${ago(positions.savedAt, at)}` : 'position not saved'
}

interface PartProps {
  readonly destination: DestinationStatus
}

/** Records since it began: what was read is the sum of the others. */
function Counts({ destination: { counts, filteredBy, mails } }: PartProps) {
  const grave = (value: number, tone: Tone): string => (value > 0 ? tone : '')
  const all = [
    ['Read', counts.read, ''],
    ['Delivered', counts.delivered, ''],
    ['Filtered', counts.filtered, ''],
    ...(mails === null ? [] : ([['Held', counts.held, '']] as const)),
    ['In flight', counts.inFlight, ''],
    ['Malformed', counts.malformed, grave(counts.malformed, 'behind')],
    ['Rejected', counts.rejected, grave(counts.rejected, 'behind')],
    ['Lost', counts.lost, grave(counts.lost, 'trouble')],
    ['Repeated', counts.repeated, ''],
    ['Rewinds', counts.rewinds, ''],
    ['Failovers', counts.failovers, ''],
    ...(mails === null ? [] : ([['Open mails', mails.open, '']] as const)),
  ] as const
  return (
    <>
      <dl class="counts">
        {all.map(([label, value, tone]) => (
          <div key={label} class={tone}>
            <dt>{label}</dt>
            <dd>{count(value)}</dd>
          </div>
        ))}
      </dl>
      {filteredBy.length > 0 && (
        <dl class="rules" aria-label="Filtered, by reason">
          {filteredBy.map(({ rule, records }) => (
            <div key={rule}>
              <dt>{rule}</dt>
              <dd>{count(records)}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}

interface TimedProps extends PartProps {
  readonly at: string
}

function Receivers({ destination: { receivers, active }, at }: TimedProps) {
  if (receivers.length < 2) return null
  return (
    <>
      <h4>Receivers</h4>
      <ul class="rows">
        {receivers.map(({ to, state, reason, since }) => (
          <li key={to}>
            <code>{receiver(to)}</code>
            <span>
              {state === 'ready'
                ? 'ready'
                : state === 'unknown'
                  ? 'not tried yet'
                  : `unavailable: ${reason ?? ''}`}
              {since !== null && `, since ${clock(since, at)}`}
              {to === active && ', in use'}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

const whose = { receiver: 'Receiver', authority: 'Authority', client: 'Our own' } as const

function Certificates({ destination: { certificates }, at }: TimedProps) {
  if (certificates.length === 0) return null
  return (
    <>
      <h4>Certificates</h4>
      <ul class="rows">
        {certificates.map(({ of, subject, expiresAt }) => (
          <li key={`${of} ${subject}`}>
            <span>
              {whose[of]}: {subject}
            </span>
            <span class="quiet">
              {Date.parse(expiresAt) < Date.parse(at) ? 'expired ' : 'expires '}
              <time dateTime={expiresAt} title={expiresAt}>
                {ago(expiresAt, at)}
              </time>
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
