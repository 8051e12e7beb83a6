/** The program of the soak: one process after the other, under the same configuration. */
import { setTimeout as delay } from 'node:timers/promises'
import { ExitCode } from '../../src/mistakes/problem.ts'
import type { LogLine, Program, StartOptions, Workplace } from '../support/program.ts'
import { inOtherPids } from './namespaces.ts'

/** A second instance is refused at once, but for the start of Node. */
const refusedMs = 30_000

export class Shipper {
  readonly #place: Workplace
  readonly #options: StartOptions
  /** What processes said that have ended. */
  readonly #said: LogLine[] = []
  #program: Program
  #isWanted = true
  #endedByItself: string | undefined

  constructor(place: Workplace, options: StartOptions) {
    this.#place = place
    this.#options = options
    this.#program = this.#start()
  }

  /** Ends it and starts it again after so long. */
  async restart(signal: 'SIGKILL' | 'SIGTERM', downMs: number): Promise<void> {
    await this.stop(signal)
    await delay(downMs)
    this.#program = this.#start()
  }

  freeze(): void {
    this.#program.child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#program.child.kill('SIGCONT')
  }

  /** Starts it once more on the same state, as in another container: throws unless that is refused. */
  async expectSecondRefused(): Promise<void> {
    await this.#program.logged('Started')
    const through = [...inOtherPids, ...(this.#options.through ?? [])]
    const second = this.#place.startWith({ through }, 'run', '--config', 'msgtrk.yaml')
    const limit = setTimeout(() => second.child.kill('SIGKILL'), refusedMs)
    const { code, stderr } = await second.ended
    clearTimeout(limit)
    if (code !== ExitCode.state) throw new Error(`the second instance was not refused: ${code}\n${stderr}`)
  }

  /** Throws when the program ended though nobody ended it. */
  check(): void {
    if (this.#endedByItself !== undefined) throw new Error(`the program ended:\n${this.#endedByItself}`)
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#isWanted = false
    await this.#program.stop(signal)
  }

  /** From which offset on the program has told that a log is lost; undefined while it has not. */
  toldLost(path: string): number | undefined {
    const lines = [...this.#said, ...this.#program.log].filter(
      ({ level, message, file }) => level === 'error' && file === path && /\blost\b/.test(message),
    )
    if (lines.length === 0) return undefined
    return Math.min(...lines.map(({ offset }) => Number(offset ?? 0)))
  }

  #start(): Program {
    const program = this.#place.startWith(this.#options, 'run', '--config', 'msgtrk.yaml')
    this.#isWanted = true
    void program.ended.then(({ stderr }) => {
      this.#said.push(...program.log)
      if (this.#program === program && this.#isWanted) this.#endedByItself = stderr
    })
    return program
  }
}
