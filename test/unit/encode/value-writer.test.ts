import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../src/encode/byte-writer.ts'
import { NO_CAP, ValueWriter } from '../../../src/encode/value-writer.ts'
import type { ValuePlan } from '../../../src/flow/plan.ts'
import { type Bytes, plainLayout, recordsOf, valuePlan } from '../../support/records.ts'

/** What is written for the field, and what is said about it; the writer may not write more than it announced. */
function write(plan: Partial<ValuePlan>, field: Bytes, { cap = NO_CAP, other = 'x' } = {}) {
  const writer = new ValueWriter(valuePlan(plan))
  const out = new ByteWriter(1 << 16)
  const outcome = writer.write(out, recordsOf(plainLayout(2), [[field, other]]), 0, cap)
  const text = out.bytes.toString('utf8', 0, out.length)
  const overflowFits = outcome === 'clamped' ? writer.writeOverflow(out, cap) : undefined
  expect(out.length).toBeLessThanOrEqual(writer.maxBytes)
  return {
    text,
    outcome,
    overflow: out.bytes.toString('utf8', 0, out.length).slice(text.length),
    overflowFits,
  }
}

describe('text', () => {
  test.each([
    ['hello', ' k=hello', 'written'],
    ['a=b\\c', ' k=a\\=b\\\\c', 'written'],
    ['', '', 'empty'],
    [' \t ', '', 'empty'],
    ['123456', ' k=12345', 'cut'],
    ['=====', ' k=\\=\\=\\=\\=\\=', 'written'],
  ])('%j', (field, text, outcome) => {
    expect(write({ maxBytes: 5 }, field)).toMatchObject({ text, outcome })
  })

  test('a cap is a second limit; the smaller one counts', () => {
    expect(write({ maxBytes: 5 }, 'abcdef', { cap: 2 })).toMatchObject({ text: ' k=ab', outcome: 'cut' })
    expect(write({ maxBytes: 2 }, 'abcdef', { cap: 5 })).toMatchObject({ text: ' k=ab', outcome: 'cut' })
  })

  test('cut to nothing, the key goes too', () => {
    expect(write({}, 'abc', { cap: 0 })).toMatchObject({ text: '', outcome: 'cut' })
    expect(write({}, '😀', { cap: 3 })).toMatchObject({ text: '', outcome: 'cut' })
  })
})

describe('integers', () => {
  const plan = { as: 'integer', max: 2147483647n, maxBytes: 0, overflowKey: 'ad.total-bytes' } as const

  test.each([
    ['0', '0'],
    ['5890', '5890'],
    [' 12 ', '12'],
    ['007', '7'],
    ['000', '0'],
    ['2147483647', '2147483647'],
    ['00000000000000002147483647', '2147483647'],
  ])('%j', (field, digits) => {
    expect(write(plan, field)).toMatchObject({ text: ` k=${digits}`, outcome: 'written' })
  })

  test.each(['-1', '+1', '1.0', '1 2', '0x10', '1e3', 'a', '١', '1\x00', '1\r', '2147483648x'])(
    'not %j',
    (field) => {
      expect(write(plan, field)).toMatchObject({ text: '', outcome: 'invalid' })
    },
  )

  test.each([
    ['2147483648', '2147483648'],
    ['9999999999', '9999999999'],
    ['164213779595265', '164213779595265'],
    ['000164213779595265', '164213779595265'],
    ['9'.repeat(4000), '9'.repeat(4000)],
  ])('too large: clamped, the true value under the other key: %s', (field, digits) => {
    expect(write(plan, field)).toEqual({
      text: ' k=2147483647',
      outcome: 'clamped',
      overflow: ` ad.total-bytes=${digits}`,
      overflowFits: true,
    })
  })

  test('the true value is whole or not there', () => {
    const clamped = { text: ' k=2147483647', outcome: 'clamped', overflow: '', overflowFits: false }
    expect(write(plan, '9'.repeat(4001))).toEqual(clamped)
    expect(write(plan, '9999999999', { cap: 9 })).toEqual(clamped)
    expect(write(plan, '9999999999', { cap: 10 }).overflow).toBe(' ad.total-bytes=9999999999')
  })

  test('without a key for it there is no true value', () => {
    expect(write({ ...plan, overflowKey: null }, '9999999999')).toMatchObject({
      overflow: '',
      overflowFits: true,
    })
  })

  test('of 64 bits', () => {
    const long = { as: 'integer', max: 2n ** 63n - 1n } as const
    expect(write(long, '9223372036854775807')).toMatchObject({
      text: ' k=9223372036854775807',
      outcome: 'written',
    })
    expect(write(long, '9223372036854775808')).toMatchObject({
      text: ' k=9223372036854775807',
      outcome: 'clamped',
    })
  })

  test('a cap on text does not shorten them', () => {
    expect(write(plan, '12345', { cap: 0 })).toMatchObject({ text: ' k=12345', outcome: 'written' })
  })
})

describe('times', () => {
  test.each([
    ['2026-11-20T00:00:00.010Z', ' k=1795132800010', 'written'],
    [' 2026-11-20T00:00:00.010Z ', ' k=1795132800010', 'written'],
    ['1970-01-01T00:00:00.000Z', ' k=0', 'written'],
    ['yesterday', '', 'invalid'],
    ['2026-02-30T00:00:00.000Z', '', 'invalid'],
  ])('%j', (field, text, outcome) => {
    expect(write({ as: 'epoch-millis', maxBytes: 0 }, field)).toMatchObject({ text, outcome })
  })
})

describe('addresses', () => {
  test.each([
    ['ipv4', '10.0.0.1', ' k=10.0.0.1', 'written'],
    ['ipv4', ' 10.0.0.1 ', ' k=10.0.0.1', 'written'],
    ['ipv4', 'fe80::1', '', 'excluded'],
    ['ipv4', 'mail.example.com', '', 'invalid'],
    ['ipv4', '10.0.0.01', '', 'invalid'],
    ['ipv6', 'fe80::1%12', ' k=fe80::1', 'written'],
    ['ipv6', 'fe80::1%12 cs1=x', ' k=fe80::1', 'written'],
    ['ipv6', '10.0.0.1', '', 'excluded'],
    ['ipv6', 'mail.example.com', '', 'excluded'],
    ['ipv6', 'host:25', '', 'invalid'],
    ['ipv6', '::1\x00x', '', 'invalid'],
    ['ip', '10.0.0.1', ' k=10.0.0.1', 'written'],
    ['ip', 'fe80::1%12', ' k=fe80::1', 'written'],
    ['ip', 'mail.example.com', '', 'invalid'],
  ] as const)('%s of %j', (as, field, text, outcome) => {
    expect(write({ as, maxBytes: 0 }, field)).toMatchObject({ text, outcome })
  })
})

describe('conditions', () => {
  const when = { column: 1, values: ['RECEIVE', 'SEND'], negate: false }

  test.each([
    ['RECEIVE', false, 'written'],
    ['SEND', false, 'written'],
    ['SENDEXTERNAL', false, 'excluded'],
    ['SEN', false, 'excluded'],
    ['', false, 'excluded'],
    ['RECEIVE', true, 'excluded'],
    ['DELIVER', true, 'written'],
    ['', true, 'written'],
  ])('%j, negate %s: %s', (other, negate, outcome) => {
    expect(write({ when: { ...when, negate } }, 'v', { other }).outcome).toBe(outcome)
  })

  test('an empty column is empty, whatever the condition', () => {
    expect(write({ when }, '', { other: 'DELIVER' }).outcome).toBe('empty')
  })
})
