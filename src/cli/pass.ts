/** One pass over a command's inputs: in order, with progress, a report of what is no record, and a summary. */
import { SingleBar } from 'cli-progress'
import { ExitCode, formatProblem, type Problem, ProblemsError } from '../problems.ts'
import type { Chunk, Malformed } from '../types.ts'
import { chunksOf, type Input, unreadable } from './inputs.ts'

/** Malformed lines told one by one; the rest is only counted. */
const SHOWN_MALFORMED = 10

export interface PassOptions {
  readonly inputs: readonly Input[]
  readonly stop: AbortSignal
  /** Whether a bar may be drawn on standard error; it is not if that is no terminal. */
  readonly showProgress: boolean
}

export class Pass {
  readonly #inputs: readonly Input[]
  readonly #stop: AbortSignal
  readonly #started = performance.now()
  readonly #bar: SingleBar | undefined
  #files = 0
  #failed = 0
  #events = 0
  #filtered = 0
  #malformed = 0

  constructor({ inputs, stop, showProgress }: PassOptions) {
    this.#inputs = inputs
    this.#stop = stop
    if (showProgress && process.stderr.isTTY) {
      const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)
      this.#bar = new SingleBar({
        stream: process.stderr,
        clearOnComplete: true,
        format: '{bar} {percentage}% | {value} of {total} MB | {eta_formatted}',
        formatValue: (value, _options, type) =>
          type === 'value' || type === 'total' ? megabytes(value) : String(value),
      })
      this.#bar.start(
        inputs.reduce((sum, { size }) => sum + size, 0),
        0,
      )
    }
  }

  /** The chunks of all inputs, until `stop` aborts. A file that can't be read does not stop the others. */
  async *chunks(): AsyncGenerator<Chunk> {
    for (const input of this.#inputs) {
      try {
        let done = 0
        for await (const chunk of chunksOf(input, this.#stop)) {
          yield chunk
          if (this.#stop.aborted) return
          this.#bar?.increment(chunk.end - done)
          done = chunk.end
        }
        this.#files++
      } catch (error) {
        if (this.#stop.aborted) return
        this.#failed++
        const problems = error instanceof ProblemsError ? error.problems : [unreadable(input.path, error)]
        for (const problem of problems) this.#report(problem)
      }
    }
  }

  /** Counts what became of a chunk's lines and tells of the malformed ones. */
  count(events: number, filtered: number, malformed: readonly Malformed[]): void {
    this.#events += events
    this.#filtered += filtered
    for (const { path, offset, reason } of malformed) {
      if (++this.#malformed > SHOWN_MALFORMED) continue
      this.#report({ where: `${path}, byte ${offset}`, message: `malformed line left out: ${reason}` })
    }
  }

  /** Prints the summary and returns the exit code. */
  end(): ExitCode {
    this.#bar?.stop()
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

  #report(problem: Problem): void {
    process.stderr.write(`${formatProblem(problem)}\n`)
  }
}
