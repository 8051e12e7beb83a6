/** Files that come with the program, beside `src/` and `dist/`. */
import { readFileSync } from 'node:fs'

// From the bundle in `dist/`, or from this source.
const toRoot = import.meta.url.endsWith('.ts') ? '../../' : '../'

/** Where such a file is, by its path in the package. */
export function shipped(path: string): URL {
  return new URL(`${toRoot}${path}`, import.meta.url)
}

/** The version of the program, as `package.json` says it. */
export const { version } = JSON.parse(readFileSync(shipped('package.json'), 'utf8')) as {
  readonly version: string
}
