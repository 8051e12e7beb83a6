/**
 * Records that were made to be misread, the same for the same seed: look-alikes of keys, headers and events,
 * escapes, blanks at every edge, line separators of Unicode, bytes that are no text, numbers and addresses beyond
 * what fits. As logs of every layout that Exchange writes.
 */
import { knownColumns } from '../../src/records/layouts.ts'
import { Random } from '../../src/simulate/random.ts'
import type { Row } from '../support/any-rows.ts'
import { csvRow } from '../support/records.ts'

const versions = ['2007', '2010', '2013', '2016'] as const

export interface NastyLog {
  readonly version: (typeof versions)[number]
  readonly bytes: Buffer
  readonly rows: readonly Row[]
}

/** What `#Version` says, for records without a version of their own. */
export const logVersion = '15.01.2507.006'

const pieces = [
  // What ends a value, or begins the next one, for a careless reader.
  '=', '\\=', ' cs1=', ' act=', ' msg=', 'msg=', ' ad.custom-data=x', ' cs1Label=', ' _cefVer=9', '= ', ' =', ' rt=1 ',
  '\\', '\\\\', '\\n', '\\r', '\\t', '\\=', '\\|', '\\\\=', '\\ ', ' \\',
  // What looks like a header, an event, a frame.
  '|', '||', '|9|', 'CEF:0|', 'CEF:0|Evil|Corp|1|42|forged|10|suser=admin', 'cef:0|', 'CEF: 0|', 'CEF:1|a|b|c|d|e|1|',
  '<134>', '<134>1 2026-11-20T14:00:01.000Z EX01 msgtrk - - - ', '12 <14>', '%f:cef%', '#012', '#011', '$HOST', '%s%n',
  // Blanks and what is taken for one.
  ' ', '  ', '\t', '\r', ' \t ', '\u00a0', '\u3000', '\u1680', '\ufeff', '\v', '\f',
  // Line ends and directions of Unicode; what a terminal obeys.
  '\u2028', '\u2029', '\u0085', '\u009b', '\u202e', '\u2066', '\u200b', '\u200f', '\0', '\x01', '\x1b[31m', '\x1b]0;x\x07', '\x7f',
  // Quotes.
  '"', '""', "'", '`', '"a"', '","', ',', ';', '{"f":1}', '<x>', '&#61;', '%3D',
  // Texts, among them some that change their length when their case does.
  'abc', 'x', 'hello world', 'é', 'ß', 'İ', '€', '日本', '😀', '👩‍👩‍👧', 'e\u0301', 'user@example.com', '10.0.0.1', 'C:\\new\\table',
] // biome-ignore format: a list of texts

/** Beginnings without ends, ends without beginnings, overlong forms, surrogates: no UTF-8. */
const noText = [
  [0x80],
  [0xc3],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x98],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf5],
  [0xff],
]
const edges = [' ', '  ', '\t', '\\', '\\\\', '=', '|', '"', '\r', ' \\', '\u2028', '\u00a0']
const numbers = [
  '0', '00', '007', '0010', '1', '4711', '2147483647', '2147483648', '4294967296', '9007199254740993',
  '9223372036854775807', '9223372036854775808', '18446744073709551616', '99999999999999999999999', '-1', '+1', '1.5', '1e3', ' 8 ', '0x10', '١٢',
] // biome-ignore format: a list of texts
const addresses = [
  '10.0.0.1', '255.255.255.255', '0.0.0.0', '010.0.0.1', '10.0.0', '10.0.0.256', ' 10.0.0.1 ', '10.0.0.1 act=x',
  '::', '::1', 'fe80::1%12', 'fe80::1%eth0 cs1=x', '::ffff:192.0.2.1', '2001:db8::', '2001:DB8::A', '1::2::3', '12345::', ':', 'mail.example.com',
] // biome-ignore format: a list of texts
const events = [
  'RECEIVE',
  'SEND',
  'FAIL',
  'DELIVER',
  'HAREDIRECT',
  'SENDEXTERNAL',
  'receive',
  ' RECEIVE',
  'A|B',
  'A\\',
  '\\',
  '|',
  'a=b',
  'Ä',
]
const times = [
  '2026-11-20T14:00:01.037Z',
  '2026-12-31T23:59:59.999Z',
  '2024-02-29T00:00:00.000Z',
  '1999-01-01T00:00:00.001Z',
]
/** Where limits of values lie, in bytes. */
const limits = [31, 63, 100, 128, 512, 1023, 4000]

/** Logs of all layouts, which hold `count` records together. */
export function nastyLogs(seed: number, count: number): readonly NastyLog[] {
  return versions.map((version, index) => {
    const random = new Random(`${seed} ${version} nasty`)
    const columns = knownColumns[version]
    const each = count / versions.length
    const rows = Array.from({ length: each }, (_, row) => nastyRow(random, columns, index * each + row))
    const header = `#Version: ${logVersion}\r\n#Fields: ${columns.join(',')}\r\n`
    const lines = rows.map((row) => csvRow(columns.map((name) => row[name] ?? '')))
    return { version, rows, bytes: Buffer.concat([Buffer.from(header), ...lines]) }
  })
}

/** The number makes a record known, whatever a decoder does to its other fields. */
function nastyRow(random: Random, columns: readonly string[], number: number): Row {
  // One long value in some records; in a few nearly all, so that the limit of a message is met.
  const long = random.chance(0.02) ? 0.5 : random.chance(0.2) ? 0.06 : 0
  const row = Object.fromEntries(columns.map((name) => [name, value(random, name, long)]))
  return { ...row, 'internal-message-id': Buffer.from(String(700_000_000 + number)) }
}

function value(random: Random, name: string, long: number): Buffer {
  if (name === 'date-time') return Buffer.from(random.pick(times))
  const usual = usualOf(name)
  if (usual !== undefined && random.chance(0.7)) return Buffer.from(random.pick(usual))
  if (random.chance(0.15)) return Buffer.alloc(0)
  // A carriage return at the end of the last column is part of the line end.
  const text = random.chance(long) ? longText(random) : shortText(random)
  return name === 'schema-version' || name === 'custom-data' ? withoutEnd(text) : text
}

function usualOf(name: string): readonly string[] | undefined {
  if (name === 'total-bytes' || name === 'recipient-count') return numbers
  if (name.endsWith('-ip')) return addresses
  return name === 'event-id' ? events : undefined
}

function shortText(random: Random): Buffer {
  const parts = Array.from({ length: random.integer(1, 6) }, () => piece(random))
  const inner = Buffer.concat(parts)
  if (random.chance(0.1)) return Buffer.from(`"${inner.toString('latin1')}"`, 'latin1')
  const edge = () => Buffer.from(random.chance(0.25) ? random.pick(edges) : '')
  return Buffer.concat([edge(), inner, edge()])
}

/** Around a limit, with a blank, an escape or half a character where the cut falls. */
function longText(random: Random): Buffer {
  const limit = random.pick(limits)
  const filler = random.pick(['a', 'a b', 'é', '😀', '=', '\\', 'a\\ '])
  const before = Buffer.alloc(limit - random.integer(0, 5), filler)
  return Buffer.concat([
    before,
    Buffer.from(random.pick([' ', '  ', '\t', '\\', 'é', 'b'])),
    shortText(random),
  ])
}

function piece(random: Random): Buffer {
  if (random.chance(0.06)) return Buffer.from(random.pick(noText))
  if (random.chance(0.04)) return Buffer.of(random.pick([random.integer(0, 9), random.integer(11, 255)]))
  return Buffer.from(random.pick(pieces))
}

function withoutEnd(text: Buffer): Buffer {
  let end = text.length
  while (end > 0 && text[end - 1] === 0x0d) end--
  return text.subarray(0, end)
}
