/** Events that were sent and are sent again, since nothing confirmed them: counted, and told in the own log. */
import type { Repeats } from '../flow/delivery.ts'
import type { Log } from '../flow/log.ts'
import { Occasional } from './occasional.ts'
import type { PipelineStatistics } from './statistics.ts'

/** Those of one pipeline; `fields` stand in each line. */
export class RepeatedEvents {
  readonly #statistics: PipelineStatistics
  readonly #log: Log
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #resent = new Occasional<string>((events, reason) => this.#tell({ events, reason }, 'info'))

  constructor(statistics: PipelineStatistics, log: Log, fields: Readonly<Record<string, unknown>>) {
    this.#statistics = statistics
    this.#log = log
    this.#fields = fields
  }

  /** They are read again. */
  read(repeats: Repeats, level: 'info' | 'debug'): void {
    if (repeats.events === 0) return
    this.#statistics.repeats(repeats.events)
    this.#tell(repeats, level)
  }

  /** Their destination sent them again by itself, as it may with each batch. */
  resent({ events, reason }: Repeats): void {
    this.#statistics.repeats(events)
    this.#resent.happened(events, reason)
  }

  /** Tells what was not told yet. */
  end(): void {
    this.#resent.end()
  }

  #tell({ events, reason }: Repeats, level: 'info' | 'debug'): void {
    this.#log[level]('Sent events were not confirmed and are sent again; the receiver may have them twice', {
      ...this.#fields,
      repeated: events,
      reason,
    })
  }
}
