import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../src/encode/byte-writer.ts'
import { type Caps, EventEncoder, noCaps } from '../../../src/encode/event-encoder.ts'
import type { EventPlan } from '../../../src/flow/plan.ts'
import { type Bytes, eventPlan, plainLayout, recordsOf, valuePlan } from '../../support/records.ts'

const headerText = 'CEF:0|Vendor|Product|1.0|ID|Name|3|'

/** Texts a, b with labels; a number with overflow; a device value; additional data. Columns 0 to 4. */
const plan = eventPlan({
  fields: [
    valuePlan({ key: 'cs1', column: 0, label: { key: 'cs1Label', text: 'First One' } }),
    valuePlan({ key: 'out', column: 1, as: 'integer', max: 99n, maxBytes: 0, overflowKey: 'ad.size' }),
    valuePlan({ key: 'cs2', column: 2, maxBytes: 5, label: { key: 'cs2Label', text: 'Second' } }),
  ],
  device: [valuePlan({ key: 'dvchost', column: 3 })],
  additional: [valuePlan({ key: 'ad.x', column: 4 })],
})

function encode(
  fields: readonly Bytes[],
  { from = plan, caps = noCaps }: { from?: EventPlan; caps?: Caps } = {},
) {
  const encoder = new EventEncoder(from)
  const out = new ByteWriter(16)
  encoder.encode(recordsOf(plainLayout(5), [fields]), 0, out, caps)
  return { line: out.bytes.toString('utf8', 0, out.length), counts: { ...encoder.counts } }
}

function extension(fields: readonly Bytes[], options?: { from?: EventPlan; caps?: Caps }): string {
  const { line } = encode(fields, options)
  expect(line.startsWith(headerText)).toBe(true)
  return line.slice(headerText.length)
}

test('the order: fields, labels, device, trailer, additional data, overflow', () => {
  expect(extension(['a', '100', 'b', 'EX01', 'more'])).toBe(
    ' cs1=a out=99 cs2=b cs1Label=First One cs2Label=Second dvchost=EX01 _cefVer=0.1 ad.x=more ad.size=100',
  )
})

test('one space behind the last bar, also without any value', () => {
  expect(extension(['', '', '', '', ''].with(3, ' '))).toBe(' _cefVer=0.1')
})

describe('a label stands only with its value', () => {
  test.each([
    ['empty', ['', '', 'b', 'x', '']],
    ['trimmed to nothing', [' \t ', '', 'b', 'x', '']],
  ])('%s', (_, fields) => {
    expect(extension(fields)).toBe(' cs2=b cs2Label=Second dvchost=x _cefVer=0.1')
  })

  test('cut to nothing', () => {
    expect(extension(['a', '', '', 'x', ''], { caps: { ...noCaps, fields: 0 } })).toBe(' _cefVer=0.1')
  })

  test('not of its type', () => {
    const label = { key: 'cn1Label', text: 'Count' }
    const from = eventPlan({ fields: [valuePlan({ key: 'cn1', as: 'integer', max: 9n, label })] })
    expect(extension(['x', '', '', '', ''], { from })).toBe(' _cefVer=0.1')
    expect(extension(['5', '', '', '', ''], { from })).toBe(' cn1=5 cn1Label=Count _cefVer=0.1')
  })

  test('excluded by a condition', () => {
    const when = { column: 1, values: ['yes'], negate: false }
    const from = eventPlan({ fields: [valuePlan({ when, label: { key: 'kLabel', text: 'K' } })] })
    expect(extension(['a', 'no', '', '', ''], { from })).toBe(' _cefVer=0.1')
    expect(extension(['a', 'yes', '', '', ''], { from })).toBe(' k=a kLabel=K _cefVer=0.1')
  })

  test('is remembered for no longer than the event', () => {
    const encoder = new EventEncoder(plan)
    const records = recordsOf(plainLayout(5), [
      ['a', '100', 'b', 'x', ''],
      ['', '', '', 'y', ''],
    ])
    const out = new ByteWriter()
    encoder.encode(records, 0, out)
    out.length = 0
    encoder.encode(records, 1, out)
    expect(out.bytes.toString('utf8', headerText.length, out.length)).toBe(' dvchost=y _cefVer=0.1')
    expect(encoder.counts).toEqual({ cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 })
  })
})

test('a label is escaped as a value', () => {
  const from = eventPlan({ fields: [valuePlan({ label: { key: 'kLabel', text: 'a=b\nc' } })] })
  expect(extension(['v', '', '', '', ''], { from })).toBe(' k=v kLabel=a\\=b\\nc _cefVer=0.1')
})

test('counts what was cut, clamped and left out', () => {
  expect(encode(['a', '100', '123456', 'x', '']).counts).toEqual({
    cut: 1,
    clamped: 1,
    invalid: 0,
    brokenHeaders: 0,
  })
  expect(encode(['a', 'many', '12345', 'x', '']).counts).toEqual({
    cut: 0,
    clamped: 0,
    invalid: 1,
    brokenHeaders: 0,
  })
  const caps = { ...noCaps, additional: 2 }
  // The additional value and the true number, which does not fit.
  expect(encode(['a', '100', 'b', 'x', 'abc'], { caps }).counts).toEqual({
    cut: 2,
    clamped: 1,
    invalid: 0,
    brokenHeaders: 0,
  })
})

test('caps: of additional data, of the other text, of the header', () => {
  const fields = ['abc', '12', 'def', 'ghi', 'jkl']
  expect(extension(fields, { caps: { ...noCaps, additional: 1 } })).toBe(
    ' cs1=abc out=12 cs2=def cs1Label=First One cs2Label=Second dvchost=ghi _cefVer=0.1 ad.x=j',
  )
  expect(extension(fields, { caps: { ...noCaps, fields: 2 } })).toBe(
    ' cs1=ab out=12 cs2=de cs1Label=First One cs2Label=Second dvchost=gh _cefVer=0.1 ad.x=jkl',
  )
  const { line } = encode(fields, { caps: { ...noCaps, header: 2 } })
  expect(line).toMatch(/^CEF:0\|Ve\|Pr\|1\.\|ID\|Na\|3\| cs1=abc /)
})

test('makes room for the longest of all events', () => {
  const worst = ['='.repeat(5000), '9'.repeat(4000), '\\'.repeat(9), '\r'.repeat(5000), '='.repeat(5000)]
  expect(extension(worst)).toBe(
    ` cs1=${'\\='.repeat(4000)} out=99 cs2=${'\\\\'.repeat(5)} cs1Label=First One cs2Label=Second` +
      ` dvchost=${'\\r'.repeat(4000)} _cefVer=0.1 ad.x=${'\\='.repeat(4000)} ad.size=${'9'.repeat(4000)}`,
  )
})

test('appends to what is there', () => {
  const out = new ByteWriter(8)
  out.write(Buffer.from('<134>'))
  new EventEncoder(plan).encode(recordsOf(plainLayout(5), [['a', '', '', '', '']]), 0, out)
  expect(out.bytes.toString('utf8', 0, 40)).toBe(`<134>${headerText}`)
})

test('values: what becomes of each, in the order of the line', () => {
  const records = recordsOf(plainLayout(5), [['a=b', '100', '1234567', '', 'é']])
  const values = new EventEncoder(plan).values(records, 0)
  expect(values.map(({ plan: { key }, outcome, text }) => [key, outcome, text])).toEqual([
    ['cs1', 'written', 'a\\=b'],
    ['out', 'clamped', '99'],
    ['cs2', 'cut', '12345'],
    ['dvchost', 'empty', ''],
    ['ad.x', 'written', 'é'],
  ])
})

test('severity is that of the header', () => {
  const severity = { column: 0, levels: new Map([['FAIL', 6]]), default: 3, derive: null }
  const encoder = new EventEncoder(eventPlan({ severity }))
  expect(encoder.severity(recordsOf(plainLayout(1), [['FAIL']]), 0)).toBe(6)
})
