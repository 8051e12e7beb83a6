/** Records that no honest mail makes: what fast-check puts into the columns of a log. */
import fc from 'fast-check'
import type { Layout } from '../../src/flow/chunk.ts'

const nasty = [
  '"', ',', '""', "'", ' ', '  ', '\t', '\r', '\\', '\\\\', '\\n', '=', '\\=', '|', '\\|', '\0', '\x01', '\x1b[31m',
  '\x7f', ' cs1=', ' act=', '|CEF:0|a|b|c|d|e|9|', 'CEF:', 'CEF:1', 'cef: 0', '<134>', '\r<134>', 'é', '€', '😀', '\ufeff', '\u2028', '\x85', 'n',
] // biome-ignore format: a list of texts
/** Beginnings without ends, ends without beginnings, overlong forms, surrogates: no UTF-8. */
const broken = [[0x80], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xff]]

const piece: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...nasty).map((text) => Buffer.from(text)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('abc', 'x', '10.0.0.1', 'user@example.com').map((text) => Buffer.from(text)),
  },
  { weight: 1, arbitrary: fc.constantFrom(...broken).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }).map((byte) => Buffer.of(byte)) },
)
const short = fc.array(piece, { maxLength: 8 }).map((pieces) => Buffer.concat(pieces))
/** Words, so that a cut falls on the blanks between them. */
const words = fc.constantFrom('a b  c \t', 'é \t\t').map((text) => Buffer.from(text))
const long = fc
  .tuple(
    short,
    fc.oneof({ weight: 3, arbitrary: piece }, { weight: 1, arbitrary: words }),
    fc.integer({ min: 20, max: 5000 }),
  )
  .map(([start, filler, size]) => Buffer.concat([start, Buffer.alloc(size, filler)]))
const withoutLineFeed = (bytes: Buffer) => bytes.filter((byte) => byte !== 0x0a) as Buffer
const longBytes = long.map(withoutLineFeed)
const anyBytes = fc
  .oneof({ weight: 12, arbitrary: short }, { weight: 1, arbitrary: long })
  .map(withoutLineFeed)

const texts = (...values: string[]) => fc.constantFrom(...values).map((text) => Buffer.from(text))
const number = fc.oneof(
  fc.bigInt({ min: 0n, max: 10n ** 22n }).map((value) => Buffer.from(`${value}`)),
  texts(
    '0',
    '007',
    '2147483647',
    '2147483648',
    '9223372036854775807',
    '9223372036854775808',
    '-1',
    '1.5',
    ' 8 ',
  ),
)
const address = fc.oneof(
  fc.ipV4().map((text) => Buffer.from(text)),
  fc.ipV6().map((text) => Buffer.from(text)),
  texts(
    'fe80::1%12',
    'fe80::1%eth0 cs1=x',
    '::ffff:192.0.2.1',
    '010.0.0.1',
    'mail.example.com',
    ' 10.0.0.1 ',
    ':',
  ),
)
/** A row with any other date-time is malformed. */
const time = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
      .map((date) => Buffer.from(date.toISOString())),
  },
  {
    weight: 1,
    arbitrary: texts(
      '2026-11-20T00:00:00Z',
      '2026-11-20T00:00:00',
      '2026-11-20T23:59:59.1',
      '2024-02-29T00:00:00.0123456Z',
    ),
  },
)
const event = texts('RECEIVE', 'SEND', 'FAIL', 'HAREDIRECT', '"RECEIVE"', 'receive', ' SEND')

/** Nearly always what belongs there, now and then anything. */
const usually = (usual: fc.Arbitrary<Buffer>) =>
  fc.oneof({ weight: 4, arbitrary: usual }, { weight: 2, arbitrary: anyBytes })
const ofKind: Readonly<Record<string, fc.Arbitrary<Buffer>>> = {
  'date-time': time,
  'total-bytes': usually(number),
  'recipient-count': usually(number),
  'client-ip': usually(address),
  'server-ip': usually(address),
  'original-client-ip': usually(address),
  'event-id': usually(event),
}

/** A record: the bytes of each column by its name. */
export type Row = Readonly<Record<string, Buffer>>
/** Records of a layout: any bytes in any column, in typed ones mostly what belongs there. */
export const rowOf = ({ columns }: Layout): fc.Arbitrary<Row> =>
  fc.record(Object.fromEntries(columns.map((name) => [name, ofKind[name] ?? anyBytes])))

/** As `rowOf`, with long values in most columns. */
export const longRowOf = ({ columns }: Layout): fc.Arbitrary<Row> =>
  fc.record(
    Object.fromEntries(
      columns.map((name) => [
        name,
        name === 'date-time' ? time : fc.oneof(ofKind[name] ?? longBytes, longBytes),
      ]),
    ),
  )
