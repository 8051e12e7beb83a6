/** Files that come with the program: beside `src/` and `dist/`, or inside the executable, which is all of it in one file. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

// Not imported: what it is asked for on Node.js 20 is not there for import.
const sea = process.getBuiltinModule('node:sea')

/** Whether this is the executable. */
export const isExecutable = sea.isSea()

/** Whether this is run from its sources, as tests do. */
export const isSource = import.meta.url.endsWith('.ts')

/** Where such a file is, by its path in the package; the executable has none. */
export function shipped(path: string): URL {
  return new URL(`${isSource ? '../../' : '../'}${path}`, import.meta.url)
}

/** Its content, only to be read: in the executable this is the memory of the program itself. */
export function shippedBytes(path: string): Buffer {
  return isExecutable ? Buffer.from(sea.getRawAsset(path) as ArrayBuffer) : readFileSync(shipped(path))
}

/** The same as text in UTF-8. */
export function shippedText(path: string): string {
  return shippedBytes(path).toString('utf8')
}

/** Loads machine code that lies beside the executable. */
export function loadBeside(name: string): unknown {
  return createRequire(process.execPath)(`./${name}`)
}
