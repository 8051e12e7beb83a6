import type { Log } from '../flow/log.ts'

type Fields = Readonly<Record<string, unknown>>

/** A trouble that may last: said when it begins or its reason changes, and once when it is over. */
export class Trouble {
  readonly #log: Log
  readonly #level: 'debug' | 'warn' | 'error'
  readonly #sentence: string
  readonly #overSentence: string
  #reason: string | undefined

  /** `debug`: others say it; `warn`: nothing is lost and it may mend itself; `error`: a person is needed. */
  constructor(log: Log, level: 'debug' | 'warn' | 'error', sentence: string, overSentence: string) {
    this.#log = log
    this.#level = level
    this.#sentence = sentence
    this.#overSentence = overSentence
  }

  /** It is there (again), for this reason. True when that is news. */
  report(reason: string, fields: Fields = {}): boolean {
    if (this.#reason === reason) return false
    this.#reason = reason
    this.#log[this.#level](this.#sentence, { ...fields, reason })
    return true
  }

  /** It is over, if it was there: true then. */
  over(fields: Fields = {}): boolean {
    if (this.#reason === undefined) return false
    this.#reason = undefined
    this.#log[this.#level === 'debug' ? 'debug' : 'info'](this.#overSentence, fields)
    return true
  }
}
