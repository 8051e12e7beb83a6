/** Another level of the own log for a while: it ends by itself, so that nobody has to remember it. */
import type { OpenLog } from './log.ts'
import type { LogLevel } from './options.ts'

/** A level that is in force for a while. */
export interface ForAWhile {
  readonly level: LogLevel
  /** When it ends, in milliseconds since 1970. */
  readonly untilMs: number
  /** Who asked for it, as they say. */
  readonly by: string
}

/** What the level is for a while, in place of that of the configuration. */
export class TemporaryLevel {
  readonly #log: Pick<OpenLog, 'level' | 'overrule' | 'tell'>
  #now: ForAWhile | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(log: Pick<OpenLog, 'level' | 'overrule' | 'tell'>) {
    this.#log = log
  }

  /** Null when the configuration decides. */
  get now(): ForAWhile | null {
    return this.#now
  }

  /** The level that is in force. */
  get level(): LogLevel {
    return this.#log.level
  }

  /** For so long from now on, whatever was asked for before; the own log says so at any level. */
  set(level: LogLevel, forMs: number, by: string): ForAWhile {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#end({ since: 'its time is over' }), forMs)
    this.#timer.unref()
    this.#now = { level, untilMs: Date.now() + forMs, by }
    this.#log.overrule(level)
    this.#log.tell('This log has another level for a while', {
      now: level,
      until: new Date(this.#now.untilMs).toISOString(),
      by,
    })
    return this.#now
  }

  /** The configuration decides again. */
  reset(by: string): void {
    if (this.#now !== null) this.#end({ by })
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #end(why: Readonly<Record<string, string>>): void {
    clearTimeout(this.#timer)
    const was = this.#now?.level
    this.#now = null
    this.#log.overrule(null)
    this.#log.tell('This log has the level of the configuration again', {
      now: this.#log.level,
      was,
      ...why,
    })
  }
}
