/** The version of the program, as `package.json` says it. */
import { readFileSync } from 'node:fs'
import { shipped } from './shipped.ts'

export const { version } = JSON.parse(readFileSync(shipped('package.json'), 'utf8')) as {
  readonly version: string
}
