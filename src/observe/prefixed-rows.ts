/** Says once for each log that its rows have text before their date-time, which a relay of logs puts there. */
import { type Malformed, textBefore } from '../flow/chunk.ts'
import type { Listener } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'

/** So many logs are remembered as told; one that comes back after all of them is told again. */
const mostTold = 1000

/** Listens to the malformed lines of a pipeline. */
export class PrefixedRows implements Listener {
  readonly #log: Log
  readonly #pipeline: string
  readonly #told = new Set<string>()

  constructor(log: Log, pipeline: string) {
    this.#log = log
    this.#pipeline = pipeline
  }

  malformed(lines: readonly Malformed[]): void {
    for (const { path, offset, reason } of lines) {
      if (reason !== textBefore || this.#told.has(path)) continue
      if (this.#told.size >= mostTold) this.#told.clear()
      this.#told.add(path)
      this.#log.warn(
        'Rows of a log have text before their date-time; they are no records and go to the dead letters',
        {
          pipeline: this.#pipeline,
          file: path,
          offset,
          remedy:
            'read the logs where Exchange writes them, not what another program has collected; or cut that text off',
        },
      )
    }
  }
}
