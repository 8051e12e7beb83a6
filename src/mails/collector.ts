/**
 * Rows → mails. A mail is open from its first row on, and closed when nothing came of it for a quiet time, when the open
 * ones take too much memory (then those of which nothing came for longest), or at the end. A row that comes after that
 * begins a further record of its mail: every row is in exactly one.
 */
import type { Layout } from '../flow/chunk.ts'
import type { Filter } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import { type MailColumn, mailColumns } from './layout.ts'
import { type Closed, Mail } from './mail.ts'
import { mailReader } from './read-row.ts'

export interface CollectorOptions {
  /** A mail is quiet when a log begins so long after its last row. */
  readonly quietMs: number
  /** Most bytes of open mails, about. */
  readonly mostBytes: number
}

/** A mail that is closed, by column. */
export type ClosedMail = Readonly<Record<MailColumn, string>>

export class MailCollector {
  readonly #options: CollectorOptions
  /** In the order of their last change. */
  readonly #open = new Map<string, Mail>()
  readonly #readers = new Map<Layout, ReturnType<typeof mailReader>>()
  #bytes = 0

  constructor(options: CollectorOptions) {
    this.#options = options
  }

  /** Closes what is quiet when a log begins at this time, as it stands there. */
  begin(time: string): ClosedMail[] {
    const since = new Date(Date.parse(time) - this.#options.quietMs)
    if (Number.isNaN(since.getTime())) return []
    const quiet = [...this.#open].filter(([, { last }]) => last < since.toISOString())
    return quiet.map(([id]) => this.#close(id, 'quiet'))
  }

  /** Takes the rows that the filter lets pass, and closes mails for which there is no room. */
  take(records: Records, filter: Filter | null): ClosedMail[] {
    const read = this.#readerOf(records.layout)
    const closed: ClosedMail[] = []
    for (let row = 0; row < records.count; row++) {
      if (filter !== null && !filter(records, row)) continue
      const found = read(records, row)
      if (found === null) continue
      const [id, added] = found
      const mail = this.#open.get(id) ?? new Mail(id)
      const before = this.#open.delete(id) ? mail.size : 0
      mail.add(added)
      this.#open.set(id, mail)
      this.#bytes += mail.size - before
      for (const [oldest] of this.#open) {
        if (this.#bytes <= this.#options.mostBytes) break
        closed.push(this.#close(oldest, 'full'))
      }
    }
    return closed
  }

  /** Closes all. */
  end(): ClosedMail[] {
    return [...this.#open.keys()].map((id) => this.#close(id, 'end'))
  }

  #close(id: string, closed: Closed): ClosedMail {
    const mail = this.#open.get(id) as Mail
    this.#open.delete(id)
    this.#bytes -= mail.size
    return mail.close(closed)
  }

  #readerOf(layout: Layout): ReturnType<typeof mailReader> {
    const known = this.#readers.get(layout)
    if (known !== undefined) return known
    const reader = mailReader(layout)
    // Each chunk may have a layout of its own.
    if (this.#readers.size >= 64) this.#readers.clear()
    this.#readers.set(layout, reader)
    return reader
  }
}

/** Mails as rows of `mailLayout`, in the form of a log. */
export function mailLines(mails: readonly ClosedMail[]): Buffer {
  return Buffer.from(
    mails.map((mail) => `${mailColumns.map((name) => quoted(mail[name])).join(',')}\r\n`).join(''),
  )
}

function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
