/** One pass over a command's inputs: in order, with progress, a report of what is no record, and a summary. */
import type { Chunk, Malformed } from '../../flow/chunk.ts'
import type { ExportSettings } from '../../formats/exports.ts'
import { ExitCode, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { tellProblem } from '../terminal/problems.ts'
import { ProgressBar } from '../terminal/progress-bar.ts'
import { type Input, unreadable } from './find-inputs.ts'
import { textOf } from './texts.ts'

/** Malformed lines that are shown: one for each file and reason; the rest is only counted. */
const SHOWN_MALFORMED = 10

const noRecord = 'no record in it: no line is a row of a message tracking log of Exchange 2007 or later'

export interface PassOptions {
  readonly inputs: readonly Input[]
  readonly stop: AbortSignal
  /** How exports are read among them. */
  readonly exports?: ExportSettings
  /** Whether a bar may be drawn on standard error; it is not if that is no terminal. */
  readonly showProgress: boolean
}

export class Pass {
  readonly #inputs: readonly Input[]
  readonly #stop: AbortSignal
  readonly #exports: ExportSettings | undefined
  readonly #started = performance.now()
  readonly #bar: ProgressBar | undefined
  /** Bytes of the inputs that were read. */
  #before = 0
  #files = 0
  #failed = 0
  #events = 0
  #filtered = 0
  #malformed = 0
  readonly #shown = new Set<string>()
  /** What came of each file. */
  readonly #yields = new Map<string, { records: number; malformed: number }>()

  constructor({ inputs, stop, exports, showProgress }: PassOptions) {
    this.#inputs = inputs
    this.#stop = stop
    this.#exports = exports
    if (showProgress && process.stderr.isTTY) {
      this.#bar = new ProgressBar(
        process.stderr,
        inputs.reduce((sum, { size }) => sum + size, 0),
      )
    }
  }

  /** The chunks of all inputs, until `stop` aborts. A file that can't be read does not stop the others. */
  async *chunks(): AsyncGenerator<Chunk> {
    for (const input of this.#inputs) {
      try {
        for await (const chunk of textOf(input.path, this.#stop, this.#exports).chunks()) {
          yield chunk
          if (this.#stop.aborted) return
          this.readTo(input, chunk.end)
        }
        this.ended(input, [])
      } catch (error) {
        if (this.#stop.aborted) return
        this.ended(input, error instanceof ProblemsError ? error.problems : [unreadable(input.path, error)])
      }
    }
  }

  /** The next of the inputs is read up to here; of a packed file, places are those in its text. */
  readTo({ size }: Input, offset: number): void {
    this.#bar?.update(this.#before + Math.min(offset, size))
  }

  /** All of it that can be read was read. */
  ended({ size }: Input, problems: readonly Problem[]): void {
    if (problems.length === 0) this.#files++
    else this.#fail(...problems)
    this.#before += size
  }

  /** Counts what became of lines of the file at `path` and tells of the malformed ones. */
  count(
    path: string,
    events: number,
    filtered: number,
    malformed: readonly Pick<Malformed, 'offset' | 'reason'>[],
  ): void {
    this.#events += events
    this.#filtered += filtered
    this.#malformed += malformed.length
    const sum = this.#yields.get(path) ?? { records: 0, malformed: 0 }
    sum.records += events + filtered
    sum.malformed += malformed.length
    this.#yields.set(path, sum)
    for (const { offset, reason } of malformed) {
      const kind = `${path}\n${reason}`
      if (this.#shown.size >= SHOWN_MALFORMED || this.#shown.has(kind)) continue
      this.#shown.add(kind)
      this.#report({ where: { file: path, byte: offset }, message: `malformed line left out: ${reason}` })
    }
  }

  /** Prints the summary and returns the exit code. */
  end(): ExitCode {
    this.#bar?.clear()
    const more = this.#malformed - this.#shown.size
    if (more > 0) process.stderr.write(`… and ${more} more malformed lines\n`)
    for (const [path, { records, malformed }] of this.#yields) {
      if (records === 0 && malformed > 0) this.#fail({ where: { file: path }, message: noRecord })
    }
    const seconds = (performance.now() - this.#started) / 1000
    const counts = {
      files: this.#files,
      records: this.#events + this.#filtered,
      events: this.#events,
      filtered: this.#filtered,
      malformed: this.#malformed,
      seconds: seconds.toFixed(2),
      ...(this.#failed > 0 && { 'files not read': this.#failed }),
    }
    const summary = Object.entries(counts).map(([name, value]) => `${name} ${value}`)
    process.stderr.write(`${summary.join(', ')}\n`)
    if (this.#stop.aborted) return ExitCode.unfinished
    return this.#failed > 0 ? ExitCode.failed : ExitCode.ok
  }

  /** Tells why a file gave nothing, or not all. */
  #fail(...problems: readonly Problem[]): void {
    this.#failed++
    for (const problem of problems) this.#report(problem)
  }

  #report(problem: Problem): void {
    this.#bar?.clear()
    tellProblem(process.stderr, problem)
  }
}
