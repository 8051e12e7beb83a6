import { describe, expect, test } from 'vitest'
import { MOST_CAPTURED_FROM } from '../../../src/map/steps.ts'
import { layoutOf, recordsOf } from '../../support/records.ts'
import { made, oneRow, ownTable, planOf, textOf } from './own-table.ts'

describe('where a value comes from', () => {
  test.each<[what: string, row: string, record: Record<string, string>, text: string | number | null]>([
    ['a column', 'from: source', { source: 'SMTP' }, 0],
    ['a column the log lacks', 'from: reference', { source: 'SMTP' }, null],
    ['the first that is not empty', 'from: [reference, source]', { reference: 'r', source: 's' }, 'r'],
    ['the next, if that one is empty', 'from: [reference, source]', { reference: '', source: 's' }, 's'],
    ['the next, if that one is blank', 'from: [reference, source]', { reference: ' \t', source: 's' }, 's'],
    ['none, if all are empty', 'from: [reference, source]', { reference: '', source: '' }, ''],
    ['the only one that the log has', 'from: [reference, source]', { 'event-id': 'x', source: 's' }, 1],
    ['the name of the source', "from: '#Source'", { source: 's' }, 'ex01'],
    [
      'the source behind an empty column',
      "from: [server-hostname, '#Source']",
      { 'server-hostname': '' },
      'ex01',
    ],
    ['a constant', 'from: { constant: SMTP }', { source: 's' }, 'SMTP'],
    ['a number', 'from: { constant: 1 }', { source: 's' }, '1'],
    [
      'quotes are single again',
      'from: [source, reference]',
      { source: 'a "b", c', reference: '' },
      'a "b", c',
    ],
  ])('%s', (_, row, record, text) => expect(textOf(row, record)).toBe(text))
})

describe('a template', () => {
  const row = "from: { template: '{client-hostname} via {connector-id}' }"
  test.each<[record: Record<string, string>, text: string | null]>([
    [{ 'client-hostname': 'EX01', 'connector-id': 'Default' }, 'EX01 via Default'],
    [{ 'client-hostname': '', 'connector-id': 'Default' }, ' via Default'],
    [{ 'client-hostname': '', 'connector-id': ' ' }, ''],
    [{ 'client-hostname': 'EX01', source: '' }, 'EX01 via '],
    [{ source: 'SMTP' }, null],
  ])('%j', (record, text) => expect(textOf(row, record)).toBe(text))

  test('takes keys of custom-data and the name of the source', () => {
    const custom = "from: { template: '{#Source}/{S:IsProbe}' }"
    expect(textOf(custom, { 'custom-data': 'S:A=1;S:IsProbe=true' })).toBe('ex01/true')
  })
})

describe('a key of custom-data', () => {
  const key = 'from: { custom: S:ProxiedClientIPAddress }'
  test.each([
    ['S:ProxiedClientIPAddress=10.1.2.3', '10.1.2.3'],
    ['S:A=1;S:ProxiedClientIPAddress=10.1.2.3;S:B=2', '10.1.2.3'],
    ['S:A=1;S:ProxiedClientIPAddress=a;S:ProxiedClientIPAddress=b', 'a'],
    ["'S:ProxiedClientIPAddress=a;b''c';S:B=2", "a;b'c"],
    ["'S:A=x;S:ProxiedClientIPAddress=inner';S:B=2", ''],
    ['S:ProxiedClientIPAddress=a=b', 'a=b'],
    ['S:ProxiedClientIPAddress=', ''],
    ['S:ProxiedClientIPAddressX=1;XS:ProxiedClientIPAddress=2', ''],
    ['', ''],
  ])('%s', (data, text) => expect(textOf(key, { 'custom-data': data })).toBe(text))

  test('the bytes of the next row are not looked at', () => {
    const layout = layoutOf(['custom-data', 'source'])
    const plan = planOf(oneRow(key), layout.columns)
    const records = recordsOf(layout, [
      ['S:A=1', 'x'],
      ['S:ProxiedClientIPAddress=2', 'x'],
    ])
    expect([0, 1].map((row) => plan.fields[0]?.derive?.(records, row))).toEqual(['', '2'])
  })

  test('a log without custom-data has none', () => expect(textOf(key, { source: 's' })).toBeNull())
})

describe('lists', () => {
  const list = "a@x.example;'o''brien@x.example';;b@x.example"
  test.each([
    ['as: list', list, "a@x.example, o'brien@x.example, b@x.example"],
    ["as: list, separator: ' | '", list, "a@x.example | o'brien@x.example | b@x.example"],
    ['as: list-first', list, 'a@x.example'],
    ['as: list-first', ';;b', 'b'],
    ['as: list', "'a;b'", 'a;b'],
    ['as: list', '', ''],
    ['as: list-first', '', ''],
  ])('%s of %s', (as, value, text) => {
    expect(textOf(`from: recipient-address, ${as}`, { 'recipient-address': value })).toBe(text)
  })

  test.each([
    [list, '3'],
    ['a', '1'],
    ['', ''],
  ])('list-count of %s', (value, count) => {
    const record = { 'recipient-address': value }
    expect(textOf('key: cn1, label: N, from: recipient-address, as: list-count', record)).toBe(count)
  })

  test('list-count is written as a number, the others as text', () => {
    const rows = `fields:
  - { key: cn1, label: N, from: reference, as: list-count }
  - { key: msg, from: reference, as: list }
  - { key: duser, from: reference, as: list-first }`
    expect(planOf(ownTable(rows), ['reference']).fields.map(({ as }) => as)).toEqual([
      'integer',
      'text',
      'text',
    ])
  })

  test('of one of several places', () => {
    const row = 'from: [source, { column: reference, as: list-first }]'
    expect(textOf(row, { source: '', reference: 'a;b' })).toBe('a')
  })
})

describe('a capture', () => {
  test.each([
    ["capture: '@(.+)'", 'ann@contoso.example', 'contoso.example'],
    ["capture: '[0-9]+'", 'abc 42 def', '42'],
    ["capture: '^(?:a=(.)|b=(.))'", 'b=2', '2'],
    ["capture: 'x( )'", 'x y', ''],
    ["capture: 'nothing'", 'abc', ''],
    ["as: list-first, capture: '@(.+)'", 'a@one.example;b@two.example', 'one.example'],
  ])('%s of %s', (steps, value, text) => {
    expect(textOf(`from: reference, ${steps}`, { reference: value })).toBe(text)
  })

  test('without a match leaves room for the next place', () => {
    const row = "from: [{ column: reference, capture: 'LED=([^}]*)' }, source]"
    expect(textOf(row, { reference: '250 ok', source: 's' })).toBe('s')
    expect(textOf(row, { reference: '[{LED=550 no};{MSG=}]', source: 's' })).toBe('550 no')
  })

  test('looks no further than its limit', () => {
    const at = (blanks: number) =>
      textOf("from: reference, capture: 'x'", { reference: `${'-'.repeat(blanks)}x` })
    expect(at(MOST_CAPTURED_FROM - 1)).toBe('x')
    expect(at(MOST_CAPTURED_FROM)).toBe('')
  })
})

describe('a lookup', () => {
  const lookups =
    "lookups:\n  one: { values: { A: first, B: 2, '250': ok }, default: other }\n  two: { values: { A: a } }"
  test.each([
    ['lookup: one', 'A', 'first'],
    ['lookup: one', 'B', '2'],
    ['lookup: one', '250', 'ok'],
    ['lookup: one', ' A ', 'first'],
    ['lookup: one', 'a', 'other'],
    ['lookup: one', '', ''],
    ['lookup: two', 'B', ''],
    ['lookup: two', 'constructor', ''],
    ["capture: '^.', lookup: two", 'Abc', 'a'],
  ])('%s of %s', (steps, value, text) => {
    expect(textOf(`from: reference, ${steps}`, { reference: value }, lookups)).toBe(text)
  })

  test('without a hit leaves room for the next place', () => {
    const row = 'from: [{ column: reference, lookup: two }, source]'
    expect(textOf(row, { reference: 'B', source: 's' }, lookups)).toBe('s')
  })
})

describe('conditions', () => {
  const record = (event: string, source: string) => ({
    'event-id': event,
    source,
    reference: 'r',
    'custom-data': 'S:Key=a',
  })
  const both = '{ event-id: [SEND, FAIL], source: [SMTP] }'
  test.each([
    [`when: ${both}`, 'SEND', 'SMTP', 'r'],
    [`when: ${both}`, 'FAIL', 'SMTP', 'r'],
    [`when: ${both}`, ' SEND', 'SMTP', 'r'],
    [`when: ${both}`, 'SEND', 'DSN', ''],
    [`when: ${both}`, 'DSN', 'SMTP', ''],
    [`unless: ${both}`, 'SEND', 'SMTP', ''],
    [`unless: ${both}`, 'SEND', 'DSN', 'r'],
    [`unless: ${both}`, 'DSN', 'DSN', 'r'],
    ['when: { event-id: [SEND] }, unless: { source: [DSN] }', 'SEND', 'SMTP', 'r'],
    ['when: { event-id: [SEND] }, unless: { source: [DSN] }', 'SEND', 'DSN', ''],
    ['when: { event-id: [SEND] }, unless: { source: [DSN] }', 'FAIL', 'SMTP', ''],
    ["when: { '#Source': [ex01] }", 'SEND', 'SMTP', 'r'],
    ["when: { '#Source': [ex02] }", 'SEND', 'SMTP', ''],
    ["unless: { '#Source': [ex01] }", 'SEND', 'SMTP', ''],
    ['when: { S:Key: [a, b] }', 'SEND', 'SMTP', 'r'],
    ["when: { S:Key: [''] }", 'SEND', 'SMTP', ''],
    ["when: { S:Other: [''], event-id: [SEND] }", 'SEND', 'SMTP', 'r'],
  ])('%s of %s, %s', (condition, event, source, text) => {
    expect(textOf(`from: reference, ${condition}`, record(event, source))).toBe(text)
  })

  test('of a place decide which one it is', () => {
    const row =
      'from: [{ column: reference, when: { event-id: [SEND] } }, { column: source, unless: { event-id: [SEND] } }]'
    expect(textOf(row, record('SEND', 'SMTP'))).toBe('r')
    expect(textOf(row, record('FAIL', 'SMTP'))).toBe('SMTP')
  })

  test.each([
    ["when: { source: [''], event-id: [SEND] }", 'when event-id is SEND'],
    ['when: { source: [SMTP], event-id: [SEND] }', 'never'],
    ["unless: { source: [''], event-id: [SEND] }", 'when event-id is not SEND'],
    ['unless: { source: [SMTP], event-id: [SEND] }', 'always'],
    ['when: { event-id: [SEND] }, unless: { source: [SMTP] }', 'when event-id is SEND'],
    ["when: { event-id: [SEND] }, unless: { source: [''] }", 'never'],
  ])('on a column that the log lacks are decided beforehand: %s', (condition, expected) => {
    const [value] = planOf(oneRow(`from: reference, ${condition}`), ['reference', 'event-id']).fields
    const when = value?.when
    const found =
      value === undefined
        ? 'never'
        : when
          ? `when event-id is ${when.negate ? 'not ' : ''}${when.values}`
          : 'always'
    expect(found).toBe(expected)
    expect(value?.derive ?? null).toBeNull()
  })

  test('a simple one stays one of the plan', () => {
    const [value] = planOf(oneRow('from: [source, reference], when: { event-id: [SEND] }'), [
      'source',
      'reference',
      'event-id',
    ]).fields
    expect(value).toMatchObject({ column: -1, when: { column: 2, values: ['SEND'], negate: false } })
  })
})

describe('additional data', () => {
  const table = ownTable(`additional:
  - tenant-id
  - { name: first-recipient, from: recipient-address, as: list-first }
  - { name: recipients, from: recipient-address, as: list-count, when: { event-id: [SEND] } }`)
  const record = { 'tenant-id': 't', 'recipient-address': 'a;b', 'event-id': 'SEND' }

  test('may be made like any value, under a name of its own', () => {
    const { additional } = planOf(table, Object.keys(record))
    expect(additional.map(({ key }) => key)).toEqual(['ad.tenant-id', 'ad.first-recipient', 'ad.recipients'])
    expect(additional.map((value) => made(value, record))).toEqual([0, 'a', '2'])
    expect(additional[2]).toMatchObject({ as: 'integer', when: { column: 2, values: ['SEND'] } })
  })
})

test('a derived value says what it is made of', () => {
  const [value] = planOf(oneRow('from: [reference, source], as: list'), ['reference', 'source']).fields
  expect(value?.origin).toBe('the members of the first of reference, source, joined by ", "')
})
