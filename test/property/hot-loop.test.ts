/** The hot loop held against the encoder in TypeScript, which says what is right: the same bytes and counts. */

import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { BatchEncoder } from '../../src/encode/batch-encoder.ts'
import { ByteWriter } from '../../src/encode/byte-writer.ts'
import type { EncodeRows } from '../../src/encode/encoder.ts'
import { EventEncoder } from '../../src/encode/event-encoder.ts'
import { FrameEncoder, type FrameOptions } from '../../src/encode/frame-encoder.ts'
import type { ValueCounts } from '../../src/flow/batch.ts'
import type { Layout } from '../../src/flow/chunk.ts'
import type { ByteRun, EventPlan, Inputs, ValuePlan } from '../../src/flow/plan.ts'
import type { Records } from '../../src/flow/records.ts'
import { ENCODE_KNOWN } from '../../src/hot-loop/contract.ts'
import { WorkMemory } from '../../src/hot-loop/memory.ts'
import { createMapper, type MapperOptions } from '../../src/map/mapper.ts'
import { createParser } from '../../src/parse/parser.ts'
import { fieldText, trimBlanks } from '../../src/records/fields.ts'
import { holdsNoAddress, holdsRun, shapeOf } from '../../src/records/shape.ts'
import { isSameServer } from '../../src/records/writer.ts'
import { longRowOf, rowOf } from '../support/any-rows.ts'
import {
  type Bytes,
  chunkOf,
  csvRow,
  eventPlan,
  fixedHeader,
  layoutOf,
  plainLayout,
  valuePlan,
} from '../support/records.ts'
import { part, runs } from '../support/runs.ts'

const columns = 4
const layout = plainLayout(columns)

const piece = fc.oneof(
  fc.constantFrom(
    'a',
    'B',
    '1',
    '0',
    ' ',
    '\t',
    '=',
    '\\',
    '"',
    ',',
    ';',
    '|',
    '\r',
    '.',
    ':',
    'é',
    '€',
    '😀',
  ),
  fc
    .constantFrom('\0', '\x7f', '\x1f', 'CEF:', 'CEF:0', 'cef: 1', 'CE', 'F:', 'CEF:\t2', 'xCeF:9')
    .map((text) => text),
  fc.integer({ min: 0x80, max: 0xff }),
  fc.constantFrom('\u0085', '\u009b', '\u00a0', '\u2028', '\u202e', '\u2066', '\u061c', '\u200f'),
)
const bytesOf = (pieces: readonly (string | number)[]) =>
  Buffer.concat(pieces.map((one) => (typeof one === 'number' ? Buffer.of(one) : Buffer.from(one))))
const groups = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('0', 'db8', '2001', 'aF09', 'FFFF') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('12345', 'g', '@', '/', 'fe80 ', '192.0.2.1', ''),
    },
  ),
  { maxLength: 8 },
)
/** Valid ones, and such as are nearly. */
const ipv6 = fc
  .record({
    before: groups,
    gap: fc.oneof({ weight: 4, arbitrary: fc.constant('::') }, fc.constantFrom(':', '', ':::', '::1::')),
    after: groups,
    end: fc.oneof(
      { weight: 4, arbitrary: fc.constant('') },
      fc.constantFrom('%', '%12', '%a"b%é=', ':', ':%1', ' '),
    ),
  })
  .map(({ before, gap, after, end }) => `${before.join(':')}${gap}${after.join(':')}${end}`)
const number = (max: number) => fc.integer({ min: 0, max }).map(String)
const field: fc.Arbitrary<Bytes> = fc.oneof(
  fc.array(piece, { maxLength: 60 }).map(bytesOf),
  fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => text.replaceAll('\n', ' ')),
  fc.constantFrom(
    '',
    'SEND',
    'RECEIVE',
    ' ',
    '10.0.0.1',
    ' 10.0.0.1',
    '256.1.1.1',
    'fe80::1%4',
    '::1',
    '01',
    'x:y',
    'CEF:0|a|b|c|d|e|9|',
  ),
  ipv6,
  fc.tuple(number(300), number(300), number(300), number(300)).map((parts) => parts.join('.')),
  fc.constantFrom('2147483647', '2147483648', '0002147483647', '99999999999999999999', '000', '7', ' 8 '),
  fc
    .date({ min: new Date('1969-01-01'), max: new Date('2400-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.constantFrom('2026-02-29T00:00:00.000Z', '2024-02-29T23:59:59.999Z', '2026-13-01T00:00:00.000Z'),
  fc.constantFrom(
    '2026-11-20T24:00:00.000Z',
    '2026-11-20T14:00:00Z',
    '2026-11-20 14:00:00.000Z',
    '2026-11-2aT14:00:00.000Z',
  ),
)

const ofRow = fc.constant({
  derive: (records: Records, row: number) => `derived=${records.starts[row * columns]}`,
})
/** Bytes of which each is one of these characters; `^` for the beginning of a field. */
function aRun(characters: readonly string[]): ByteRun {
  const places = new Uint8Array(257)
  for (const [index, all] of characters.entries()) {
    for (const one of all) places[one === '^' ? 256 : one.charCodeAt(0)]! |= 1 << index
  }
  return { places, length: characters.length }
}
/** All values of a plan are of one layout. */
const sides = { source: 1, client: { name: 0, address: 1 }, server: { name: 2, address: 3 } }
/** Made of some columns, of the blankness or shape of others, and of the row where a text stands in yet another one. */
const inputs = fc.record({
  first: fc.integer({ min: -1, max: columns - 1 }),
  columns: fc.subarray([0, 1, 2, 3]),
  blanks: fc.subarray([0, 1, 2, 3]),
  shapes: fc.subarray([0, 1, 2, 3]),
  sides: fc.constantFrom(null, sides),
  unless: fc.array(
    fc.record({
      column: fc.nat(columns - 1),
      text: fc
        .constantFrom(
          'a',
          'SEND',
          '1.1',
          '::',
          null,
          aRun(['^=', 'a1 ', '09']),
          aRun(['0123456789', '.', '1']),
        )
        .map((text) => (typeof text === 'string' ? Buffer.from(text) : text)),
    }),
    { maxLength: 3 },
  ),
})
/** Made of all that these inputs allow for. */
const madeOf =
  ({ first, columns: whole, blanks, shapes, sides, unless }: Inputs) =>
  (records: Records, row: number): string => {
    const text = (column: number) => fieldText(records, row, column)
    const isBlank = (column: number) => /^[ \t]*$/.test(text(column))
    if (first >= 0 && !isBlank(first)) return text(first).replace(/^[ \t]+|[ \t]+$/g, '')
    const { bytes, starts, ends } = records
    const shape = (column: number) =>
      shapeOf(bytes, starts[row * columns + column]!, ends[row * columns + column]!)
    const isSame = sides !== null && isSameServer({ records, row }, sides)
    const seen = `${whole.map(text).join()}${blanks.map(isBlank).join()}${shapes.map(shape).join()}${isSame}${records.source}`
    const isMore = unless.some(({ column, text }) => {
      const index = row * columns + column
      const [start, end] = [starts[index]!, ends[index]!]
      if (text === null) return holdsNoAddress(bytes, start, end)
      return Buffer.isBuffer(text)
        ? bytes.subarray(start, end).includes(text)
        : holdsRun(bytes, start, end, text)
    })
    return isMore ? `${seen}${starts[row * columns]}` : seen.repeat(3)
  }
/** A copy of this column for half of all that these inputs tell apart, if it is not blank, else made of them. */
function copyOr(column: number, made: Inputs): Partial<ValuePlan> {
  const inputs = { ...made, blanks: [...new Set([...made.blanks, column])] }
  const make = madeOf(inputs)
  const textOf = (records: Records, row: number) => trimBlanks(fieldText(records, row, column))
  const isCopy = (records: Records, row: number) =>
    textOf(records, row) !== '' &&
    Buffer.from(make(records, row)).reduce((sum, byte) => sum + byte, 0) % 2 === 0
  return {
    inputs,
    derive: (records, row) => (isCopy(records, row) ? textOf : make)(records, row),
    chooses: (records, row) => (isCopy(records, row) ? column : -1),
  }
}
const ofInputs = fc.oneof(
  inputs.map((one) => ({ inputs: one, derive: madeOf(one) })),
  fc.tuple(fc.nat(columns - 1), inputs).map(([column, one]) => copyOr(column, { ...one, first: -1 })),
)
const value: fc.Arbitrary<ValuePlan> = fc
  .record({
    column: fc.nat(columns - 1),
    as: fc.constantFrom('text', 'text', 'text', 'integer', 'epoch-millis', 'ipv4', 'ipv6', 'ip'),
    maxBytes: fc.constantFrom(1, 2, 5, 31, 1023, 4000),
    when: fc.option(
      fc.record({
        column: fc.nat(columns - 1),
        values: fc.uniqueArray(fc.constantFrom('SEND', 'RECEIVE', '', 'é'), { minLength: 1 }),
        negate: fc.boolean(),
      }),
    ),
    label: fc.option(fc.constant({ key: 'cs1Label', text: 'A = label' })),
    overflowKey: fc.option(fc.constant('ad.true-value')),
    derived: fc
      .integer({ min: 0, max: 9 })
      .chain((n) => (n === 0 ? ofRow : n < 3 ? ofInputs : fc.constant({}))),
  })
  .map(({ derived, ...plan }) => {
    const max = plan.as === 'integer' ? 2n ** 31n - 1n : 0n
    return valuePlan({ ...plan, key: 'k', max, ...derived } as Partial<ValuePlan>)
  })
const values = fc.array(value, { maxLength: 5 })

const header = fc
  .array(fc.nat(columns - 1), { maxLength: 2 })
  .map((from) => ({ columns: from, fallback: 'x|y', maxBytes: 31 }))
const plan: fc.Arbitrary<EventPlan> = fc
  .record({
    fields: values,
    device: values,
    additional: values,
    header: fc.array(header, { minLength: 5, maxLength: 5 }),
    severity: fc.record({
      column: fc.integer({ min: -1, max: columns - 1 }),
      levels: fc.constant(new Map([['SEND', 7]])),
      default: fc.constant(3),
      derive: fc.constantFrom(null, null, (_: Records, row: number) => (row % 3) - 1),
    }),
    timeColumn: fc.integer({ min: -1, max: columns - 1 }),
  })
  .map(eventPlan)

const frame: fc.Arbitrary<FrameOptions> = fc.record({
  syslog: fc.record({
    header: fc.constantFrom('rfc3164', 'iso8601', 'rfc5424', 'none'),
    time: fc.constantFrom('event', 'event', 'send'),
    zone: fc.constantFrom('utc', 'utc', 'local'),
    facility: fc.constant('local0'),
    host: fc.constant(undefined),
  }),
  host: fc.constant('ex01'),
  framing: fc.constantFrom('lf', 'octet-counting', 'datagram'),
  maxMessageBytes: fc.constantFrom(200, 400, 65_536),
  protectHeader: fc.boolean(),
  unicodeControls: fc.constantFrom('keep', 'breaks', 'all'),
})

const sendTimeMs = Date.UTC(2026, 10, 22)

interface Encoded {
  readonly frames: string
  readonly ends: readonly number[]
  readonly counts: ValueCounts
}

/** What the encoder in TypeScript makes of these records. */
function expected(
  runs: readonly Records[],
  encoderOf: (layout: Layout) => EventEncoder,
  options: FrameOptions,
): Encoded {
  const out = new ByteWriter()
  const frame = new FrameEncoder(options)
  const ends: number[] = []
  const sum = { cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 }
  for (const records of runs) {
    const events = encoderOf(records.layout)
    for (let row = 0; row < records.count; row++) {
      frame.encode(events, records, row, out, sendTimeMs)
      ends.push(out.length)
      for (const count of ['cut', 'clamped', 'invalid', 'brokenHeaders'] as const)
        sum[count] += events.counts[count]
    }
  }
  return { frames: out.bytes.toString('latin1', 0, out.length), ends, counts: sum }
}

/** What the loop makes of them; `place` says where they lie. */
function encodedBy(
  loop: BatchEncoder,
  runs: readonly Records[],
  encoderOf: (layout: Layout) => EncodeRows,
  place = (records: Records) => records,
): Encoded {
  loop.begin(sendTimeMs)
  for (const records of runs) {
    const rows = Uint32Array.from({ length: records.count }, (_, row) => row)
    encoderOf(records.layout)(place(records), rows)
  }
  const { frames, ends, counts } = loop.end()
  return { frames: frames.toString('latin1'), ends: [...ends], counts }
}

/** The same records, but not in the memory of the loop. */
function elsewhere(records: Records): Records {
  const { bytes, starts, ends, flags } = records
  return {
    ...records,
    bytes: Buffer.from(bytes),
    starts: starts.slice(),
    ends: ends.slice(),
    flags: Uint8Array.from(flags),
  }
}

/** Encodes a chunk twice, in the loop and outside of it. */
function both(
  memory: WorkMemory,
  from: EventPlan,
  options: FrameOptions,
  bytes: Buffer,
  of: Layout = layout,
) {
  const { runs } = createParser(memory)(chunkOf(bytes, of))
  const loop = new BatchEncoder(memory, options)
  const prepared = loop.prepare(from)
  return [
    encodedBy(loop, runs, () => prepared),
    expected(runs, () => new EventEncoder(from, options.unicodeControls), options),
  ]
}

const syslog: FrameOptions['syslog'] = {
  header: 'none',
  time: 'event',
  zone: 'utc',
  facility: 'local0',
  host: undefined,
}

test('any plan, any options, any rows', () => {
  fc.assert(
    fc.property(
      plan,
      frame,
      fc.array(fc.array(field, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 6 }),
      (from, options, rows) => {
        const [loop, reference] = both(
          new WorkMemory(),
          from,
          options,
          Buffer.concat(rows.map((row) => csvRow(row))),
        )
        expect(loop).toEqual(reference)
      },
    ),
    { numRuns: runs(600) },
  )
})

test('any IPv6 address, and what is nearly one', () => {
  const from = eventPlan({
    fields: (['ipv6', 'ip', 'ipv4'] as const).map((as) => valuePlan({ key: as, as, column: 0 })),
  })
  const options: FrameOptions = { syslog, host: 'h', framing: 'lf', maxMessageBytes: 65_536 }
  fc.assert(
    fc.property(fc.array(fc.oneof(ipv6, fc.ipV6()), { minLength: 20, maxLength: 40 }), (addresses) => {
      const rows = addresses.map((address) => csvRow([address, '', '', '']))
      const [loop, reference] = both(new WorkMemory(), from, options, Buffer.concat(rows))
      expect(loop).toEqual(reference)
    }),
    { numRuns: runs(150) },
  )
})

test('an address as Exchange writes it is left to nobody else', () => {
  const writeValue = vi.spyOn(EventEncoder.prototype, 'writeValue')
  const addresses = ['10.0.0.1', '2001:db8::1', 'FE80::1:2:3:4%12', '1:2:3:4:5:6:7:8', '::1', '::']
  const from = eventPlan({
    fields: (['ipv6', 'ip', 'ipv6', 'ipv4'] as const).map((as, index) =>
      valuePlan({ key: `k${index}`, as, column: 0 }),
    ),
  })
  const options: FrameOptions = { syslog, host: 'h', framing: 'lf', maxMessageBytes: 65_536 }
  const rows = addresses.map((address) => csvRow([address, '', '', '']))
  const [loop, reference] = both(new WorkMemory(), from, options, Buffer.concat(rows))
  expect(loop).toEqual(reference)
  expect(writeValue).not.toHaveBeenCalled()
  writeValue.mockRestore()
})

test('what was made before of the same fields, in rows of several sources', () => {
  const options: FrameOptions = { syslog, host: 'h', framing: 'lf', maxMessageBytes: 65_536 }
  const texts = fc.constantFrom(
    '',
    ' ',
    '\t',
    'SEND',
    'RECEIVE',
    'a"b',
    'a""b',
    'SENDa',
    'send.a',
    '::1',
    '127.0.0.1',
    'é',
    'SMTP',
    'x'.repeat(25),
    'x'.repeat(200),
  )
  const row = fc.array(texts, { minLength: columns, maxLength: columns })
  // Without quotes around it, a doubled quote is two.
  const written = fc.oneof(
    row.map((texts) => csvRow(texts)),
    row.map((texts) => Buffer.from(`${texts.join()}\n`)),
  )
  const chunk = fc.array(written, { minLength: 30, maxLength: 60 }).map((rows) => Buffer.concat(rows))
  const severity = inputs.map((one) => {
    const inputs = { ...one, first: -1 }
    const text = madeOf(inputs)
    const derive = (records: Records, row: number) => text(records, row).length % 11
    return { column: 0, levels: new Map(), default: 3, inputs, derive }
  })
  const values = fc.array(ofInputs, { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(values, severity, chunk, chunk, (made, severity, first, second) => {
      const fields = made.map((one) => valuePlan({ column: -1, ...one }))
      const from = eventPlan({ fields, severity })
      const memory = new WorkMemory()
      const loop = new BatchEncoder(memory, options)
      const prepared = loop.prepare(from)
      const parse = createParser(memory)
      const chunks = { a: first, b: second, c: first }
      for (const [source, bytes] of Object.entries(chunks)) {
        const runs = parse(chunkOf(bytes, layout)).runs.map((records) => ({ ...records, source }))
        const right = expected(runs, () => new EventEncoder(from, options.unicodeControls), options)
        expect(encodedBy(loop, runs, () => prepared)).toEqual(right)
      }
    }),
    { numRuns: runs(150) },
  )
})

test.each([
  ['that nothing is made of', []],
  ['that another value is made of', [1]],
])('what was made before is not taken where a text stands in a column %s', (_, columns) => {
  const options: FrameOptions = { syslog, host: 'h', framing: 'lf', maxMessageBytes: 65_536 }
  const none = { first: -1, columns: [], blanks: [], shapes: [], sides: null, unless: [] }
  const inputs = { ...none, columns: [0], unless: [{ column: 1, text: Buffer.from('x') }] }
  const derive = vi.fn(madeOf(inputs))
  const other = { ...none, columns }
  const from = eventPlan({
    fields: [
      valuePlan({ column: -1, derive, inputs }),
      valuePlan({ column: -1, derive: madeOf(other), inputs: other }),
    ],
  })
  // Texts in what comes once, and in what is known by then.
  const texts = ['b', 'b', 'b', 'b', 'b', 'x1', '2x', 'x', 'x', 'x', 'x', 'b', 'x3']
  const memory = new WorkMemory()
  const bytes = Buffer.concat(texts.map((text) => csvRow(['a', text, '', ''])))
  const { runs } = createParser(memory)(chunkOf(bytes, layout))
  const loop = new BatchEncoder(memory, options)
  const prepared = loop.prepare(from)
  const made = encodedBy(loop, runs, () => prepared)
  // Else nothing was kept.
  expect(derive.mock.calls.length).toBeLessThan(texts.length)
  expect(made).toEqual(expected(runs, () => new EventEncoder(from), options))
})

test('that a row has no such value is not taken for true where a text stands, or another column has it', () => {
  const options: FrameOptions = { syslog, host: 'h', framing: 'lf', maxMessageBytes: 65_536 }
  const none = { first: -1, columns: [0], blanks: [], shapes: [], sides: null, unless: [] }
  const ofText = { ...none, unless: [{ column: 1, text: Buffer.from('x') }] }
  const derive = vi.fn((records: Records, row: number) =>
    fieldText(records, row, 1).includes('x') ? 'x' : '',
  )
  const orFirst = { ...none, first: 2 }
  const second = (records: Records, row: number) => trimBlanks(fieldText(records, row, 2))
  const from = eventPlan({
    fields: [
      valuePlan({ column: -1, derive, inputs: ofText }),
      valuePlan({ column: -1, derive: second, inputs: orFirst }),
      valuePlan({ column: -1, derive: madeOf(none), inputs: none }),
      valuePlan({ column: -1, derive: madeOf(none), inputs: none }),
    ],
  })
  const texts = [...new Array<string>(9).fill(','), 'x,', ',b', '1x,c', ', ', ',', 'x, b']
  const rows = texts.map((text) => csvRow(['a', ...text.split(','), '']))
  const [loop, reference] = both(new WorkMemory(), from, options, Buffer.concat(rows))
  expect(loop).toEqual(reference)
  // Else nothing was kept.
  expect(derive.mock.calls.length).toBeLessThan(2 * texts.length - 5)
})

test.each([
  ['all columns', sides],
  ['no source', { ...sides, source: -1 }],
  ['no address of the client', { ...sides, client: { name: 0, address: -1 } }],
  ['no names', { ...sides, client: { name: -1, address: 1 }, server: { name: -1, address: 3 } }],
])('whether both sides are one server, in a layout with %s', (_, sides) => {
  const options: FrameOptions = { syslog, host: 'h', framing: 'lf', maxMessageBytes: 65_536 }
  const inputs = { first: -1, columns: [], blanks: [], shapes: [], sides, unless: [] }
  const derive = vi.fn((records: Records, row: number) => `${isSameServer({ records, row }, sides)}`)
  const names = [
    '',
    ' ',
    'ex01',
    'EX01 ',
    'eX01.x',
    'ex0',
    'ex01x.x',
    'ex01.x.y',
    'é',
    'É',
    'x'.repeat(40),
    `${'X'.repeat(40)}.x`,
  ]
  const addresses = ['', 'SMTP', ' SMTP', '::1', '::1%5', '127.0.0.2', 'fE80::1%4', 'Fe80::1 ', '%', '[', '{']
  const pairs = names.flatMap((name) => addresses.map((address) => [name, address]))
  const rows = pairs.flatMap((one) => pairs.map((other) => csvRow([...one, ...other])))
  const from = eventPlan({ fields: [valuePlan({ column: -1, derive, inputs })] })
  const [loop, reference] = both(new WorkMemory(), from, options, Buffer.concat(rows))
  expect(loop).toEqual(reference)
  // Once for each row by the judge; where letters beyond ASCII stand it is asked for in the loop as well.
  expect(derive.mock.calls.length).toBeLessThan(rows.length * 1.5)
})

/** How often a value is made of column 0, half of which comes once, in rows with `others` made of column 1 besides. */
function timesMade(others: number): number {
  const made = vi.fn((records: Records, row: number) => fieldText(records, row, 0))
  // It stands in none of the fields, but across the end of one.
  const unless = [{ column: 2, text: Buffer.from('x,') }]
  const inputs = { first: -1, columns: [0], blanks: [], shapes: [], sides: null, unless }
  const other = valuePlan({
    column: -1,
    derive: (records, row) => fieldText(records, row, 1),
    inputs: { ...inputs, columns: [1] },
  })
  const fields = [
    valuePlan({ column: -1, derive: made, inputs }),
    ...new Array<ValuePlan>(others).fill(other),
  ]
  const from = eventPlan({ fields })
  const rows = Array.from({ length: 40_000 }, (_, row) => {
    const often = `${row % 600}`
    return csvRow([row % 2 === 0 ? often : `once ${row}`, `${row}`.padEnd(100, 'y'), 'xx', ''])
  })
  const memory = new WorkMemory()
  const { runs } = createParser(memory)(chunkOf(Buffer.concat(rows), layout))
  const loop = new BatchEncoder(memory, { syslog, host: 'h', framing: 'lf', maxMessageBytes: 65_536 })
  const prepared = loop.prepare(from)
  const { ends } = encodedBy(loop, runs, () => prepared)
  expect(ends).toHaveLength(40_000)
  return made.mock.calls.length
}

test('what comes often is made about once, also among much that comes once', () => {
  expect(timesMade(0)).toBeLessThan(24_500)
})

test('what is too long to be kept drives out nothing', () => {
  // Where things lie differs, and so what is in the place of another one.
  expect(timesMade(4)).toBeLessThan(timesMade(0) * 1.05)
})

test('numbers of what is known begin anew, and nothing that was kept by the old ones is found', () => {
  const options: FrameOptions = { syslog, host: 'h', framing: 'lf', maxMessageBytes: 65_536 }
  const inputs = { first: -1, columns: [0, 1], blanks: [], shapes: [], sides: null, unless: [] }
  const derive = (records: Records, row: number) =>
    `${fieldText(records, row, 0)}+${fieldText(records, row, 1)}`
  const from = eventPlan({ fields: [valuePlan({ column: -1, derive, inputs })] })
  const memory = new WorkMemory()
  const loop = new BatchEncoder(memory, options)
  const prepared = loop.prepare(from)
  const encoded = (texts: readonly string[]) => {
    const rows = [...texts, ...texts, ...texts].map((text, row) => csvRow([text, `${row % 7}`, '', '']))
    const { runs } = createParser(memory)(chunkOf(Buffer.concat(rows), layout))
    expect(encodedBy(loop, runs, () => prepared)).toEqual(
      expected(runs, () => new EventEncoder(from), options),
    )
  }
  const some = (prefix: string) => Array.from({ length: 700 }, (_, index) => `${prefix}${index}`)
  encoded(some('a'))
  const lastNumber = memory.encodeJob.get(ENCODE_KNOWN) / 4
  expect(memory.words[lastNumber]).toBeGreaterThan(100)
  memory.words[lastNumber] = 0xffff_ffef - 0xffff - 50
  encoded(some('b'))
  expect(memory.words[lastNumber]).toBeLessThan(2000)
  encoded(some('a'))
  encoded(some('c'))
})

test.each(['2016', '2010'] as const)('the built-in table for %s, over rows as they are logged', (version) => {
  const of = layoutOf(version, '15.01.2507.006')
  const from = createMapper({ mapping: 'auto', cefVersion: 0, additionalData: 'arcsight' }).planFor(of)
  const rows = fc.array(fc.oneof(rowOf(of), longRowOf(of)), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(rows, frame, (written, options) => {
      const bytes = Buffer.concat(written.map((row) => csvRow(of.columns.map((name) => row[name] ?? ''))))
      const [loop, reference] = both(new WorkMemory(), from, options, bytes, of)
      expect(loop).toEqual(reference)
    }),
    { numRuns: runs(100) },
  )
})

test('values that no row holds, of the source and of the agent', () => {
  const of = layoutOf('2016', '15.01.2507.006')
  const text = fc.stringMatching(/^[ -~é€\n\r]{1,24}$/)
  const given = fc.record({ customerURI: text, deviceExternalId: text, cs6: text, cs6Label: text, msg: text })
  const rows = fc.array(fc.oneof(rowOf(of), longRowOf(of)), { minLength: 1, maxLength: 4 })
  const host = fc.constantFrom('server', 'source', undefined)
  fc.assert(
    fc.property(rows, given, text, host, frame, (written, constants, ahost, named, options) => {
      const sentBy = { host: ahost, address: '192.0.2.1', version: '1', id: 'a=b', zone: 'Europe/Berlin' }
      const sourceFields = new Map([['ex01', constants]])
      const from = createMapper({
        mapping: 'auto',
        cefVersion: 0,
        additionalData: 'arcsight',
        categories: 'arcsight',
        sentBy,
        sourceFields,
      }).planFor(of)
      const bytes = Buffer.concat(written.map((row) => csvRow(of.columns.map((name) => row[name] ?? ''))))
      const one = { ...options, syslog: { ...options.syslog, host: named } }
      const [loop, reference] = both(new WorkMemory(), from, one, bytes, of)
      expect(loop).toEqual(reference)
      expect(reference?.frames).toContain(' art=')
    }),
    { numRuns: runs(100) },
  )
})

test.each(['exchange-modern', 'exchange-hunting'])(
  '%s, over rows that say the same few things in other combinations',
  (mapping) => {
    const of = layoutOf('2016', '15.01.2507.006')
    const from = createMapper({
      mapping,
      organisation: { domains: ['example'], connectors: ['To the Internet'] },
      cefVersion: 0,
      additionalData: 'arcsight',
    }).planFor(of)
    const host = fc.constantFrom('', ' ', 'ex01', 'EX01.x.example', 'mx.example', 'é', 'a""b')
    const ip = fc.constantFrom(
      '',
      '10.0.0.1',
      '192.0.2.7',
      '2001:db8::1',
      '2001:DB8::1%4',
      '127.0.0.1',
      'mx.example',
    )
    const row = fc.record({
      'event-id': fc.constantFrom(
      'RECEIVE', 'SEND', 'SENDEXTERNAL', 'FAIL', 'DEFER', 'BADMAIL', ' SEND', '', 'DROP', 'DSN', 'SUBMIT', 'HAREDIRECTFAIL',
    ), // biome-ignore format: a list of words
      source: fc.constantFrom('SMTP', 'STOREDRIVER', 'MAILBOXRULE', ''),
      'connector-id': fc.constantFrom('', 'EX01\\In', 'To the Internet'),
      'source-context': fc.constantFrom('', 'Failure', 'none'),
      'message-info': fc.constantFrom('', '<a@b>:<550 5.1.1 no>', '00A: '),
      'client-ip': ip,
      'server-ip': ip,
      'original-client-ip': ip,
      'client-hostname': host,
      'server-hostname': host,
      directionality: fc.constantFrom('Incoming', 'Originating', ''),
      'recipient-address': fc.constantFrom('', 'a@b.example', 'a@example;b@x.example'),
      'sender-address': fc.constantFrom('', 'a@example', 'b@x.example'),
      'return-path': fc.constantFrom('<>', 'a@example'),
      'recipient-status': fc.constantFrom(
        '',
        '250 2.1.5 OK',
        '550 5.1.1 no',
        '[{LED=450 4.2.1 later}]',
        '[{LED=250 2.1.5 RESOLVER.FWD.Forwarded; x}]',
      ),
      'custom-data': fc.constantFrom(
        '',
        'S:A=1',
        'S:ProxiedClientIPAddress=10.1.2.3',
        'S:ProxiedClientIPAddress=',
        'S:ProxiedClientHostname=h.example',
        'S:TRA=ETR|ruleId=r;S:E2ELatency=1.5;S:AMA=EV|engine=M|v=1|name=x',
      ),
      'log-id': fc.constantFrom('', 'x'.repeat(40), 'x'.repeat(41)),
    } satisfies Record<string, fc.Arbitrary<string>>)
    const options: FrameOptions = { syslog, host: 'h', framing: 'lf', maxMessageBytes: 65_536 }
    fc.assert(
      fc.property(fc.array(row, { minLength: 200, maxLength: 300, size: 'max' }), (rows) => {
        const written = rows.map((row: Readonly<Record<string, string>>) =>
          csvRow(of.columns.map((name) => row[name] ?? '')),
        )
        const [loop, reference] = both(new WorkMemory(), from, options, Buffer.concat(written), of)
        expect(loop).toEqual(reference)
      }),
      { numRuns: runs(30) },
    )
  },
)

/** Few of them, so that rendered headers are found again. */
const version = fc.constantFrom('15.01.2507.006', '15.02.1544.004', '08.01.0240.005', '')
const knownLayout = fc.tuple(fc.constantFrom('2007', '2010', '2013', '2016'), version).map(([of, from]) =>
  // Each chunk that comes from another thread has a layout of its own.
  layoutOf(of, from),
)
/** A row of any version, as Exchange writes it, or with quotes where none belong, or no row at all. */
const line = knownLayout.chain((of) =>
  fc
    .record({
      row: fc.oneof({ weight: 4, arbitrary: rowOf(of) }, { weight: 1, arbitrary: longRowOf(of) }),
      stray: fc.option(fc.tuple(fc.nat(of.columns.length - 1), fc.constantFrom('a"b', 'a"b"c=', '"')), {
        freq: 3,
      }),
      end: fc.constantFrom('\r\n', '\n', '\r\n\r\n', '\ntorn\r\n'),
    })
    .map(({ row, stray, end }) => {
      const fields = of.columns.map((name) => csvRow([row[name] ?? ''], ''))
      if (stray !== null) fields[stray[0]] = Buffer.from(stray[1])
      return Buffer.concat([
        fields.reduce((all, one) => Buffer.concat([all, Buffer.from(','), one])),
        Buffer.from(end),
      ])
    }),
)
const someChunk = fc.record({
  of: fc.option(knownLayout, { freq: 5 }),
  bytes: fc.array(line, { maxLength: 5 }).map((lines) => Buffer.concat(lines)),
  place: fc.constantFrom((records: Records) => records, elsewhere),
})
const mapperOptions: fc.Arbitrary<MapperOptions> = fc.record({
  mapping: fc.constantFrom('auto', 'exchange-modern', 'exchange-hunting', 'exchange-2013', 'exchange-2007'),
  organisation: fc.constantFrom(undefined, { domains: ['example.com'], connectors: ['To the Internet'] }),
  cefVersion: fc.constantFrom(0, 1),
  additionalData: fc.constantFrom('arcsight', 'camel', 'plain'),
  rawEvent: fc.constantFrom('none', 'field', 'additional'),
  linksEvents: fc.boolean(),
})

test('chunk after chunk in the same memory, of several layouts and with irregular rows', () => {
  fc.assert(
    fc.property(
      mapperOptions,
      frame,
      fc.constantFrom(1024, 2048, 65_536, 2 ** 32 - 1),
      fc.array(someChunk, { minLength: 1, maxLength: 4 }),
      (table, { maxMessageBytes: _, ...others }, maxMessageBytes, chunks) => {
        const options = { ...others, maxMessageBytes }
        const memory = new WorkMemory()
        const loop = new BatchEncoder(memory, options)
        const parse = createParser(memory)
        const { planFor } = createMapper(table)
        const prepared = new Map<EventPlan, EncodeRows>()
        const encoderOf = (of: Layout) => {
          const plan = planFor(of)
          const encoder = prepared.get(plan) ?? loop.prepare(plan)
          prepared.set(plan, encoder)
          return encoder
        }
        for (const { of, bytes, place } of chunks) {
          const { runs } = parse(chunkOf(bytes, of))
          const right = expected(
            runs,
            (each) => new EventEncoder(planFor(each), options.unicodeControls),
            options,
          )
          expect(encodedBy(loop, runs, encoderOf, place)).toEqual(right)
        }
      },
    ),
    { numRuns: runs(40) },
  )
})

test('more plans than there is room for, taking turns', () => {
  const options: FrameOptions = { syslog, host: 'h', framing: 'lf', maxMessageBytes: 65_536 }
  const memory = new WorkMemory()
  const encode = vi.spyOn(memory, 'encode')
  const loop = new BatchEncoder(memory, options)
  const parse = createParser(memory)
  const plans = Array.from({ length: 40 }, (_, index) =>
    eventPlan({
      header: [
        ...Array.from({ length: 4 }, () => ({ columns: [0], fallback: '', maxBytes: 31 })),
        fixedHeader(`name ${index}`),
      ],
      fields: [
        valuePlan({ key: `key${index}`, column: 1, label: { key: 'label', text: 'x'.repeat(50_000) } }),
        valuePlan({
          key: 'n',
          column: -1,
          derive: () => `${index}`,
          inputs: { first: -1, columns: [], blanks: [], shapes: [], sides: null, unless: [] },
        }),
      ],
    }),
  )
  const encoders = plans.map((from) => loop.prepare(from))
  for (let turn = 0; turn < 200; turn++) {
    const index = (turn * 7) % plans.length
    const { runs } = parse(chunkOf(Buffer.from(`id,a=b,,\nid${index},${turn},,\n`), layout))
    const right = expected(runs, () => new EventEncoder(plans[index]!), options)
    expect(encodedBy(loop, runs, () => encoders[index]!)).toEqual(right)
  }
  // Else it would not be the loop that is tested.
  expect(encode).toHaveBeenCalledTimes(200)
})

test('records that were rewritten have room in the memory of the loop as soon as it was missed', () => {
  const options: FrameOptions = { syslog, host: 'h', framing: 'lf', maxMessageBytes: 65_536 }
  const memory = new WorkMemory()
  const encode = vi.spyOn(memory, 'encode')
  const loop = new BatchEncoder(memory, options)
  const parse = createParser(memory)
  const from = eventPlan({ fields: [valuePlan({ column: 2 })] })
  const prepared = loop.prepare(from)
  const bytes = Buffer.concat(
    Array.from({ length: 60_000 }, (_, row) => csvRow(['', '', `a=${row}`, 'x'.repeat(90)])),
  )
  for (const isHere of [false, true]) {
    const { runs } = parse(chunkOf(bytes, layout))
    const right = expected(runs, () => new EventEncoder(from, options.unicodeControls), options)
    const made = encodedBy(loop, runs, () => prepared, elsewhere)
    expect(made.ends).toEqual(right.ends)
    expect(made.frames === right.frames).toBe(true)
    expect(encode.mock.calls.length > 0).toBe(isHere)
  }
})

const long = (size: number) => '='.repeat(size)
test.each<[string, EventPlan]>([
  [
    'header',
    eventPlan({
      header: Array.from({ length: 5 }, () => ({ columns: [0], fallback: '', maxBytes: 20_000 })),
    }),
  ],
  [
    'labels, values and numbers',
    eventPlan({
      fields: Array.from({ length: 40 }, (_, index) =>
        valuePlan({
          key: `k${index}`,
          column: 1,
          maxBytes: 5000,
          label: { key: long(300), text: long(3000) },
        }),
      ),
      additional: Array.from({ length: 20 }, () =>
        valuePlan({ key: 'n', column: 2, as: 'integer', maxBytes: 20, max: 9n, overflowKey: long(500) }),
      ),
    }),
  ],
])('the longest %s of a row fill no more than is reserved for it', (_, from) => {
  const host = 'h'.repeat(255)
  const options: FrameOptions = {
    syslog: { ...syslog, header: 'rfc5424', host },
    host,
    framing: 'octet-counting',
    maxMessageBytes: 2 ** 32 - 1,
  }
  const row = csvRow(['|'.repeat(20_000), long(5000), '9'.repeat(4000), ''])
  const none = csvRow(['', '', '', ''])
  // Wherever the last of them begins that is said to fit.
  for (const before of part([0, 500, 1000, 1500, 2000, 2500, 3000, 3500])) {
    const rows = [...Array.from({ length: before }, () => none), ...Array.from({ length: 25 }, () => row)]
    const [loop, reference] = both(new WorkMemory(), from, options, Buffer.concat(rows))
    expect(loop!.ends).toEqual(reference!.ends)
    expect(loop!.frames === reference!.frames).toBe(true)
  }
})

test('bytes that are no time are none in the header either, before the first time was seen', () => {
  const from = eventPlan({ timeColumn: 0 })
  const zeros = `${'\0'.repeat(11)}00:00:00.000Z`
  for (const header of ['rfc3164', 'rfc5424'] as const) {
    const options: FrameOptions = {
      syslog: { ...syslog, header },
      host: 'h',
      framing: 'lf',
      maxMessageBytes: 65_536,
    }
    const row = Buffer.from(`${zeros},,,\n${zeros},,,\n`)
    const [loop, reference] = both(new WorkMemory(), from, options, row)
    expect(loop).toEqual(reference)
    expect(loop!.frames).not.toContain('\0')
  }
})

test.each(['utc', 'local'] as const)(
  'headers that were made before, behind times in %s and what is none',
  (zone) => {
    const options: FrameOptions = {
      syslog: { ...syslog, header: 'rfc3164', zone },
      host: 'h',
      framing: 'lf',
      maxMessageBytes: 65_536,
    }
    const times = ['2026-11-20T14:00:00.000Z', 'no time', '2026-11-20T15:00:00.000Z', '']
    const rows = Array.from({ length: 40 }, (_, row) => csvRow([times[row % 4]!, `${row % 2}`, 'c', 'd']))
    const header = Array.from({ length: 5 }, () => ({ columns: [1], fallback: 'x', maxBytes: 31 }))
    const [loop, reference] = both(
      new WorkMemory(),
      eventPlan({ header, timeColumn: 0 }),
      options,
      Buffer.concat(rows),
    )
    expect(loop).toEqual(reference)
  },
)

test('a batch that outgrows the memory of the loop', () => {
  const from = eventPlan({ fields: [valuePlan({ key: 'msg', maxBytes: 4000 })] })
  const options = {
    syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0', host: undefined },
    host: 'h',
    framing: 'lf',
    maxMessageBytes: 65_536,
  } as const
  const rows = Array.from({ length: 70_000 }, (_, row) => csvRow([`${row}${'='.repeat(100)}`, '', '', '']))
  const [loop, reference] = both(new WorkMemory(), from, options, Buffer.concat(rows))
  expect(loop!.ends).toEqual(reference!.ends)
  expect(loop!.frames === reference!.frames).toBe(true)
  expect(loop!.ends).toHaveLength(70_000)
})
