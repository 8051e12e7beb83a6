import { describe, expect, test } from 'vitest'
import { compileFilter } from '../../../src/filter/filter.ts'
import type { NoiseName } from '../../../src/filter/options.ts'
import type { Records } from '../../../src/flow/records.ts'
import { type Column, knownColumns } from '../../../src/records/layouts.ts'
import { type Bytes, layoutOf, recordsOf } from '../../support/records.ts'

type Row = Partial<Record<Column, Bytes>>

function recordsFrom(rows: readonly Row[], columns: readonly string[] = knownColumns['2016']): Records {
  return recordsOf(
    layoutOf(columns),
    rows.map((row) => columns.map((name) => row[name as Column] ?? 'x')),
  )
}

function passes(noise: NoiseName, row: Row, columns?: readonly string[]): boolean {
  const records = recordsFrom([row], columns)
  return compileFilter({ noise: [noise] })(records.layout)?.(records, 0) ?? true
}

describe('shadow-redundancy', () => {
  test.each([
    ['HARECEIVE', false],
    ['HADISCARD', false],
    ['HAREDIRECT', false],
    ['HAREDIRECTFAIL', false],
    ['RECEIVE', true],
    ['HANEW', true],
  ])('%s: %j', (event, expected) => {
    expect(passes('shadow-redundancy', { 'event-id': event })).toBe(expected)
  })

  test('drops nothing of a log without event ids', () => {
    expect(passes('shadow-redundancy', { source: 'HARECEIVE' }, ['date-time', 'source'])).toBe(true)
  })
})

describe('monitoring', () => {
  const mailbox = 'HealthMailbox8ca12419fe5146cbb0c8a2e8e5a7f7a1@contoso.com'

  test.each<[string, Row, boolean]>([
    ['ordinary mail', { 'sender-address': 'ann@contoso.com', 'recipient-address': 'bob@contoso.com' }, true],
    ['to a health mailbox', { 'recipient-address': mailbox }, false],
    ['in another case', { 'recipient-address': mailbox.toLowerCase() }, false],
    [
      'to several',
      { 'recipient-address': `${mailbox};SystemMailbox{1f05a927-a8d3-4f23-9c56-4a1b2c3d4e5f}@contoso.com` },
      false,
    ],
    ['to one among others', { 'recipient-address': `${mailbox};bob@contoso.com` }, true],
    [
      'from the probe',
      { 'sender-address': 'inboundproxy@contoso.com', directionality: 'Originating' },
      false,
    ],
    ['from a health mailbox', { 'sender-address': mailbox, directionality: '' }, false],
    ['from outside under such a name', { 'sender-address': mailbox, directionality: 'Incoming' }, true],
    [
      'from outside to a health mailbox',
      { 'sender-address': 'x@y', 'recipient-address': mailbox, directionality: 'Incoming' },
      false,
    ],
    ['a probe', { 'custom-data': 'S:DeliveryPriority=Normal;S:IsProbe=true' }, false],
    ['no probe', { 'custom-data': 'S:DeliveryPriority=Normal;S:IsProbe=false' }, true],
    ['a probe within another value', { 'custom-data': "'S:Subject=a;S:IsProbe=true'" }, true],
    ['a name within an address', { 'sender-address': 'ann.HealthMailbox@contoso.com' }, true],
    ['neither sender nor recipient', { 'sender-address': '', 'recipient-address': '' }, true],
  ])('%s', (_, row, expected) => {
    expect(passes('monitoring', row)).toBe(expected)
  })

  test('of a log of 2007, which has fewer columns', () => {
    expect(passes('monitoring', { 'sender-address': mailbox }, knownColumns['2007'])).toBe(false)
    expect(passes('monitoring', { 'sender-address': 'ann@contoso.com' }, knownColumns['2007'])).toBe(true)
  })
})
