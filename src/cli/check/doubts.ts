/** What is doubted of a configuration, told to a person in the form of a mistake: where, what, and what to do. */
import type { Log } from '../../flow/log.ts'
import { visible } from '../../mistakes/visible.ts'
import type { TextOutput } from '../command-context.ts'
import { inLines } from '../terminal/lines.ts'

/** A log that only tells what a person should look at. */
export function doubtsTo(output: TextOutput): Log {
  const tell = (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
    output.write(`${inLines(doubtText(message, fields), output.columns)}\n`)
  }
  return { debug() {}, info() {}, warn: tell, error: tell }
}

/** `destination: message (name: value; …)` and, below it, the remedy. */
function doubtText(message: string, fields: Readonly<Record<string, unknown>>): string {
  const { destination, setting, remedy, ...others } = fields
  const about = Object.entries(others)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
  const where = [setting, destination].find((place) => place !== undefined)
  const what = about.length === 0 ? message : `${message} (${about.join('; ')})`
  return [
    visible(where === undefined ? what : `${String(where)}: ${what}`),
    ...(remedy === undefined ? [] : [`  → ${visible(String(remedy))}`]),
  ].join('\n')
}
