/** What is wrong for a while: it begins, its reason may change, it is over; each is said once. */
import type { Log } from './log.ts'

/** Something that is wrong. */
export interface Wrong {
  /** Since when, in milliseconds since 1970. */
  readonly sinceMs: number
  /** Why at first, and why now. */
  readonly firstReason: string
  readonly reason: string
  /** How often the reason has changed. */
  readonly changes: number
}

/** Whether something is wrong. Who tells it again and again what he sees learns what of that is news. */
export class Trouble<Reason extends string = string> {
  #now: Wrong | null | undefined

  /** What is wrong; null when nothing is, undefined as long as nobody has said. */
  get now(): Wrong | null | undefined {
    return this.#now
  }

  /** It is there, for this reason. What is wrong now if it has begun or its reason has changed; null when nothing is new. */
  is(reason: Reason): Wrong | null {
    const was = this.#now
    if (was?.reason === reason) return null
    this.#now = was
      ? { ...was, reason, changes: was.changes + 1 }
      : { sinceMs: Date.now(), firstReason: reason, reason, changes: 0 }
    return this.#now
  }

  /** As `is`: true when it has begun. */
  begins(reason: Reason): boolean {
    return this.is(reason)?.changes === 0
  }

  /** All is well: what was wrong until now, null when nothing was. */
  over(): Wrong | null {
    const was = this.#now ?? null
    this.#now = null
    return was
  }
}

type Fields = Readonly<Record<string, unknown>>

/** A trouble that the own log is told of: when it begins or its reason changes, and when it is over. */
export class LoggedTrouble {
  readonly #trouble = new Trouble()
  readonly #log: Log
  readonly #level: 'debug' | 'warn' | 'error'
  readonly #sentence: string
  readonly #overSentence: string

  /** `debug`: others say it; `warn`: nothing is lost and it may mend itself; `error`: a person is needed. */
  constructor(log: Log, level: 'debug' | 'warn' | 'error', sentence: string, overSentence: string) {
    this.#log = log
    this.#level = level
    this.#sentence = sentence
    this.#overSentence = overSentence
  }

  /** It is there (again), for this reason: what is wrong if that is news, or null. */
  report(reason: string, fields: Fields = {}): Wrong | null {
    const news = this.#trouble.is(reason)
    if (news !== null) this.#log[this.#level](this.#sentence, { ...fields, reason })
    return news
  }

  /** It is over: what was wrong, or null. */
  over(fields: Fields = {}): Wrong | null {
    const was = this.#trouble.over()
    if (was !== null) this.#log[this.#level === 'debug' ? 'debug' : 'info'](this.#overSentence, fields)
    return was
  }
}
