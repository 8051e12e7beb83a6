/** Programs in C that belong to the bench. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const timeout = 60_000

/** Builds `bench/NAME.c` into a folder and returns the program's path; null without a compiler. */
export async function compile(name: 'limit' | 'sink', folder: string): Promise<string | null> {
  try {
    await execute('cc', ['--version'], { timeout })
  } catch {
    return null
  }
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url))
  const program = path.join(folder, name)
  await execute('cc', ['-O2', '-o', program, source], { timeout })
  return program
}
