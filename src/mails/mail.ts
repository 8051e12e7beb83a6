/**
 * A mail, put together from its rows. What it says does not depend on the order in which they come: of what every row
 * may say (sender, subject, client) the earliest row decides, of recipients the most final one, and everything else is a
 * sum, a largest one or a set.
 */
import { joinList } from '../records/list.ts'
import type { MailColumn } from './layout.ts'
import { routeOf, type Stop, shortName } from './route.ts'
import type { Status } from './status.ts'

/** What one row adds. */
export interface MailRow {
  readonly time: string
  readonly texts: Readonly<Record<Text, string>>
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

/** What the earliest row that says it decides. */
type Text =
  | 'message-id'
  | 'sender-address'
  | 'return-path'
  | 'original-client-ip'
  | 'message-subject'
  | 'authentication'

/** Why a mail is closed: it was quiet, there were too many open ones, or the logs ended. */
export type Closed = 'quiet' | 'full' | 'end'

interface Said {
  readonly time: string
  readonly text: string
}

/** A recipient, under its address in lower case. */
interface Recipient {
  readonly key: string
  readonly address: Said
  readonly status: Status
  readonly time: string
}

const textNames: readonly Text[] = [
  'message-id', 'sender-address', 'return-path', 'original-client-ip', 'message-subject', 'authentication',
] // biome-ignore format: a list of words

/** Bytes of an open mail without its texts, about, as measured. */
const BARE_BYTES = 1000
/** Bytes of one more thing in it beside its text, about. */
const ENTRY_BYTES = 120
/** One for all that have nothing. */
const none: readonly never[] = []
/** More recipients are found by a map. */
const FEW = 16

/** An open mail. What most don't have takes no memory. */
export class Mail {
  /** What it takes of memory, about. */
  size = BARE_BYTES
  readonly #id: string
  #first = ''
  #last = ''
  #rows = 0
  #bytes = 0
  #enters = false
  #leaves = false
  /** In the order of `textNames`, with the times of their rows. */
  readonly #texts: string[] = ['', '', '', '', '', '']
  readonly #times: string[] = ['', '', '', '', '', '']
  #recipients: Recipient[] = []
  #places: Map<string, number> | null = null
  #stops: readonly Stop[] = none
  #hops: readonly string[] = none
  #rules: readonly string[] = none
  #malware: readonly string[] = none

  constructor(id: string) {
    this.#id = id
    this.size += id.length
  }

  /** Time of its last row, as it stands in the log. */
  get last(): string {
    return this.#last
  }

  add(row: MailRow): void {
    this.#rows++
    this.#bytes = Math.max(this.#bytes, row.bytes)
    if (this.#first === '' || row.time < this.#first) this.#first = row.time
    if (row.time > this.#last) this.#last = row.time
    this.#enters ||= row.enters
    this.#leaves ||= row.leaves
    for (const [index, name] of textNames.entries())
      this.#say(index, { time: row.time, text: row.texts[name] })
    for (const [address, status] of row.recipients) this.#reach(address, status, row.time)
    this.#pass(row)
    for (const rule of row.rules) this.#rules = this.#with(this.#rules, rule)
    for (const name of row.malware) this.#malware = this.#with(this.#malware, name)
  }

  /** Its values by column. */
  close(closed: Closed): Readonly<Record<MailColumn, string>> {
    const recipients = this.#recipients.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    const kinds = new Set(recipients.map(({ status }) => status.kind))
    const failed = recipients.find(({ status }) => status.kind === 'failed')
    const text = (name: Text) => this.#texts[textNames.indexOf(name)] ?? ''
    return {
      'date-time': this.#last,
      'first-time': this.#first,
      'event-id': 'MAIL',
      'network-message-id': this.#id,
      'message-id': text('message-id'),
      'sender-address': text('sender-address'),
      'return-path': text('return-path'),
      'original-client-ip': text('original-client-ip'),
      'message-subject': text('message-subject'),
      'total-bytes': this.#bytes === 0 ? '' : String(this.#bytes),
      'recipient-address': joinList(recipients.map(({ address }) => address.text)),
      'recipient-status': joinList(recipients.map(({ status }) => status.text)),
      'recipient-count': String(recipients.length),
      outcome: outcomeOf(kinds),
      reason: failed?.status.text.replace(/^\w+: ?/, '') ?? '',
      direction: this.#direction(),
      route: routeOf(this.#stops, new Set(this.#hops)).join(' > '),
      rows: String(this.#rows),
      milliseconds: String(Date.parse(this.#last) - Date.parse(this.#first)),
      authentication: text('authentication'),
      rules: this.#rules.toSorted().join(', '),
      malware: this.#malware.toSorted().join(', '),
      closed,
    }
  }

  #direction(): string {
    if (this.#enters) return this.#leaves ? 'through' : 'in'
    return this.#leaves ? 'out' : 'inside'
  }

  #say(index: number, said: Said): void {
    const before = { time: this.#times[index] ?? '', text: this.#texts[index] ?? '' }
    if (said.text === '' || (before.text !== '' && !isEarlier(said, before))) return
    this.size += said.text.length - before.text.length
    this.#texts[index] = said.text
    this.#times[index] = said.time
  }

  #reach(written: string, status: Status, time: string): void {
    if (written === '') return
    const lower = written.toLowerCase()
    const key = lower === written ? written : lower
    const place = this.#placeOf(key)
    const before = this.#recipients[place]
    const address = { time, text: written }
    if (before === undefined) {
      this.size += written.length + ENTRY_BYTES
      const one = { key, address, status, time }
      // An array that grows takes room for more.
      if (place === 0) this.#recipients = [one]
      else this.#recipients.push(one)
      this.#places?.set(key, place)
      return
    }
    const isMore = isMoreFinal({ status, time }, before)
    const isFirst = isEarlier(address, before.address)
    if (!isMore && !isFirst) return
    const said = isMore ? { status, time } : before
    this.#recipients[place] = {
      key,
      address: isFirst ? address : before.address,
      status: said.status,
      time: said.time,
    }
  }

  /** Where the recipient stands, or is to be put. */
  #placeOf(key: string): number {
    const count = this.#recipients.length
    if (count > FEW && this.#places === null) {
      this.#places = new Map(this.#recipients.map((one, index) => [one.key, index]))
    }
    if (this.#places !== null) return this.#places.get(key) ?? count
    const found = this.#recipients.findIndex((one) => one.key === key)
    return found < 0 ? count : found
  }

  #pass({ server, from, to, time }: MailRow): void {
    if (server === '') return
    const key = shortName(server)
    const place = this.#stops.findIndex((stop) => stop.key === key)
    const before = this.#stops[place]
    const stop: Stop = { key, name: server, time }
    if (before === undefined) {
      this.size += server.length + ENTRY_BYTES
      this.#stops = [...this.#stops, stop]
    } else if (isEarlier({ time, text: server }, { time: before.time, text: before.name })) {
      this.#stops = this.#stops.with(place, stop)
    }
    if (from !== '') this.#hops = this.#with(this.#hops, `${shortName(from)}>${key}`)
    if (to !== '') this.#hops = this.#with(this.#hops, `${key}>${shortName(to)}`)
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
