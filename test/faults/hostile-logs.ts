/** Logs that were made or damaged to do harm, and what is right for each. Small, and made here: none lies on disk. */
import { knownColumns } from '../../src/records/layouts.ts'

export interface HostileLog {
  readonly bytes: Buffer
  /** How many events it has. */
  readonly events: number
  /** How many lines that are no record; undefined where that is a matter of taste. */
  readonly malformed?: number
}

const columns = knownColumns[2016]
const names = columns.join(',')

/** A header with these columns, and a version. */
function header(fields = names, version = '15.01.2507.006'): string {
  return (
    `#Software: Microsoft Exchange Server\r\n#Version: ${version}\r\n#Log-type: Message Tracking Log\r\n` +
    `#Date: 2026-11-20T14:00:00.000Z\r\n#Fields: ${fields}\r\n`
  )
}

/** A row with so many more fields, and a subject. */
function row(number: number, { more = 0, subject = 'hello' } = {}): string {
  const values: Readonly<Record<string, string>> = {
    'date-time': '2026-11-20T14:00:01.037Z',
    'event-id': 'SEND',
    'internal-message-id': String(number),
    'recipient-address': 'b@x.example',
    'message-subject': subject,
    'custom-data': 'S:A=1',
  }
  const fields = [
    ...columns.map((name) => values[name] ?? ''),
    ...Array.from({ length: more }, () => 'extra'),
  ]
  return `${fields.join(',')}\r\n`
}

function rows(count: number, more = 0): string {
  return Array.from({ length: count }, (_, number) => row(number, { more })).join('')
}

const hostileNames = [
  'evil=1 act', 'x\\ny', 'a|b|c', 'cs1', 'rt', 'ad.message-info', 'msg', '_cefVer', '\x1b[31mred', '<13>CEF:0|a|b|c|d|e|9|',
  '__proto__', 'constructor', 'toString', 'ünïcode', '\u2028', '\u202e', '\x85', 'a b', '"quoted"', ' ', '', '=', 'x\r', 'x'.repeat(5000),
  'event-id', 'EVENT-ID', 'date-time',
] // biome-ignore format: a list of names
const versions = [
  '1|2|3',
  '1\\|x',
  '\\',
  'a'.repeat(5000),
  '\x1b]0;x\x07',
  '15\u202e01',
  ' ',
  '',
  '=\\=\\n',
  '15.01\r|x',
  'CEF:0|',
]

const text = (content: string, events: number, malformed?: number): HostileLog => ({
  bytes: Buffer.from(content),
  events,
  ...(malformed !== undefined && { malformed }),
})
const bytes = (...parts: readonly (string | Buffer)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
/** A row whose subject is these bytes. */
const rowOf = (...subject: readonly number[]): Buffer => {
  const [before = '', after = ''] = row(0, { subject: 'HERE' }).split('HERE')
  return bytes(before, Buffer.from(subject), after)
}

/** By name. */
export const hostileLogs: Readonly<Record<string, HostileLog>> = {
  'an honest one': text(header() + rows(3), 3, 0),
  ...Object.fromEntries(
    hostileNames.map((name) => [
      `a column called ${JSON.stringify(name.slice(0, 30))}`,
      text(header(`${names},${name}`) + rows(3, 1), 3, 0),
    ]),
  ),
  'all columns hostile, with a time': text(
    `${header(['date-time', ...hostileNames.filter((name) => !/[\r"]|date/.test(name))].join(','))}2026-11-20T14:00:01.037Z${',x'.repeat(24)}\r\n`,
    1,
  ),
  'a thousand columns': text(header(`${names}${',x'.repeat(970)}`) + rows(3, 970), 3, 0),
  'a thousand columns of one name': text(
    header(`${names}${',message-subject'.repeat(970)}`) + rows(3, 970),
    3,
    0,
  ),
  ...Object.fromEntries(
    versions.map((version) => [
      `version ${JSON.stringify(version.slice(0, 30))}`,
      text(header(names, version) + rows(3), 3, 0),
    ]),
  ),
  'other headers between the rows': text(
    `${header()}${rows(2)}#Fields: date-time,event-id\r\n2026-11-20T14:00:01.000Z,SEND\r\n#Version: 9|9\r\n#\r\n${header()}${rows(2)}`,
    5,
    0,
  ),
  'a header of its own for each of 500 rows': text(
    Array.from({ length: 500 }, (_, at) => header(`${names},z${at}`) + row(at, { more: 1 })).join(''),
    500,
    0,
  ),
  'a row of 100,000 commas': text(`${header()}${','.repeat(100_000)}\r\n${row(1)}`, 1, 1),
  'quotes that are never closed': text(header() + row(1, { subject: '"never closed' }) + row(2), 1, 1),
  'a quote that is never closed, at the end': text(
    header() + row(1, { subject: '"never closed' }).trimEnd(),
    0,
    1,
  ),
  'line ends of all kinds': text(
    `${header().replaceAll('\r\n', '\n')}${rows(2).replaceAll('\r\n', '\n')}${rows(2)}`,
    4,
    0,
  ),
  'carriage returns within': text(
    header() + row(1, { subject: '"a\rb\r"' }) + row(2, { subject: 'a\rb' }),
    2,
    0,
  ),
  'a byte order mark': text(`\ufeff${header()}${rows(2)}`, 2, 0),
  'a run of NULs before a row': { bytes: bytes(header(), Buffer.alloc(5000), rows(2)), events: 2 },
  'a run of NULs at the end': { bytes: bytes(header(), rows(2), Buffer.alloc(70_000)), events: 2 },
  'what is no UTF-8': {
    bytes: bytes(
      header(),
      rowOf(0xed, 0xa0, 0x80, 0x20, 0xc0, 0xaf, 0x20, 0xf4, 0x90, 0x80, 0x80, 0x20, 0xff, 0xfe),
      rowOf(0xc2, 0x85, 0x20, 0xc2, 0x9b, 0x33, 0x31, 0x6d, 0x20, 0xe2, 0x80, 0xa8, 0x20, 0xe2, 0x80, 0xae),
      rowOf(0xf0, 0x9f),
    ),
    events: 3,
    malformed: 0,
  },
  'every byte within a field': {
    bytes: bytes(
      header(),
      ...Array.from({ length: 256 }, (_, byte) => byte)
        .filter((byte) => !'\n",'.includes(String.fromCharCode(byte)))
        .map((byte) => rowOf(0x61, byte, 0x62)),
    ),
    events: 253,
    malformed: 0,
  },
  'rows behind a syslog prefix': text(
    header() + rows(3).replace(/^(?=2)/gm, '<134>Nov 20 14:00:01 EX01 MSGTRK: '),
    0,
    3,
  ),
  'rows without a time': text(header() + rows(3).replace(/^2[^,]*/gm, ''), 0, 3),
  'many tiny lines': text(header() + row(1) + 'x\n'.repeat(20_000) + row(2), 2, 20_000),
  'empty lines': text(header() + row(1) + '\r\n'.repeat(1000) + row(2), 2),
  'a comment in front of each row': text(header() + `# hello\r\n${row(1)}`.repeat(3), 3, 0),
  'nothing but a header': text(header(), 0, 0),
  nothing: text('', 0, 0),
}
