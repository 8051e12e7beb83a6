/** The files, folders and `-` a command is given: found and checked before any is read. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { ExitCode, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { remedyForStrange } from '../../mistakes/strange-path.ts'
import { NotRegularError } from '../../tail/bytes/regular-file.ts'
import { readNames, systemPath } from '../../tail/folder/file-name.ts'
import { compareFileOrder, fileOrder } from '../../tail/folder/file-order.ts'
import { compileGlob } from '../../tail/folder/glob.ts'
import { lanes } from '../../tail/folder/lanes.ts'
import { STDIN } from './texts.ts'

const trackingLogs = compileGlob('MSGTRK*.LOG')

/** One file to read; `size` in bytes, 0 for standard input. */
export interface Input {
  readonly path: string
  readonly size: number
}

/**
 * Expands arguments to files: a folder gives its tracking logs, oldest first; nothing at all means standard
 * input. Throws a `ProblemsError` with everything that can't be found.
 */
export async function findInputs(args: readonly string[]): Promise<readonly Input[]> {
  if (args.length === 0) {
    if (process.stdin.isTTY) {
      throw new ProblemsError([
        {
          where: { argument: 'arguments' },
          message: 'no logs given',
          remedy: 'name files or folders, or - for standard input',
        },
      ])
    }
    return [{ path: STDIN, size: 0 }]
  }
  const problems: Problem[] = []
  const inputs: Input[] = []
  for (const arg of args) {
    try {
      inputs.push(...(await expand(arg)))
    } catch (error) {
      if (error instanceof ProblemsError) problems.push(...error.problems)
      else problems.push(unreadable(arg, error))
    }
  }
  if (problems.length > 0) throw new ProblemsError(problems, ExitCode.failed)
  return inputs
}

async function expand(arg: string): Promise<readonly Input[]> {
  if (arg === STDIN) return [{ path: STDIN, size: 0 }]
  const lane = lanes.of(arg)
  const status = await lane.call(() => stat(arg))
  if (!status.isDirectory()) return [{ path: arg, size: status.size }]
  const names = (await lane.call(() => readNames(arg))).filter(trackingLogs)
  if (names.length === 0) {
    throw new ProblemsError([
      {
        where: { file: arg },
        message: 'no MSGTRK*.LOG in this folder',
        remedy: 'name the files if they are called otherwise',
      },
    ])
  }
  const ordered = names.map(fileOrder).sort(compareFileOrder)
  return Promise.all(
    ordered.map(async ({ name }) => {
      const file = path.join(arg, name)
      // What is wrong with it shows when its turn comes.
      const status = await lane.call(() => stat(systemPath(file))).catch(() => undefined)
      return { path: file, size: status?.size ?? 0 }
    }),
  )
}

/** The problem of a file that the system does not let us read. */
export function unreadable(file: string, error: unknown): Problem {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') {
    return { where: { file }, message: 'not found', remedy: remedyForStrange(file) ?? 'check the path' }
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return {
      where: { file },
      message: 'no permission to read it',
      remedy: 'run as a user that may read the logs',
    }
  }
  if (code === 'EISDIR' || (error instanceof NotRegularError && error.isFolder)) {
    return { where: { file }, message: 'is a folder', remedy: 'name one of the files in it' }
  }
  const remedy =
    code === 'ENOTREG' ? 'what comes through a pipe is read from standard input: give -' : undefined
  return { where: { file }, message, ...(remedy !== undefined && { remedy }) }
}
