/** The version of the program, as `package.json` says it. */
import { readFileSync } from 'node:fs'

// The same way up from src and from dist.
const file = new URL('../package.json', import.meta.url)

export const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }
