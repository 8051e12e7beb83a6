/**
 * What is known of an open mail, as an object while rows of it come and as a short text while none do: there may be a
 * hundred thousand of them, and nearly all of them only wait to be quiet.
 */
import { type Stop, shortName } from './route.ts'
import { type Status, usualStatuses } from './status.ts'

/** A text, and the time of the row that says it. */
export interface Said {
  readonly time: string
  readonly text: string
}

/** A recipient, under its address in lower case. */
export interface Recipient {
  readonly key: string
  readonly address: Said
  readonly status: Status
  readonly time: string
}

/** All of a mail but its id. */
export interface MailState {
  first: string
  last: string
  rows: number
  bytes: number
  enters: boolean
  leaves: boolean
  /** In the order of `textNames`. */
  readonly texts: Said[]
  recipients: Recipient[]
  stops: readonly Stop[]
  hops: readonly string[]
  rules: readonly string[]
  malware: readonly string[]
}

/** What the earliest row that says it decides. */
export const textNames = [
  'message-id', 'sender-address', 'return-path', 'original-client-ip', 'message-subject', 'authentication',
] as const // biome-ignore format: a list of words

export type TextName = (typeof textNames)[number]

const unsaid: Said = { time: '', text: '' }
/** One for all that have nothing. */
const none: readonly never[] = []

/** Of no row yet. */
export function newState(): MailState {
  return {
    first: '',
    last: '',
    rows: 0,
    bytes: 0,
    enters: false,
    leaves: false,
    texts: textNames.map(() => unsaid),
    recipients: [],
    stops: none,
    hops: none,
    rules: none,
    malware: none,
  }
}

const kinds: readonly Status['kind'][] = ['open', 'deferred', 'done', 'failed']

/** The first time as it stands in a log; others likewise, or so many milliseconds after it. */
type PackedTimes = readonly [string, ...(string | number)[]]
/** A number stands for an equal text before it. Beside each is the place of its time. */
type PackedTexts = readonly (string | number)[]
/** Address, its time, status, the time of that. A number is one of the usual statuses. */
type PackedRecipients = readonly (string | number)[]

/** All of a mail in few characters. */
type Packed = readonly [
  times: PackedTimes,
  first: number,
  last: number,
  rows: number,
  bytes: number,
  ways: number,
  texts: PackedTexts,
  recipients: PackedRecipients,
  stops: readonly (string | number)[],
  hops: readonly string[],
  rules?: readonly string[],
  malware?: readonly string[],
]

/** The state as a text. */
export function pack(state: MailState): string {
  const { first, last, rows, bytes, enters, leaves, texts, recipients, stops, hops, rules, malware } = state
  const places = new Map([[first, 0]])
  const at = (time: string): number => {
    const place = places.get(time) ?? places.size
    places.set(time, place)
    return place
  }
  const said = texts.map(({ text }) => text)
  const packed = [
    0,
    at(last),
    rows,
    bytes,
    (enters ? 1 : 0) + (leaves ? 2 : 0),
    texts.flatMap(({ time, text }, index) => {
      const before = said.indexOf(text)
      return [before < index ? before : text, at(time)]
    }),
    recipients.flatMap(({ address, status, time }) => [
      address.text,
      at(address.time),
      packedStatus(status),
      at(time),
    ]),
    stops.flatMap(({ name, time }) => [name, at(time)]),
    hops,
    ...(rules.length + malware.length > 0 ? [rules] : []),
    ...(malware.length > 0 ? [malware] : []),
  ]
  return JSON.stringify([packedTimes([...places.keys()]), ...packed])
}

/** The state that was packed so. */
export function unpack(packed: string): MailState {
  const [
    times,
    first,
    last,
    rows,
    bytes,
    ways,
    texts,
    recipients,
    stops,
    hops,
    rules = none,
    malware = none,
  ]: Packed = JSON.parse(packed)
  const at = timesOf(times)
  const said: string[] = []
  for (const [text] of inGroups(texts, 2))
    said.push(typeof text === 'number' ? (said[text] ?? '') : String(text))
  return {
    first: at(first),
    last: at(last),
    rows,
    bytes,
    enters: (ways & 1) !== 0,
    leaves: (ways & 2) !== 0,
    texts: inGroups(texts, 2).map(([, time], index) => ({ text: said[index] ?? '', time: at(time) })),
    recipients: inGroups(recipients, 4).map(([address = '', addressTime, status = 0, time]) => ({
      key: keyOf(String(address)),
      address: { time: at(addressTime), text: String(address) },
      status: statusOf(status),
      time: at(time),
    })),
    stops: inGroups(stops, 2).map(([name = '', time]) => {
      return { key: shortName(String(name)), name: String(name), time: at(time) }
    }),
    hops,
    rules,
    malware,
  }
}

function packedTimes(times: readonly string[]): PackedTimes {
  const [first = '', ...others] = times
  const firstMs = isoMs(first)
  return [
    first,
    ...others.map((time) => {
      const ms = isoMs(time)
      return Number.isNaN(ms - firstMs) ? time : ms - firstMs
    }),
  ]
}

function timesOf([first, ...others]: PackedTimes): (place: string | number | undefined) => string {
  const firstMs = isoMs(first)
  return (place) => {
    if (place === 0) return first
    const time = others[Number(place) - 1] ?? ''
    return typeof time === 'number' ? new Date(firstMs + time).toISOString() : time
  }
}

/** NaN for a time that is not written just so, which has to stay as it is. */
function isoMs(time: string): number {
  const ms = time.length === 24 ? Date.parse(time) : Number.NaN
  return Number.isNaN(ms) || new Date(ms).toISOString() !== time ? Number.NaN : ms
}

function packedStatus(status: Status): number | string {
  const usual = usualStatuses.findIndex(
    ({ finality, kind, text }) =>
      text === status.text && finality === status.finality && kind === status.kind,
  )
  return usual >= 0 ? usual : `${status.finality}${kinds.indexOf(status.kind)}${status.text}`
}

function statusOf(packed: string | number): Status {
  if (typeof packed === 'number') return usualStatuses[packed] as Status
  const finality = Number(packed[0]) as Status['finality']
  return { finality, kind: kinds[Number(packed[1])] ?? 'open', text: packed.slice(2) }
}

function inGroups<T>(all: readonly T[], of: number): readonly (readonly T[])[] {
  return Array.from({ length: all.length / of }, (_, group) => all.slice(group * of, group * of + of))
}

/** How an address is known, however it is written. */
export function keyOf(address: string): string {
  return address.toLowerCase()
}
