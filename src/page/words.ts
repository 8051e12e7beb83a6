/** Quantities, times and states in the words of the page. */
import type { Backlog, DestinationStatus, Finding, InstanceStatus } from '../status/snapshot.ts'
import { duration, size } from '../status/words.ts'

/** How grave something is: it decides colour and sign. */
export type Tone = 'well' | 'doubt' | 'behind' | 'trouble'

/** `0`, `0.4`, `12`, `1,240`. */
export function perSecond(rate: number): string {
  const digits = rate < 10 ? 1 : 0
  return rate.toLocaleString('en', { maximumFractionDigits: digits })
}

/** Bytes a second. */
export function bytesPerSecond(rate: number): string {
  return `${size(Math.round(rate))}/s`
}

export function count(value: number): string {
  return value.toLocaleString('en')
}

/** How long before `now` it was. Both are ISO times of the instance, whose clock may differ from the browser's. */
export function ago(time: string | null, now: string): string {
  if (time === null) return 'never'
  const seconds = (Date.parse(now) - Date.parse(time)) / 1000
  return seconds < 0 ? `in ${duration(-seconds)}` : `${duration(seconds)} ago`
}

/** What of a backlog has waited longest. */
export function lag({
  bytes,
  complete,
  oldestRecordAgeSeconds: ageSeconds,
}: Pick<Backlog, 'bytes' | 'complete' | 'oldestRecordAgeSeconds'>): string {
  if (bytes === 0) return complete ? 'up to date' : 'not known how far behind'
  return ageSeconds === null ? `${size(bytes)} behind` : `${duration(ageSeconds)} behind`
}

/** A time for people, in the zone of their browser; with its date when that is another day than `now`. */
export function clock(time: string, now: string, zone?: string): string {
  const at = new Date(time)
  const day = { day: 'numeric', month: 'short', year: 'numeric', timeZone: zone } as const
  const hour = { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone: zone } as const
  const date = at.toLocaleDateString('en-GB', day)
  const isToday = date === new Date(now).toLocaleDateString('en-GB', day)
  const clockTime = at.toLocaleTimeString('en-GB', hour)
  return isToday ? clockTime : `${date}, ${clockTime}`
}

/** `host of URL` without what everybody knows. */
export function receiver(to: string): string {
  return to.replace(/\/$/, '')
}

const tones: Readonly<Record<Finding['severity'], Tone>> = {
  down: 'trouble',
  trouble: 'trouble',
  behind: 'behind',
  doubt: 'doubt',
}

export function toneOf({ severity }: Finding): Tone {
  return tones[severity]
}

const words: Readonly<Record<Finding['severity'], string>> = {
  down: 'Down',
  trouble: 'Trouble',
  behind: 'Behind',
  doubt: 'Doubtful',
}

/** The verdict in a word. */
export function verdictWord({ findings: [worst] }: Pick<InstanceStatus, 'findings'>): string {
  return worst === undefined ? 'Well' : words[worst.severity]
}

export function severityWord({ severity }: Finding): string {
  return words[severity]
}

/** The gravest of the findings of a part, which come worst first. */
export function toneOfPart(findings: readonly Finding[]): Tone {
  const [worst] = findings
  return worst === undefined ? 'well' : toneOf(worst)
}

/** Findings of a part such as `source EX01`. */
export function findingsOf(findings: readonly Finding[], part: string): readonly Finding[] {
  return findings.filter((finding) => finding.part === part)
}

const states: Readonly<Record<DestinationStatus['state'], string>> = {
  delivering: 'Delivering',
  idle: 'Up to date',
  unavailable: 'Unavailable',
  starting: 'Starting',
  paused: 'Paused',
}

export function stateWord({ state, backlog }: Pick<DestinationStatus, 'state' | 'backlog'>): string {
  // Of what is out of reach nobody knows how much there is.
  return state === 'idle' && !backlog.complete ? 'Up to date as far as known' : states[state]
}

/** How that state is: what else is wrong with a destination it does not tell. */
export function toneOfState(
  { state, name, backlog }: Pick<DestinationStatus, 'state' | 'name' | 'backlog'>,
  findings: readonly Finding[],
): Tone {
  if (state === 'unavailable') return 'trouble'
  if (state === 'paused' || (state === 'idle' && !backlog.complete)) return 'behind'
  const isLate = findingsOf(findings, `destination ${name}`).some(({ kind }) => lateKinds.includes(kind))
  return isLate ? 'behind' : 'well'
}

const lateKinds: readonly Finding['kind'][] = ['behind', 'backlogNearsRetention']

/** Where a part stands on the page; names may hold anything, so its place in the list names it. */
export function anchor(kind: 'source' | 'destination', index: number): string {
  return `${kind}-${index}`
}

/** What is found or to be done, as a sentence; a command and a path stay as they are typed. */
export function sentence(text: string): string {
  const begun = /^(?!msgtrk )[a-z][a-z-]* /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
