/**
 * A mail, put together from its rows. What it says does not depend on the order in which they come: of what every row
 * may say (sender, subject, client) the earliest row decides, of recipients the most final one, and everything else is a
 * sum, a largest one or a set.
 */
import { domainOf } from '../records/domains.ts'
import { joinList } from '../records/list.ts'
import type { MailColumn } from './layout.ts'
import {
  keyOf,
  type MailState,
  newState,
  pack,
  type Recipient,
  type Said,
  type TextName,
  textNames,
  unpack,
} from './mail-state.ts'
import { routeOf, type Stop, shortName } from './route.ts'
import type { Status } from './status.ts'

/** What one row adds. */
export interface MailRow {
  readonly time: string
  readonly texts: Readonly<Record<TextName, string>>
  readonly bytes: number
  readonly recipients: readonly (readonly [address: string, status: Status])[]
  /** The server that wrote it, if it is one of the way. */
  readonly server: string
  /** The server before or behind it on the way, empty without one. */
  readonly from: string
  readonly to: string
  readonly enters: boolean
  readonly leaves: boolean
  readonly rules: readonly string[]
  readonly malware: readonly string[]
}

/**
 * Why a mail is closed: it was quiet; it was open for long; there were too many open ones, or it became too large; or
 * the logs ended.
 */
export type Closed = 'quiet' | 'long' | 'full' | 'end'

/** Values by column. */
export type MailValues = Readonly<Record<MailColumn, string>>

/** What is said of a mail beside its rows. */
export interface Closing {
  readonly id: string
  readonly closed: Closed
  /** There was a record of it before. */
  readonly continues: boolean
  /** Whether a domain is one of the organisation; null where its domains are not known. */
  readonly isOwn: ((domain: string) => boolean) | null
}

/** Bytes of a mail without its texts, and of one more thing in it beside its text, about, as measured. */
const BARE_BYTES = 1000
const ENTRY_BYTES = 120
/** More recipients are found by a map. */
const FEW = 16

/** An open mail to which rows are added. */
export class Mail {
  /** What it takes of memory, about. */
  size = BARE_BYTES
  readonly #state: MailState
  #places: Map<string, number> | null = null

  /** `packed`: what is known of it. */
  constructor(packed?: string) {
    this.#state = packed === undefined ? newState() : unpack(packed)
    this.size += packed?.length ?? 0
  }

  /** All that is known of it. */
  packed(): string {
    return pack(this.#state)
  }

  add(row: MailRow): void {
    const state = this.#state
    state.rows++
    state.bytes = Math.max(state.bytes, row.bytes)
    if (state.first === '' || row.time < state.first) state.first = row.time
    if (row.time > state.last) state.last = row.time
    state.enters ||= row.enters
    state.leaves ||= row.leaves
    for (const [index, name] of textNames.entries())
      this.#say(index, { time: row.time, text: row.texts[name] })
    for (const [address, status] of row.recipients) this.#reach(address, status, row.time)
    this.#pass(row)
    for (const rule of row.rules) state.rules = this.#with(state.rules, rule)
    for (const name of row.malware) state.malware = this.#with(state.malware, name)
  }

  /** How many rows it has. */
  get rows(): number {
    return this.#state.rows
  }

  /** Its values by column. */
  close({ id, closed, continues, isOwn }: Closing): MailValues {
    const { first, last, rows, bytes, texts, stops, hops, rules, malware, ...state } = this.#state
    const recipients = state.recipients.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    const kinds = new Set(recipients.map(({ status }) => status.kind))
    const failed = recipients.find(({ status }) => status.kind === 'failed')
    const text = (name: TextName) => texts[textNames.indexOf(name)]?.text ?? ''
    return {
      'date-time': last,
      'first-time': first,
      'event-id': 'MAIL',
      'network-message-id': id,
      'message-id': text('message-id'),
      'sender-address': text('sender-address'),
      'return-path': text('return-path'),
      'original-client-ip': text('original-client-ip'),
      'message-subject': text('message-subject'),
      'total-bytes': bytes === 0 ? '' : String(bytes),
      'recipient-address': joinList(recipients.map(({ address }) => address.text)),
      'recipient-status': joinList(recipients.map(({ status }) => status.text)),
      'recipient-count': String(recipients.length),
      'outside-count': isOwn === null ? '' : outsideCount(recipients, isOwn),
      outcome: outcomeOf(kinds),
      reason: failed?.status.text.replace(/^\w+: ?/, '') ?? '',
      direction: this.#direction(),
      route: routeOf(stops, new Set(hops)).join(' > '),
      rows: String(rows),
      milliseconds: String(Date.parse(last) - Date.parse(first)),
      authentication: text('authentication'),
      rules: rules.toSorted().join(', '),
      malware: malware.toSorted().join(', '),
      closed,
      continues: continues ? 'true' : '',
    }
  }

  #direction(): string {
    const { enters, leaves } = this.#state
    if (enters) return leaves ? 'through' : 'in'
    return leaves ? 'out' : 'inside'
  }

  #say(index: number, said: Said): void {
    const { texts } = this.#state
    const before = texts[index]
    if (said.text === '' || (before !== undefined && before.text !== '' && !isEarlier(said, before))) return
    this.size += said.text.length - (before?.text.length ?? 0)
    texts[index] = said
  }

  #reach(written: string, status: Status, time: string): void {
    if (written === '') return
    const key = keyOf(written)
    const { recipients } = this.#state
    const place = this.#placeOf(key)
    const before = recipients[place]
    const address = { time, text: written }
    if (before === undefined) {
      this.size += written.length + ENTRY_BYTES
      recipients.push({ key, address, status, time })
      this.#places?.set(key, place)
      return
    }
    const isMore = isMoreFinal({ status, time }, before)
    const isFirst = isEarlier(address, before.address)
    if (!isMore && !isFirst) return
    const said = isMore ? { status, time } : before
    recipients[place] = {
      key,
      address: isFirst ? address : before.address,
      status: said.status,
      time: said.time,
    }
  }

  /** Where the recipient stands, or is to be put. */
  #placeOf(key: string): number {
    const { recipients } = this.#state
    const count = recipients.length
    if (count > FEW && this.#places === null) {
      this.#places = new Map(recipients.map((one, index) => [one.key, index]))
    }
    if (this.#places !== null) return this.#places.get(key) ?? count
    const found = recipients.findIndex((one) => one.key === key)
    return found < 0 ? count : found
  }

  #pass({ server, from, to, time }: MailRow): void {
    if (server === '') return
    const state = this.#state
    const key = shortName(server)
    const place = state.stops.findIndex((stop) => stop.key === key)
    const before = state.stops[place]
    const stop: Stop = { key, name: server, time }
    if (before === undefined) {
      this.size += server.length + ENTRY_BYTES
      state.stops = [...state.stops, stop]
    } else if (isEarlier({ time, text: server }, { time: before.time, text: before.name })) {
      state.stops = state.stops.with(place, stop)
    }
    if (from !== '') state.hops = this.#with(state.hops, `${shortName(from)}>${key}`)
    if (to !== '') state.hops = this.#with(state.hops, `${key}>${shortName(to)}`)
  }

  #with(texts: readonly string[], text: string): readonly string[] {
    if (texts.includes(text)) return texts
    this.size += text.length + ENTRY_BYTES
    return [...texts, text]
  }
}

function isEarlier(one: Said, other: Said): boolean {
  return one.time < other.time || (one.time === other.time && one.text < other.text)
}

type Reached = Pick<Recipient, 'status' | 'time'>

function isMoreFinal(one: Reached, other: Reached): boolean {
  const [a, b] = [one.status.finality, other.status.finality]
  if (a !== b) return a > b
  return one.time > other.time || (one.time === other.time && one.status.text > other.status.text)
}

function outcomeOf(kinds: ReadonlySet<Status['kind']>): string {
  if (kinds.has('failed')) return kinds.has('done') ? 'partial' : 'failure'
  if (kinds.has('deferred')) return 'deferred'
  return kinds.has('done') ? 'success' : ''
}

/** Addresses without a domain are of the directory, or were taken away; with no other nothing is known. */
function outsideCount(recipients: readonly Recipient[], isOwn: (domain: string) => boolean): string {
  const domains = recipients.flatMap(({ address }) => domainOf(address.text) ?? [])
  return domains.length === 0 ? '' : String(domains.filter((domain) => !isOwn(domain)).length)
}
