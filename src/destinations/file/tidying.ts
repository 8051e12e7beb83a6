/** When finished files are packed and removed: once files can be written, and then every minute. */
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { LoggedTrouble } from '../../flow/trouble.ts'
import { isTidied, tidyFinished } from './finished.ts'
import type { FileNames } from './names.ts'
import type { FileSettings } from './options.ts'
import { fileReason } from './reasons.ts'
import { SteadyClock } from './steady-clock.ts'
import type { WrittenFiles } from './written-files.ts'

const everyMs = 60_000

/** What it works with. */
export interface TidyingOptions {
  readonly name: string
  readonly folder: string
  readonly names: FileNames
  readonly settings: FileSettings
  readonly log: Log
  readonly events?: Listener | undefined
  readonly now: () => number
  /** Milliseconds that have passed, whoever sets a clock; for tests. */
  readonly elapsed?: (() => number) | undefined
  readonly files: WrittenFiles
  /** Does what touches files that may be written between two batches. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

/** That of one destination. */
export class Tidying {
  readonly #options: TidyingOptions
  readonly #trouble: LoggedTrouble
  readonly #clock: SteadyClock
  #doubts = false
  #under: Promise<void> | undefined
  #again: NodeJS.Timeout | undefined
  #hasEnded = false

  constructor(options: TidyingOptions) {
    this.#options = options
    this.#clock = new SteadyClock(options.now, options.elapsed)
    this.#trouble = new LoggedTrouble(
      options.log,
      'warn',
      'Finished files can not be packed or removed',
      'Finished files are packed and removed again',
    )
  }

  begin(): void {
    if (this.#again !== undefined || this.#hasEnded || !isTidied(this.#options.settings)) return
    this.#again = setInterval(() => void this.tidy(), everyMs)
    this.#again.unref()
    void this.tidy()
  }

  end(): void {
    this.#hasEnded = true
    clearInterval(this.#again)
  }

  /** Packs and removes, as the settings say; one at a time. Never rejects. */
  tidy(): Promise<void> {
    this.#under ??= this.#tidy().finally(() => {
      this.#under = undefined
    })
    return this.#under
  }

  async #tidy(): Promise<void> {
    const { name, folder, names, settings, log, events, now, files, inTurn } = this.#options
    const remove = (file: string, size: number) =>
      inTurn(async () => !this.#hasEnded && (await files.remove(file, size)))
    try {
      await inTurn(() => files.finish(now()))
      const removed = await tidyFinished({ folder, names, settings: this.#believed(settings), remove }, now())
      this.#trouble.over({ destination: name })
      events?.filesTidied?.(null)
      if (removed.length === 0) return
      const fields = { destination: name, folder, files: removed.length, first: removed[0] }
      log.info('Removed the oldest files, as the settings say', fields)
    } catch (error) {
      if (this.#hasEnded) return
      const reason = fileReason(error, folder)
      this.#trouble.report(reason, { destination: name })
      events?.filesTidied?.(reason)
    }
  }

  /** By a clock that was just set no file is too old. */
  #believed({ keepDays, ...others }: FileSettings): FileSettings {
    const { log, name } = this.#options
    const doubted = this.#doubts
    this.#doubts = !this.#clock.isSteady
    if (this.#doubts && !doubted && keepDays !== undefined) {
      log.warn('The clock was set: for an hour no file is removed for its age', {
        destination: name,
        keepDays,
      })
    }
    return keepDays === undefined || this.#doubts ? others : { ...others, keepDays }
  }
}
