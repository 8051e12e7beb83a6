/** Mistakes a person can mend: where, what, and the remedy. */
import { visible } from './visible.ts'

/** One mistake. `where` names the file, line or setting, e.g. `msgtrk.yaml:12 destinations.0.to`. */
export interface Problem {
  readonly where: string
  /** Set when `where` only names a setting of the part that found it: whoever knows where it was written says that. */
  readonly setting?: readonly string[]
  readonly message: string
  readonly remedy?: string
}

/** What `where` and `setting` are for a setting, by the names on the way to it. */
export function atSetting(...setting: readonly string[]): Pick<Problem, 'where' | 'setting'> {
  return { where: setting.join('.'), setting }
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

/** `where: message` and, below it, the remedy. */
export function formatProblem({ where, message, remedy }: Problem): string {
  const what = `${visible(where)}: ${visible(message)}`
  return remedy === undefined ? what : `${what}\n  → ${visible(remedy)}`
}
