/** Where packages are made: what all kinds of them work with, and the programs of the system that they call. */
import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What is packed, and where. */
export interface Workshop {
  /** The folder of the project. */
  readonly root: string
  readonly version: string
  readonly homepage: string
  readonly license: string
  /** Where the packages go. */
  readonly out: string
  /** A folder for all between, which is gone afterwards. */
  readonly temporary: string
  /** The time that all files in packages have, in seconds: of what is packed, not of the packing. */
  readonly seconds: number
}

/** A program that is called, and the package of Debian that has it. */
export interface Tool {
  readonly program: string
  readonly debian: string
}

/** One kind of package; `make` gives the names of its files in `out`. */
export interface PackageKind {
  readonly name: string
  readonly tools: readonly Tool[]
  make(workshop: Workshop): Promise<readonly string[]>
}

/** Runs a program to its end; rejects with what it printed. Gives its standard output. */
export async function call(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  try {
    const { stdout } = await run(program, args, {
      cwd,
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8', ...env },
      maxBuffer: 64 << 20,
    })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string }
    throw new Error(`${program} failed: ${`${stderr}${stdout}`.trim() || message}`)
  }
}

/** Those that are not on this machine. */
export async function missingOf(tools: readonly Tool[]): Promise<readonly Tool[]> {
  const found = await Promise.all(tools.map(({ program }) => isThere(program)))
  return tools.filter((_, index) => !found[index])
}

async function isThere(program: string): Promise<boolean> {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const tries = folders.map((folder) => access(path.join(folder, program), constants.X_OK))
  return await Promise.any(tries).then(
    () => true,
    () => false,
  )
}

/** Makes what belongs to a key once for each workshop. */
export function once<T>(make: (workshop: Workshop, key: string) => Promise<T>): typeof make {
  const made = new WeakMap<Workshop, Map<string, Promise<T>>>()
  return (workshop, key) => {
    const here = made.get(workshop) ?? new Map<string, Promise<T>>()
    made.set(workshop, here)
    const result = here.get(key) ?? make(workshop, key)
    here.set(key, result)
    return result
  }
}

/** Has a file for Windows signed, in place, by the program that MSGTRK_SIGN names (docs/release.md); without one it stays as it is. */
export async function signed(file: string): Promise<void> {
  const { MSGTRK_SIGN: program } = process.env
  if (program) await call(program, [file])
}
