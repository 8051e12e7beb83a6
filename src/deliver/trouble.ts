import type { Log } from '../types.ts'

type Fields = Readonly<Record<string, unknown>>

/** A trouble that may last: said when it begins or its reason changes, and once when it is over. */
export class Trouble {
  readonly #log: Log
  readonly #level: 'warn' | 'error'
  readonly #sentence: string
  readonly #overSentence: string
  #reason: string | undefined

  /** `warn`: nothing is lost and it may mend itself; `error`: data is lost or a person is needed. */
  constructor(log: Log, level: 'warn' | 'error', sentence: string, overSentence: string) {
    this.#log = log
    this.#level = level
    this.#sentence = sentence
    this.#overSentence = overSentence
  }

  /** It is there (again), for this reason. */
  report(reason: string, fields: Fields = {}): void {
    if (this.#reason === reason) return
    this.#reason = reason
    this.#log[this.#level](this.#sentence, { ...fields, reason })
  }

  /** It is over, if it was there. */
  over(fields: Fields = {}): void {
    if (this.#reason === undefined) return
    this.#reason = undefined
    this.#log.info(this.#overSentence, fields)
  }
}
