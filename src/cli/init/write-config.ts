/** Writes a configuration that was checked first, as `msgtrk check` does, and the files that it refers to. */
import { randomUUID } from 'node:crypto'
import { access, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { checkDeeply } from '../../app/check.ts'
import { readConfig } from '../../app/read-config.ts'
import type { Config } from '../../config/schema.ts'
import type { Log } from '../../flow/log.ts'
import { type Problem, ProblemsError } from '../../mistakes/problem.ts'
import type { Answers } from './answers.ts'
import { configText } from './config-text.ts'
import { newToken } from './http.ts'
import { writeNew } from './write-new.ts'

/** What was written. */
export interface Written {
  readonly config: Config
  /** The file of the token, and the token where it is new. */
  readonly token?: { readonly file: string; readonly text?: string }
}

/**
 * Throws a `ProblemsError` with all mistakes, and then nothing was written. `file`: absolute; `over`: whether one that is
 * there may be replaced.
 */
export async function writeConfig(
  answers: Answers,
  file: string,
  { over, log }: { readonly over: boolean; readonly log: Log },
): Promise<Written> {
  const text = configText(answers, new Date().toISOString().slice(0, 10))
  const token = answers.http === undefined ? undefined : await tokenIn(answers.http.tokenFile, file)
  // Beside it, since what it refers to is found from there; nobody else's file has such a name.
  const trial = `${file}.${randomUUID()}`
  try {
    await writeNew(trial, text, { mode: 0o600 })
    const config = await readConfig(trial, { tryOut: checkDeeply })
    const problems = await checkDeeply(config, log)
    if (problems.length > 0) throw new ProblemsError(problems)
    await writeNew(file, text, { mode: 0o644, over })
    return { config, ...(token !== undefined && { token }) }
  } catch (error) {
    if (token?.text !== undefined) await rm(token.file, { force: true })
    if (!(error instanceof ProblemsError)) throw error
    throw new ProblemsError(
      error.problems.map((problem) => placedIn(problem, trial, file)),
      error.exitCode,
    )
  } finally {
    await rm(trial, { force: true })
  }
}

function placedIn(problem: Problem, trial: string, file: string): Problem {
  const { where } = problem
  return 'file' in where && where.file === trial ? { ...problem, where: { ...where, file } } : problem
}

/** A token that is there already stays: others may know it. */
async function tokenIn(name: string, config: string): Promise<NonNullable<Written['token']>> {
  const file = path.resolve(path.dirname(config), name)
  const isThere = await access(file).then(
    () => true,
    () => false,
  )
  if (isThere) return { file }
  const text = newToken()
  await writeNew(file, `${text}\n`, { mode: (await isOfGroup(path.dirname(file))) ? 0o640 : 0o600 })
  return { file, text }
}

/** Whether a folder is shared with its group, so that what is made in it is the group's, as /etc/msgtrk of a package is. */
async function isOfGroup(folder: string): Promise<boolean> {
  return await stat(folder).then(
    ({ mode }) => (mode & 0o2000) !== 0,
    () => false,
  )
}
