/** Where a command writes its result: standard output or a file, at the pace that takes it. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { ExitCode, ProblemsError } from '../problems.ts'

export interface ByteOutput {
  /** Resolves when the bytes were taken and may change. Throws a `ProblemsError` when they can't be written. */
  write(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** Opens `file` for writing anew, or standard output without one. */
export async function openOutput(file: string | undefined): Promise<ByteOutput> {
  if (file === undefined)
    return { write: (bytes) => write(process.stdout, bytes, 'standard output'), async close() {} }
  const stream = createWriteStream(file)
  // Errors come back from each call; without a listener the process would end on them.
  stream.on('error', () => {})
  try {
    await once(stream, 'open')
  } catch (error) {
    throw notWritable(file, error as Error, ExitCode.mistake)
  }
  return {
    write: (bytes) => write(stream, bytes, file),
    close: () =>
      new Promise((resolve, reject) => {
        stream.end((error?: Error | null) => (error ? reject(notWritable(file, error)) : resolve()))
      }),
  }
}

function write(stream: Writable, bytes: Uint8Array, name: string): Promise<void> {
  if (bytes.length === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(notWritable(name, error)) : resolve()))
  })
}

function notWritable(name: string, error: Error, exitCode: ExitCode = ExitCode.failed): ProblemsError {
  const remedy = 'check the path, the rights and the free space'
  return new ProblemsError(
    [{ where: name, message: `can't be written (${error.message})`, remedy }],
    exitCode,
  )
}
