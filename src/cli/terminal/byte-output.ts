/** Where a command writes its result: standard output or a file, at the pace that takes it. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { realpath } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { remedyForWriting } from '../../mistakes/not-written.ts'
import { ExitCode, ProblemsError } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import type { Input } from '../inputs/find-inputs.ts'

export interface ByteOutput {
  readonly isTerminal: boolean
  /** Resolves when the bytes were taken and may change. Throws a `ProblemsError` when they can't be written. */
  write(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** Opens `file` for writing anew, or standard output for `-` and without one. Throws a `ProblemsError` if it is an input. */
export async function openOutput(
  file: string | undefined,
  inputs: readonly Input[],
  stdout: NodeJS.WriteStream = process.stdout,
): Promise<ByteOutput> {
  if (file === undefined || file === '-') {
    const isTerminal = stdout.isTTY === true
    const shown = isTerminal ? forTerminal : (bytes: Uint8Array) => bytes
    return { isTerminal, write: (bytes) => write(stdout, shown(bytes), 'standard output'), async close() {} }
  }
  await refuseInput(file, inputs)
  const stream = createWriteStream(file)
  // Errors come back from each call; without a listener the process would end on them.
  stream.on('error', () => {})
  try {
    await once(stream, 'open')
  } catch (error) {
    throw outputFailed(file, error as Error)
  }
  return {
    isTerminal: false,
    write: (bytes) => write(stream, bytes, file),
    close: () =>
      new Promise((resolve, reject) => {
        stream.end((error?: Error | null) => (error ? reject(outputFailed(file, error)) : resolve()))
      }),
  }
}

/** The problem of an output that does not take what is written. */
export function outputFailed(name: string, error: Error): ProblemsError {
  const remedy = remedyForWriting(error, 'name another file')
  return new ProblemsError(
    [{ where: { file: name }, message: `can't be written (${error.message})`, remedy }],
    ExitCode.failed,
  )
}

/** What stands in a log is shown on a terminal and never obeyed by it. `bytes` are whole lines. */
function forTerminal(bytes: Uint8Array): Uint8Array {
  const lines = Buffer.from(bytes).toString('utf8').split(/\r?\n/)
  return Buffer.from(lines.map(visible).join('\n'))
}

/** Opening for writing empties a file: a log would be gone before it is read. */
async function refuseInput(file: string, inputs: readonly Input[]): Promise<void> {
  const output = await realPath(file)
  const paths = await Promise.all(inputs.map((input) => realPath(input.path)))
  if (output === undefined || !paths.includes(output)) return
  throw new ProblemsError([
    { where: { file }, message: 'is one of the logs to be read', remedy: 'write to another file' },
  ])
}

/** Undefined for what does not exist. */
function realPath(file: string): Promise<string | undefined> {
  return realpath(file).catch(() => undefined)
}

function write(stream: Writable, bytes: Uint8Array, name: string): Promise<void> {
  if (bytes.length === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(outputFailed(name, error)) : resolve()))
  })
}
