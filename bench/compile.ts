/** Programs in C that belong to the bench. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const timeout = 60_000

/** What of a processor a program needs beyond what all have. */
const needed = { limit: [], 'limit-simd': ['avx2', 'pclmulqdq'], sink: [] }
const flags: Readonly<Record<string, string>> = { avx2: '-mavx2', pclmulqdq: '-mpclmul' }

/** Builds `bench/NAME.c` into a folder and returns the program's path; null without a compiler, or a processor for it. */
export async function compile(name: keyof typeof needed, folder: string): Promise<string | null> {
  if (!(await hasAll(needed[name]))) return null
  try {
    await execute('cc', ['--version'], { timeout })
  } catch {
    return null
  }
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url))
  const program = path.join(folder, name)
  await execute('cc', ['-O2', ...needed[name].map((each) => flags[each] as string), '-o', program, source], {
    timeout,
  })
  return program
}

/** Linux tells what its processor has. */
async function hasAll(features: readonly string[]): Promise<boolean> {
  if (features.length === 0) return true
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '')
  const has = new Set(/^flags\s*: (.*)$/m.exec(text)?.[1]?.split(' '))
  return features.every((each) => has.has(each))
}
