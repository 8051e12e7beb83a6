/**
 * Files that settings name, as tables and certificates: each is read once for all that is made of it together, so that
 * all of it is made of the same content, on whichever thread, however the file changes meanwhile.
 */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** Contents by path. */
export type NamedFiles = Map<string, Buffer>

/** What is being made now; making is never interrupted. */
let making: { readonly known: NamedFiles; readonly used: NamedFiles } | undefined

/** Content of a file that a setting names; throws as `readFileSync` does. */
export function readNamedFile(path: string): Buffer {
  const bytes = making?.known.get(path) ?? readFileSync(path)
  making?.known.set(path, bytes)
  making?.used.set(path, bytes)
  return bytes
}

/** Makes something of files: those that are `known` as they are there, others are read and known then. `used`: all of them. */
export function madeOfFiles<T>(
  known: NamedFiles,
  make: () => T,
): { readonly made: T; readonly used: NamedFiles } {
  const used: NamedFiles = new Map()
  const before = making
  making = { known, used }
  try {
    return { made: make(), used }
  } finally {
    making = before
  }
}

/**
 * Reads files ahead, without holding up anything else: on a dead share one may never come. What can't be read is left for
 * `readNamedFile` to say. `late`: those that have not come in time.
 */
export async function readAhead(
  paths: Iterable<string>,
  withinMs: number,
): Promise<{ readonly known: NamedFiles; readonly late: readonly string[] }> {
  const known: NamedFiles = new Map()
  const coming = new Set(paths)
  let timer: NodeJS.Timeout | undefined
  const isLate = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs)
  })
  const reading = [...coming].map(async (path) => {
    try {
      known.set(path, await readFile(path))
    } catch {
      // Said when it is asked for.
    }
    coming.delete(path)
  })
  await Promise.race([isLate, Promise.all(reading)])
  clearTimeout(timer)
  return { known: new Map(known), late: [...coming] }
}
