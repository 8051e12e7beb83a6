/** How it fares, in one look: the verdict, why, and what to do. */
import type { Finding, InstanceStatus } from '../status/snapshot.ts'
import { counted, duration } from '../status/words.ts'
import { Sign } from './sign.tsx'
import { anchor, clock, sentence, severityWord, type Tone, toneOf, verdictWord } from './words.ts'

interface Props {
  readonly status: InstanceStatus
}

export function Verdict({ status }: Props) {
  const { findings, at } = status
  const [worst, ...others] = findings
  const tone: Tone = worst === undefined ? 'well' : toneOf(worst)
  return (
    <section class={`verdict ${tone}`} aria-labelledby="verdict">
      <h1 id="verdict">
        <Sign tone={tone} />
        {verdictWord(status)}
        {worst !== undefined && <span class="part">: {worst.part}</span>}
      </h1>
      {worst === undefined ? <p class="why">{wellIn(status)}</p> : <Reason finding={worst} at={at} />}
      {others.length > 0 && (
        <ul class="others" aria-label="What else was found">
          {others.map((finding) => (
            <li key={`${finding.kind} ${finding.part} ${finding.why}`}>
              <Sign tone={toneOf(finding)} />
              <p class="text">
                <a href={`#${anchorOf(status, finding)}`}>
                  {severityWord(finding)}: {finding.part}
                </a>{' '}
                {sentence(finding.why)}
              </p>
            </li>
          ))}
        </ul>
      )}
      {/* Spoken when it changes, which seconds and bytes do all the time. */}
      <p class="spoken" role="status">
        {verdictWord(status)}
        {findings.map(({ part, kind }) => `; ${part}: ${kind}`).join('')}
      </p>
    </section>
  )
}

interface ReasonProps {
  readonly finding: Finding
  readonly at: string
}

/** Why, since when, and the remedy. */
export function Reason({ finding: { why, remedy, since }, at }: ReasonProps) {
  return (
    <>
      <p class="why">
        {sentence(why)}
        {since !== null && (
          <span class="quiet">
            {' '}
            Since{' '}
            <time dateTime={since} title={since}>
              {clock(since, at)}
            </time>
            .
          </span>
        )}
      </p>
      <p class="remedy">
        <span class="label">What to do</span> {sentence(remedy)}
      </p>
    </>
  )
}

/** Where the page tells more of it, with the remedy. */
function anchorOf({ sources, destinations }: InstanceStatus, { part }: Finding): string {
  const source = sources.findIndex(({ name }) => part === `source ${name}`)
  if (source >= 0) return anchor('source', source)
  const destination = destinations.findIndex(({ name }) => part === `destination ${name}`)
  return destination >= 0 ? anchor('destination', destination) : 'verdict'
}

function wellIn({ sources, destinations }: InstanceStatus): string {
  const ages = sources.flatMap(({ newestRecordAgeSeconds: age }) => (age === null ? [] : [age]))
  const newest = ages.length === 0 ? '' : ` The newest record is ${duration(Math.min(...ages))} old.`
  return `${counted(destinations.length, 'destination')} up to date with ${counted(sources.length, 'source')}.${newest}`
}
