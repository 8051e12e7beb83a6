/**
 * Files that settings name, as tables and certificates: each is read once for all that is made of it together, so that
 * all of it is made of the same content, on whichever thread, however the file changes meanwhile.
 */
import { readFileSync } from 'node:fs'

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
