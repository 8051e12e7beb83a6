import { describe, expect, test } from 'vitest'
import { describeTable, describeValue } from '../../../src/map/describe.ts'
import { loadDictionary, loadMapping, parseMapping } from '../../../src/map/table/load.ts'
import type { Value } from '../../../src/map/table/row-schema.ts'
import { oneRow } from './own-table.ts'

const dictionary = loadDictionary()

describe('a value in words', () => {
  test.each<[value: Value, words: string]>([
    [{ from: 'client-ip' }, 'client-ip'],
    [{ from: '#Source' }, 'the name of the source'],
    [{ from: { custom: 'S:Key' } }, 'S:Key of custom-data'],
    [{ from: { template: '{a} via {b}' } }, '"{a} via {b}"'],
    [{ from: { constant: 0 } }, '"0"'],
    [{ from: ['a', { column: 'b', when: { c: ['D', ''] } }] }, 'the first of a, b where c is D or empty'],
    [{ from: { column: 'a', capture: 'x+' }, lookup: 'l' }, 'a, of it /x+/, looked up in l'],
    [{ from: 'a', as: 'list', separator: ' ' }, 'the members of a, joined by " "'],
    [{ from: 'a', as: 'list-first' }, 'the first member of a'],
    [{ from: 'a', as: 'list-count' }, 'the number of members of a'],
  ])('%j', (value, words) => expect(describeValue(value)).toBe(words))
})

describe('a row in words', () => {
  const rowOf = (row: string) =>
    describeTable(parseMapping('own.yaml', oneRow(row), { dictionary }).content)[0]

  test.each([
    ['when: { event-id: [SEND, FAIL], source: [SMTP] }', 'where event-id is SEND or FAIL and source is SMTP'],
    ["unless: { source: [''] }", 'where source is not empty'],
    ['unless: { source: [A], event-id: [B] }', 'except where source is A and event-id is B'],
    [
      'when: { role of client-ip: [other] }, unless: { source: [A] }',
      'where role of client-ip is other, except where source is A',
    ],
  ])('%s', (condition, words) => {
    expect(rowOf(`key: cs1, label: L, from: reference, ${condition}`)).toEqual({
      section: 'fields',
      key: 'cs1',
      from: 'reference',
      as: 'text',
      when: words,
      label: 'L',
      overflow: '',
    })
  })
})

test('a table in words has what it extends', () => {
  const rows = describeTable(loadMapping('exchange-modern.v1', { dictionary }).content)
  const of = (key: string) => rows.find((row) => row.key === key)
  expect(of('rt')).toMatchObject({ section: 'fields', from: 'date-time', as: 'epoch-millis', when: '' })
  expect(of('in')).toMatchObject({ when: 'where event-id is RECEIVE', overflow: 'total-bytes' })
  expect(of('src')).toMatchObject({
    from: 'the first of original-client-ip, S:ProxiedClientIPAddress of custom-data, client-ip where role of client-ip is other',
    as: 'ip',
  })
  expect(of('tenant-id')).toMatchObject({ section: 'additional', from: 'tenant-id', as: 'text' })
  expect(of('server-ip')).toMatchObject({
    section: 'additional',
    from: 'the first of server-ip where role of server-ip is unknown, server-ip, of it /^[^%]*[^0-9A-Fa-f.:%].*$/',
  })
})
