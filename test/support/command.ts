/** A command of the program, in this process. */
import type { Command } from 'commander'
import { vi } from 'vitest'
import type { CommandContext } from '../../src/cli/command-context.ts'
import { ExitCode, formatProblem, ProblemsError } from '../../src/mistakes/problem.ts'

/** What it wrote; rejects with what it throws. */
export async function output(
  make: (context: CommandContext) => Command,
  args: readonly string[],
  context: Partial<CommandContext> = {},
): Promise<string> {
  let text = ''
  const stdout = {
    write(part: string) {
      text += part
    },
  }
  const stop = new AbortController().signal
  await make({ stop, stdout, stderr: stdout, ...context })
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parseAsync([...args], { from: 'user' })
  return text
}

/** What is wrong, as one text. */
export async function problemsOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(error instanceof ProblemsError)) throw new Error('it went well', { cause: error })
  return error.message
}

/** How it ends where the program would: the exit code, and what the program says of its problems. */
export async function ended(
  make: (context: CommandContext) => Command,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  try {
    return { code: ExitCode.ok, stdout: await output(make, args), stderr: '' }
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error
    const stderr = error.problems.map((problem) => `${formatProblem(problem)}\n`).join('')
    return { code: error.exitCode, stdout: '', stderr }
  }
}

/** The same of a command that tells on standard error how it goes, and its exit code by the process: one at a time. */
export async function endedAlone(
  make: (context: CommandContext) => Command,
  ...args: readonly string[]
): Promise<{ readonly code: unknown; readonly stderr: string }> {
  let stderr = ''
  const written = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text
    return true
  })
  try {
    const { code, stderr: problems } = await ended(make, ...args)
    return { code: code === ExitCode.ok ? (process.exitCode ?? code) : code, stderr: stderr + problems }
  } finally {
    process.exitCode = undefined
    written.mockRestore()
  }
}
