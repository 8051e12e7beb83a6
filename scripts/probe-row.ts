/** What a table makes of a row that is put together for a question. */
import { EventEncoder } from '../src/encode/event-encoder.ts'
import type { EventPlan } from '../src/flow/plan.ts'
import { createMapper, type MapperOptions } from '../src/map/mapper.ts'
import { createParser } from '../src/parse/parser.ts'
import { knownColumns } from '../src/records/layouts.ts'

/** Sources that Exchange is known to write. */
export const sources = [
  'ADMIN', 'AGENT', 'APPROVAL', 'BOOTLOADER', 'DNS', 'DSN', 'GATEWAY', 'MAILBOXRULE', 'MEETINGMESSAGEPROCESSOR', 'ORAR',
  'PICKUP', 'POISONMESSAGE', 'PUBLICFOLDER', 'QUEUE', 'REDUNDANCY', 'ROUTING', 'SAFETYNET', 'SMTP', 'STOREDRIVER',
] // biome-ignore format: a list of words

/** The version of Exchange whose columns a row has. */
export type Version = keyof typeof knownColumns

/** A table for the rows of one version. */
export interface Probe {
  readonly plan: EventPlan
  /** The values of the event of a row, by key; `contentOf` says what stands in each column. */
  valuesOf(contentOf: (column: string) => string): ReadonlyMap<string, string>
}

const parse = createParser()

/** Asks a table about rows with the columns of this version. */
export function probeOf(
  version: Version,
  options: Omit<MapperOptions, 'cefVersion' | 'additionalData'>,
): Probe {
  const { planFor } = createMapper({ ...options, cefVersion: 0, additionalData: 'arcsight' })
  const columns = knownColumns[version]
  const layout = { columns, version: '15.02.2562.045', header: new Uint8Array() }
  const plan = planFor(layout)
  const encoder = new EventEncoder(plan)
  const file = { id: '', path: '', source: '' }
  return {
    plan,
    valuesOf(contentOf) {
      const row = columns.map((column) => contentOf(column))
      const bytes = Buffer.from(`${row.join(',')}\r\n`)
      const chunk = { file, layout, header: 0, start: 0, end: bytes.length, bytes, malformed: [] }
      const [records] = parse(chunk).runs
      if (records === undefined) throw new Error(`no record: ${row.join()}`)
      const written = encoder.values(records, 0).filter(({ text }) => text !== '')
      return new Map(written.map(({ plan, text }) => [plan.key, text]))
    },
  }
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('')
}

/** An event with those of its sources that are meant, as short as can be said. */
export function eventText(event: string, of: readonly string[]): string {
  if (of.length === sources.length) return `\`${event}\``
  if (of.length <= sources.length / 2) return of.map((source) => `\`${event}/${source}\``).join(', ')
  const others = sources.filter((source) => !of.includes(source))
  return `\`${event}\` but for ${others.map((source) => `\`${source}\``).join(', ')}`
}
