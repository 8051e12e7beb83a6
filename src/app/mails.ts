/** A destination of mails: how rows of the sources become what its pipeline reads, and what is said of that. */
import type { Checkpoint } from '../flow/delivery.ts'
import type { Log } from '../flow/log.ts'
import { LoggedTrouble } from '../flow/trouble.ts'
import type { Closed } from '../mails/mail.ts'
import { MailSource } from '../mails/mail-source.ts'
import { mailDefaults } from '../mails/options.ts'
import type { PipelineSource } from '../sources/open.ts'
import { createMailRows } from '../transform/mail-rows.ts'
import type { PreparedPipeline } from './prepare.ts'

/** Mails of a pipeline, now. */
export interface MailsView {
  /** How many are open, and what they take of memory, about. */
  readonly open: number
  readonly openBytes: number
  /** How many were closed since the start, by why. */
  readonly closed: Readonly<Record<Closed, number>>
}

/** After so long without another one, mails are closed in time again. */
const calmMs = 10 * 60_000

/** What a pipeline of mails is made of. */
export interface MailsOptions {
  readonly prepared: PreparedPipeline
  readonly source: PipelineSource
  /** Names of the sources. */
  readonly sources: readonly string[]
  readonly checkpoint: Checkpoint
  readonly log: Log
}

/** Source and checkpoint of one pipeline, with its counts. */
export class Mails implements MailsView {
  readonly source: MailSource
  readonly #closed = { quiet: 0, long: 0, full: 0, end: 0 }
  readonly #trouble: LoggedTrouble
  readonly #fields: Readonly<Record<string, unknown>>
  #fullAtMs = Number.NEGATIVE_INFINITY

  constructor({ prepared, source, sources, checkpoint, log }: MailsOptions) {
    const { name, settings, rowOptions, statistics } = prepared
    const { mails = mailDefaults } = settings
    this.#fields = { destination: name, maxMegabytes: mails.maxMegabytes }
    this.#trouble = new LoggedTrouble(
      log,
      'warn',
      'Mails are closed before they are quiet; what still comes of them makes further records',
      'Mails are open until they are quiet again',
    )
    this.source = new MailSource({
      rows: source,
      rowsIn: createMailRows(rowOptions),
      checkpoint,
      settings: mails,
      organisation: settings.organisation,
      sources,
      behind: (each) => source.behind(each),
      counter: statistics,
      gone: () => source.gone(),
      closed: (why) => this.#count(why),
    })
  }

  get open(): number {
    return this.source.open.open
  }

  get openBytes(): number {
    return this.source.open.bytes
  }

  get closed(): Readonly<Record<Closed, number>> {
    return { ...this.#closed }
  }

  #count(why: Closed): void {
    this.#closed[why]++
    const nowMs = performance.now()
    if (why === 'full') {
      this.#fullAtMs = nowMs
      this.#trouble.report('so many are open that they take as much memory as they may', {
        ...this.#fields,
        remedy: 'raise mails.maxMegabytes, or lower mails.quietMinutes',
      })
    } else if (nowMs - this.#fullAtMs >= calmMs) {
      this.#trouble.over(this.#fields)
    }
  }
}
