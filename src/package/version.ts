/** The version of the program, as `package.json` says it. */
import { shippedText } from './files.ts'

export const { version } = JSON.parse(shippedText('package.json')) as {
  readonly version: string
}
