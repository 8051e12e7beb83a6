/** The hot loop held against the encoder in TypeScript, which says what is right: the same bytes and counts. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BatchEncoder } from '../../src/encode/batch-encoder.ts'
import type { FrameOptions } from '../../src/encode/frame-encoder.ts'
import { createMapper } from '../../src/map/mapper.ts'
import { createParser } from '../../src/parse/parser.ts'
import type { EventPlan, Layout, Records, ValuePlan } from '../../src/types.ts'
import { WorkMemory } from '../../src/work-memory.ts'
import { longRowOf, rowOf } from '../support/any-rows.ts'
import {
  type Bytes,
  chunkOf,
  csvRow,
  eventPlan,
  layoutOf,
  plainLayout,
  valuePlan,
} from '../support/records.ts'

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
  fc.constantFrom('\0', '\x7f', '\x1f').map((text) => text),
  fc.integer({ min: 0x80, max: 0xff }),
)
const bytesOf = (pieces: readonly (string | number)[]) =>
  Buffer.concat(pieces.map((one) => (typeof one === 'number' ? Buffer.of(one) : Buffer.from(one))))
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
  ),
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
    derived: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  })
  .map(({ derived, ...plan }) =>
    valuePlan({
      ...plan,
      key: 'k',
      max: plan.as === 'integer' ? 2n ** 31n - 1n : 0n,
      derive: derived ? (records, row) => `derived=${records.starts[row * columns]}` : null,
    } as Partial<ValuePlan>),
  )
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
    header: fc.constantFrom('rfc3164', 'rfc5424', 'none'),
    time: fc.constantFrom('event', 'event', 'send'),
    zone: fc.constantFrom('utc', 'utc', 'local'),
    facility: fc.constant('local0'),
    host: fc.constant(undefined),
  }),
  host: fc.constant('ex01'),
  framing: fc.constantFrom('lf', 'octet-counting', 'datagram'),
  maxMessageBytes: fc.constantFrom(200, 400, 65_536),
})

/** The same records, but not in the memory of the loop. */
function elsewhere(records: Records): Records {
  return {
    ...records,
    bytes: Buffer.from(records.bytes),
    starts: records.starts.slice(),
    ends: records.ends.slice(),
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
  const reference = new BatchEncoder(new WorkMemory(), options)
  const encoders = [
    { encoder: loop, place: (records: Records) => records },
    { encoder: reference, place: elsewhere },
  ]
  return encoders.map(({ encoder, place }) => {
    const prepared = encoder.prepare(from)
    encoder.begin(Date.UTC(2026, 10, 22))
    for (const records of runs) {
      const odd = Uint32Array.from({ length: records.count }, (_, row) => row)
      encoder.encode(prepared, place(records), odd)
    }
    const { frames, ends, counts } = encoder.end()
    return { frames: frames.toString('latin1'), ends: [...ends], counts }
  })
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
    { numRuns: 600 },
  )
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
    { numRuns: 100 },
  )
})

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
