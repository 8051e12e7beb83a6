/** docs/events.md: what exchange-modern says of every event id, and of example rows, told by the table itself. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { EventEncoder } from '../src/encode/event-encoder.ts'
import { knownEvents } from '../src/filter/events.ts'
import type { Chunk, Layout } from '../src/flow/chunk.ts'
import type { EventPlan } from '../src/flow/plan.ts'
import { createMapper } from '../src/map/mapper.ts'
import { createParser } from '../src/parse/parser.ts'
import { fieldText } from '../src/records/fields.ts'
import { allColumns, columnIndex } from '../src/records/layouts.ts'

const fixture = path.join(import.meta.dirname, '../fixtures/who-and-how.log')

/** A value of an event as it stands there, but for its escapes; empty without one. */
type Values = (key: string) => string

/** Every event id with what a bare row of it becomes. */
export function eventsTable(): string {
  const names = { 'client-hostname': 'CLIENT', 'server-hostname': 'SERVER' }
  const rows = [...knownEvents].sort().map((event) => {
    const fields: Readonly<Record<string, string>> = {
      'date-time': '2026-11-20T14:00:00.000Z',
      ...names,
      'event-id': event,
      'total-bytes': '1',
      'schema-version': '15.02',
    }
    const { values, severity } = valuesOf(allColumns.map((column) => fields[column] ?? ''))
    const side = values('dvchost').toLowerCase()
    const bytes = ['in', 'out', 'cn2'].find((key) => values(key) !== '') ?? ''
    return [
      code(event),
      side,
      values('act'),
      values('outcome') || '–',
      values('reason'),
      severity,
      code(bytes),
    ]
  })
  return table(
    ['Event', 'Written by', '`act`', '`outcome`', '`reason` without a reply', 'Severity', 'Bytes'],
    rows,
  )
}

/** The rows of a fixture: what stands in the log, and what the event says. */
export function examplesTable(): string {
  const lines = readFileSync(fixture, 'utf8').trimEnd().split('\r\n')
  const columns = (lines.find((line) => line.startsWith('#Fields: ')) ?? '')
    .slice('#Fields: '.length)
    .split(',')
  const rows = lines
    .filter((line) => !line.replace(/^\uFEFF/, '').startsWith('#'))
    .map((line) => {
      const { values, severity, column } = valuesOfLine(line, columns)
      const side = (name: string) =>
        [column(`${name}-hostname`), column(`${name}-ip`)].filter(Boolean).join(' ')
      const said = (keys: readonly string[]) =>
        keys.flatMap((key) => (values(key) === '' ? [] : `\`${key}=${values(key)}\``)).join(' ')
      return [
        code(`${column('event-id')}/${column('source')}`),
        side('client'),
        side('server'),
        column('connector-id'),
        [column('directionality'), column('recipient-status') || column('message-info')]
          .filter(Boolean)
          .join('; '),
        said(['dvchost', 'dvc']),
        said(['shost', 'src', 'dhost', 'dst', 'ad.client-hostname', 'ad.client-ip']),
        `${said(['act', 'outcome', 'reason', 'deviceDirection'])} severity ${severity}`,
      ]
    })
  const head = [
    'Event/source',
    'Client',
    'Server',
    'Connector',
    'Direction; status',
    'Written by',
    'Others',
    'What happened',
  ]
  return table(head, rows)
}

function valuesOf(row: readonly string[]) {
  return valuesOfLine(row.join(','), allColumns)
}

/** What becomes of one row of a log with these columns. */
function valuesOfLine(
  line: string,
  columns: readonly string[],
): { readonly values: Values; readonly severity: string; readonly column: (name: string) => string } {
  const layout: Layout = { version: '15.02.2562.045', columns, header: new Uint8Array() }
  const bytes = Buffer.from(`${line}\n`)
  const file = { id: 'example', path: 'example.log', source: '' }
  const chunk: Chunk = { file, layout, header: 0, start: 0, end: bytes.length, bytes, malformed: [] }
  const { runs } = createParser()(chunk)
  const records = runs[0]
  if (records === undefined) throw new Error(`no record: ${line}`)
  const plan: EventPlan = createMapper({
    mapping: 'exchange-modern',
    cefVersion: 0,
    additionalData: 'arcsight',
  }).planFor(records.layout)
  const encoder = new EventEncoder(plan)
  const written = new Map(encoder.values(records, 0).map(({ plan, text }) => [plan.key, text]))
  return {
    values: (key) => (written.get(key) ?? '').replace(/\\([\\=])/g, '$1'),
    severity: String(encoder.severity(records, 0)),
    column: (name) => fieldText(records, 0, columnIndex(records.layout, name)),
  }
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n')
}
