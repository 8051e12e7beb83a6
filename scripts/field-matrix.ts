/**
 * Event × source × field: under which key each column of a row stands, told by the table itself. Of each column a value
 * is put in that nothing else in the row resembles, and then looked for in the event.
 */
import { EventEncoder } from '../src/encode/event-encoder.ts'
import { knownEvents } from '../src/filter/events.ts'
import { createMapper } from '../src/map/mapper.ts'
import { createParser } from '../src/parse/parser.ts'
import { allColumns, type Column, knownColumns } from '../src/records/layouts.ts'

const sources = [
  'ADMIN', 'AGENT', 'APPROVAL', 'BOOTLOADER', 'DNS', 'DSN', 'GATEWAY', 'MAILBOXRULE', 'MEETINGMESSAGEPROCESSOR', 'ORAR',
  'PICKUP', 'POISONMESSAGE', 'PUBLICFOLDER', 'QUEUE', 'REDUNDANCY', 'ROUTING', 'SAFETYNET', 'SMTP', 'STOREDRIVER',
] // biome-ignore format: a list of words

/** The fields of the header. */
const headerNames = ['vendor', 'product', 'version', 'event class id', 'name'].map(
  (name) => `${name} in the header`,
)

/** What says itself which row it is of. */
const telling: readonly Column[] = ['event-id', 'source']
const columns = knownColumns['2016'].filter((column) => !telling.includes(column as Column))

/** Values that can stand in a column and are found again in an event. */
const values: Readonly<Record<string, string>> = {
  'date-time': '2026-11-20T14:00:00.123Z',
  'client-ip': '192.0.2.11',
  'server-ip': '192.0.2.12',
  'original-client-ip': '192.0.2.13',
  'original-server-ip': '192.0.2.14',
  'total-bytes': '70001',
  'recipient-count': '70002',
  'internal-message-id': '70003',
  directionality: 'Originating',
}
const writtenAs: Readonly<Record<string, string>> = {
  'date-time': String(Date.UTC(2026, 10, 20, 14, 0, 0, 123)),
}
const contentOf = (column: string): string => values[column] ?? `of-${column}`

/** The keys of a row, by column. */
type Keys = ReadonlyMap<string, string>

/** Rows that are told besides, where their names and addresses stand under other keys. */
const variants: readonly { readonly name: string; readonly values: Readonly<Record<string, string>> }[] = [
  { name: '', values: {} },
  { name: 'without original-client-ip', values: { 'original-client-ip': '' } },
  { name: 'by a receive connector', values: { 'connector-id': 'EX01\\of-connector-id' } },
]

const parse = createParser()
const { planFor } = createMapper({ mapping: 'exchange-modern', cefVersion: 0, additionalData: 'arcsight' })
const layout = { columns: allColumns, version: '15.02.2562.045', header: new Uint8Array() }
const plan = planFor(layout)

function keysOf(fields: Readonly<Record<string, string>>): Keys {
  const row = allColumns.map((column) => fields[column] ?? contentOf(column))
  const bytes = Buffer.from(`${row.join(',')}\r\n`)
  const file = { id: '', path: '', source: '' }
  const chunk = { file, layout, header: 0, start: 0, end: bytes.length, bytes, malformed: [] }
  const [records] = parse(chunk).runs
  if (records === undefined) throw new Error(`no record: ${row.join()}`)
  const written = new EventEncoder(plan).values(records, 0)
  return new Map(
    columns.map((column) => {
      const text = writtenAs[column] ?? contentOf(column)
      const found = written.filter((value) => value.text === text).map(({ plan }) => `\`${plan.key}\``)
      return [column, found.join(' ')]
    }),
  )
}

/** Where a column stands whatever the row holds: copied, or in the header. */
function copied(column: string): string {
  const index = allColumns.indexOf(column as Column)
  const keys = plan.fields.filter((value) => value.column === index).map(({ key }) => `\`${key}\``)
  const header = plan.header.flatMap(({ columns }, at) =>
    columns.includes(index) ? [headerNames[at] ?? ''] : [],
  )
  return [...header, ...keys].join(', ')
}

/** Columns that stand under the same key in every row, and then each event whose other columns differ. */
export function fieldMatrix(): string {
  const rows = [...knownEvents].sort().flatMap((event) =>
    sources.flatMap((source) =>
      variants.map(({ name, values }) => ({
        event,
        source,
        name,
        keys: keysOf({ 'event-id': event, source, ...values }),
      })),
    ),
  )
  const usual = rows.filter(({ name }) => name === '')
  const [first] = usual
  const sides = ['client-ip', 'client-hostname', 'server-ip', 'server-hostname']
  const varying = columns.filter(
    (column) => sides.includes(column) || new Set(usual.map(({ keys }) => keys.get(column))).size > 1,
  )
  const everywhere = [
    ...telling.map((column) => [column, copied(column)]),
    ...columns
      .filter((column) => !varying.includes(column))
      .map((column) => [column, first?.keys.get(column) || copied(column)]),
  ]
  const cellsOf = (keys: Keys, of: readonly string[]) =>
    of.map((column) => keys.get(column) || '–').join('\n')
  const usualSides = new Map(usual.map((row) => [`${row.event}/${row.source}`, cellsOf(row.keys, sides)]))
  const alike = new Map<string, Map<string, string[]>>()
  for (const { event, source, name, keys } of rows) {
    if (name !== '' && usualSides.get(`${event}/${source}`) === cellsOf(keys, sides)) continue
    const cells = cellsOf(keys, varying)
    const byEvent = alike.get(cells) ?? new Map<string, string[]>()
    byEvent.set(`${event}\n${name}`, [...(byEvent.get(`${event}\n${name}`) ?? []), source])
    alike.set(cells, byEvent)
  }
  const grouped = [...alike].map(([cells, byEvent]) => [rowsText(byEvent), ...cells.split('\n')])
  return `${table(['Column', 'Key'], everywhere)}
${table(['Event/source', ...varying], grouped)}`
}

/** Events, with their sources where these matter, those of each kind of row together. */
function rowsText(byEvent: ReadonlyMap<string, readonly string[]>): string {
  const byName = new Map<string, string[]>()
  for (const [row, of] of byEvent) {
    const [event = '', name = ''] = row.split('\n')
    byName.set(name, [...(byName.get(name) ?? []), eventText(event, of)])
  }
  const all = [...byName].sort(([one], [other]) => one.length - other.length)
  return all.map(([name, texts]) => `${name === '' ? '' : `${name}: `}${texts.join(', ')}`).join('; ')
}

function eventText(event: string, of: readonly string[]): string {
  if (of.length === sources.length) return `\`${event}\``
  if (of.length <= sources.length / 2) return of.map((source) => `\`${event}/${source}\``).join(', ')
  const others = sources.filter((source) => !of.includes(source))
  return `\`${event}\` but for ${others.map((source) => `\`${source}\``).join(', ')}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('')
}
