/**
 * Event × source × field: under which key each column of a row stands, told by the table itself. Of each column a value
 * is put in that nothing else in the row resembles, and then looked for in the event.
 */
import { knownEvents } from '../src/filter/events.ts'
import { allColumns, type Column, knownColumns } from '../src/records/layouts.ts'
import { eventText, type Probe, probeOf, sources, table, type Version } from './probe-row.ts'

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

const probe = probeOf('2016', { mapping: 'exchange-modern' })
const { plan } = probe

function keysOf(fields: Readonly<Record<string, string>>, { valuesOf }: Probe = probe): Keys {
  const content = (column: string): string => fields[column] ?? contentOf(column)
  const keys = new Map<string, string>()
  for (const [key, text] of valuesOf(content)) {
    const others = keys.get(text)
    keys.set(text, others === undefined ? `\`${key}\`` : `${others} \`${key}\``)
  }
  return new Map(columns.map((column) => [column, keys.get(writtenAs[column] ?? contentOf(column)) ?? '']))
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

/** What of that is otherwise in rows of earlier versions, which have fewer columns. */
export function earlierVersions(): string {
  const rows = (['2013', '2010', '2007'] as const).map((version) => {
    const lacking = allColumns.filter((column) => !has(version, column))
    const other = otherwise(version, lacking)
    return [`Exchange ${version}`, lacking.join(', '), other.length === 0 ? 'none' : other.join(', ')]
  })
  return table(['Version', 'Columns it has not', 'Columns under another key than above'], rows)
}

function has(version: Version, column: Column): boolean {
  return (knownColumns[version] as readonly Column[]).includes(column)
}

/** Columns that stand under another key than in a row of 2016 in which those that this version lacks are empty. */
function otherwise(version: Version, lacking: readonly Column[]): readonly string[] {
  const old = probeOf(version, { mapping: 'exchange-modern' })
  const empty = Object.fromEntries(lacking.map((column) => [column, '']))
  const found = new Set<string>()
  for (const event of [...knownEvents].sort()) {
    for (const source of sources) {
      for (const { values } of variants) {
        const fields = { 'event-id': event, source, ...values, ...empty }
        const [now, then] = [keysOf(fields), keysOf(fields, old)]
        for (const column of columns) {
          if (has(version, column as Column) && now.get(column) !== then.get(column)) {
            found.add(`${column} of ${event}/${source}`)
          }
        }
      }
    }
  }
  return [...found]
}
