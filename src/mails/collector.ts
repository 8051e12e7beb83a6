/**
 * Rows → mails. A mail is open from its first row on, and closed when nothing came of it for a quiet time, when it was
 * open for long, when the open ones take too much memory (then those of which nothing came for longest), or at the end. A
 * row that comes after that begins a further record of its mail, which says that it continues one: every row is in exactly
 * one.
 */
import { ownDomains } from '../records/domains.ts'
import { mailColumns } from './layout.ts'
import { type Closed, Mail, type MailRow, type MailValues } from './mail.ts'
import { mailKey, RecentKeys } from './mail-key.ts'
import type { Organisation } from './read-row.ts'

export interface CollectorOptions {
  /** Without a row for so long a mail is quiet, by the times of logs. */
  readonly quietMs: number
  /** So long a mail is open at most, by these times; unbounded by default. */
  readonly longestMs?: number
  /** Most bytes of open mails, about. */
  readonly mostBytes: number
  readonly organisation?: Organisation | undefined
}

/** A row of a mail where it stands. */
export interface PlacedRow {
  /** Of its mail. */
  readonly id: string
  readonly row: MailRow
  /** When it was written, in milliseconds since 1970, as far as that can be believed; NaN where it is not known. */
  readonly atMs: number
  /** A number for its file, and its offset there. */
  readonly file: number
  readonly offset: number
  /** There was a record of the mail before; where not, that may be known here. */
  readonly continues?: boolean
}

/** What is known of a mail beside its rows. */
export interface MailFacts {
  readonly key: number
  readonly continues: boolean
  /** Where its first row in each file stands: file, offset, file, offset … */
  readonly places: readonly number[]
}

/** A mail that is closed. */
export interface ClosedMail extends MailFacts {
  readonly values: MailValues
  readonly closed: Closed
  readonly rows: number
}

interface Open {
  /** There was a record before; else that may be learnt until it is closed. */
  readonly continues: boolean
  places: readonly number[]
  /** As a text while no rows come. */
  mail: Mail | string
  size: number
  /** By the times of logs, in whole seconds: numbers that take no memory of their own. */
  since: number
  last: number
}

/** So many mails are not packed: those to which rows came last. */
const MOST_LOOSE = 512
/** What an open mail takes beside its text, as measured. */
const ENTRY_BYTES = 300
/** A mail to more recipients than anybody writes is no longer added to. */
const MOST_MAIL_BYTES = 4 * 1024 * 1024

/** Mails while rows of them come. */
export class MailCollector {
  readonly #options: CollectorOptions
  readonly #isOwn: ((domain: string) => boolean) | null
  readonly #longest: number
  /** In the order of their last row, as they were taken. */
  readonly #open = new Map<string, Open>()
  /** Those that are not packed, likewise. */
  readonly #loose = new Set<Open>()
  readonly #recent: RecentKeys
  #bytes = 0
  #nowMs = Number.NEGATIVE_INFINITY

  constructor(options: CollectorOptions) {
    const { organisation: { domains = [] } = {}, longestMs = Number.POSITIVE_INFINITY } = options
    this.#options = options
    this.#isOwn = domains.length === 0 ? null : ownDomains(domains)
    this.#longest = longestMs / 1000
    this.#recent = new RecentKeys(longestMs)
  }

  /** How many are open, and what they take of memory, about. */
  get count(): number {
    return this.#open.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Of all open mails. */
  *facts(): Generator<MailFacts> {
    for (const [id, open] of this.#open) yield this.#factsOf(id, open)
  }

  /** There was a record of this mail, lately. */
  remember(key: number): void {
    this.#recent.add(key, this.#nowMs)
  }

  /** Takes a row, and closes mails for which there is no room then. */
  add({ id, row, atMs, file, offset, continues = false }: PlacedRow): readonly ClosedMail[] {
    const at = Math.ceil(Math.max(this.#nowMs, Number.isNaN(atMs) ? this.#nowMs : atMs) / 1000)
    const known = this.#open.get(id)
    const open = known ?? opened(at, continues)
    // Those of which nothing came for longest stand first.
    if (known !== undefined) this.#open.delete(id)
    this.#open.set(id, open)
    open.last = Math.max(open.last, at)
    open.places = withPlace(open.places, file, offset)
    const mail = typeof open.mail === 'string' ? new Mail(open.mail) : open.mail
    open.mail = mail
    mail.add(row)
    this.#resize(open, mail.size)
    this.#loose.delete(open)
    this.#loose.add(open)
    if (this.#loose.size > MOST_LOOSE) this.#packOldest()
    if (open.size > MOST_MAIL_BYTES) return [this.#close(id, open, 'full')]
    if (this.#bytes <= this.#options.mostBytes) return []
    const closed: ClosedMail[] = []
    for (const [oldest, open] of this.#open) {
      if (this.#bytes <= this.#options.mostBytes) break
      closed.push(this.#close(oldest, open, 'full'))
    }
    return closed
  }

  /** The time of the logs was wrong, and is this one, if that is earlier: nothing has come after it. */
  setBack(nowMs: number): void {
    if (!(nowMs < this.#nowMs)) return
    this.#nowMs = nowMs
    const now = nowMs / 1000
    for (const open of this.#open.values()) {
      open.since = Math.min(open.since, now)
      open.last = Math.min(open.last, now)
    }
  }

  /** Logs are read up to this time: closes what is quiet, and what is open for long. */
  close(nowMs: number): readonly ClosedMail[] {
    if (!(nowMs > this.#nowMs)) return []
    this.#nowMs = nowMs
    const now = nowMs / 1000
    const quiet = this.#options.quietMs / 1000
    const closed: ClosedMail[] = []
    for (const [id, open] of this.#open) {
      if (now - open.last > quiet) closed.push(this.#close(id, open, 'quiet'))
      else if (now - open.since > this.#longest) closed.push(this.#close(id, open, 'long'))
    }
    return closed
  }

  /** Closes all, or at most so many. */
  end(most = Number.POSITIVE_INFINITY): readonly ClosedMail[] {
    const closed: ClosedMail[] = []
    for (const [id, open] of this.#open) {
      if (closed.length >= most) break
      closed.push(this.#close(id, open, 'end'))
    }
    return closed
  }

  #factsOf(id: string, { continues, places }: Open): MailFacts {
    const key = mailKey(id)
    return { key, continues: continues || this.#recent.has(key), places }
  }

  #packOldest(): void {
    const [oldest] = this.#loose
    if (oldest === undefined) return
    this.#loose.delete(oldest)
    if (typeof oldest.mail === 'string') return
    const packed = oldest.mail.packed()
    oldest.mail = packed
    this.#resize(oldest, ENTRY_BYTES + bytesOf(packed))
  }

  #resize(open: Open, size: number): void {
    this.#bytes += size - open.size
    open.size = size
  }

  #close(id: string, open: Open, closed: Closed): ClosedMail {
    const facts = this.#factsOf(id, open)
    this.#open.delete(id)
    this.#loose.delete(open)
    this.#bytes -= open.size
    this.remember(facts.key)
    const mail = typeof open.mail === 'string' ? new Mail(open.mail) : open.mail
    const values = mail.close({ id, closed, continues: facts.continues, isOwn: this.#isOwn })
    return { ...facts, values, closed, rows: mail.rows }
  }
}

function opened(at: number, continues: boolean): Open {
  return { continues, places: [], mail: new Mail(), size: 0, since: at, last: at }
}

/** A mail as a row of `mailLayout`, in the form of a log: a line. */
export function mailLine({ values }: Pick<ClosedMail, 'values'>): string {
  return `${mailColumns.map((name) => quoted(values[name])).join(',')}\r\n`
}

function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Rows of a file come in its order, but that it may be read again from its start. */
function withPlace(places: readonly number[], file: number, offset: number): readonly number[] {
  let at = 0
  while (at < places.length && places[at] !== file) at += 2
  // An array that grows by itself takes room for sixteen more.
  if (places.length === 0) return [file, offset]
  if (at === places.length) return places.concat(file, offset)
  return offset < (places[at + 1] as number) ? places.with(at + 1, offset) : places
}

/** What a text takes of memory. */
function bytesOf(text: string): number {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0xff) return 2 * text.length
  return text.length
}
