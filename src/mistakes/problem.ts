/** Mistakes a person can mend: where, what, and the remedy. */
import { formatPlace, type Place } from './place.ts'
import { visible } from './visible.ts'

/** One mistake, as plain data. */
export interface Problem {
  readonly where: Place
  readonly message: string
  readonly remedy?: string
}

/** What the process ends with; listed in `docs/operations.md`. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  /** The command line, the configuration or a mapping table has a mistake; nothing was sent. */
  mistake: 2,
  /** Another process works on this state folder, or its contents can't be read. */
  state: 3,
  /** Stopped before all was delivered; the rest is delivered after the next start. */
  unfinished: 4,
  /** `msgtrk status`: something is wrong or late, and delivery goes on. `check --live`: a warning. */
  degraded: 5,
  /** `msgtrk status`: to a destination, or from a source, nothing moves. `check --live`: a failure. */
  down: 6,
  /** No instance runs on the state folder. */
  notRunning: 7,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** All problems of one file or one command at once, with the exit code they end the process with. */
export class ProblemsError extends Error {
  readonly problems: readonly Problem[]
  readonly exitCode: ExitCode

  constructor(problems: readonly Problem[], exitCode: ExitCode = ExitCode.mistake) {
    super(problems.map(formatProblem).join('\n'))
    this.name = 'ProblemsError'
    this.problems = problems
    this.exitCode = exitCode
  }
}

/** Does `work`; what is found to be wrong with it is told where `placed` puts it. */
export function withPlaces<T>(work: () => T, placed: (problem: Problem) => Problem): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error
    throw new ProblemsError(error.problems.map(placed), error.exitCode)
  }
}

/** `place: message` and, below it, the remedy. */
export function formatProblem({ where, message, remedy }: Problem): string {
  const what = `${visible(formatPlace(where))}: ${visible(message)}`
  return remedy === undefined ? what : `${what}\n  → ${visible(remedy)}`
}

/** In the order of the lines of one file; what stands elsewhere is told before or after it. */
export function byLine(
  problems: readonly Problem[],
  file: string,
  others: 'first' | 'last',
): readonly Problem[] {
  const elsewhere = others === 'first' ? 0 : Number.MAX_SAFE_INTEGER
  const lineOf = ({ where }: Problem) =>
    'file' in where && where.file === file ? (where.line ?? elsewhere) : elsewhere
  return problems.toSorted((a, b) => lineOf(a) - lineOf(b))
}
