import { expect, test } from 'vitest'
import { EventEncoder } from '../../../../src/encode/event-encoder.ts'
import { layoutOf, recordsOf } from '../../../support/records.ts'
import { ownTable, planOf } from '../own-table.ts'

const table = ownTable(`severity:
  first:
    - { from: recipient-status, capture: '^[45]', levels: { '5': 7 }, unless: { event-id: [BADMAIL] } }
    - { from: source, levels: { DSN: 2 } }
  from: event-id
  default: 3
  levels: { FAIL: 6, BADMAIL: 9 }`)
const columns = ['event-id', 'recipient-status', 'source']

test.each([
  ['FAIL', '550 no', 'SMTP', 7],
  ['FAIL', '450 later', 'SMTP', 6],
  ['FAIL', '', '', 6],
  ['SEND', '250 ok', 'SMTP', 3],
  ['SEND', '550 no', 'DSN', 7],
  ['SEND', '250 ok', 'DSN', 2],
  ['BADMAIL', '550 no', 'SMTP', 9],
])('of %s, "%s", %s: %i', (event, status, source, level) => {
  const encoder = new EventEncoder(planOf(table, columns))
  expect(encoder.severity(recordsOf(layoutOf(columns), [[event, status, source]]), 0)).toBe(level)
})

test('of one event id is that of each row, whatever was asked before', () => {
  const encoder = new EventEncoder(planOf(table, columns))
  const statuses = ['550', '250', '550', '', '250']
  const records = recordsOf(
    layoutOf(columns),
    statuses.map((status) => ['FAIL', status, 'SMTP']),
  )
  expect(statuses.map((_, row) => encoder.severity(records, row))).toEqual([7, 6, 7, 6, 6])
})

test('has no lookup where the log lacks its column', () => {
  expect(planOf(table, ['event-id', 'source']).severity.derive).not.toBeNull()
  expect(planOf(table, ['event-id']).severity.derive).toBeNull()
})

test('of other events what a lookup of one event is made of does not matter', () => {
  const lookup = `{ from: source-context, capture: '^a', levels: { a: 6 }, when: { event-id: [DSN] } }`
  const { severity } = planOf(
    ownTable(`severity: { first: [${lookup}], from: event-id, default: 3, levels: {} }`),
    ['event-id', 'source-context'],
  )
  const unless = [{ column: 0, text: Buffer.from('DSN') }]
  expect(severity.inputs).toEqual({ first: -1, columns: [0], blanks: [], shapes: [], sides: null, unless })
})
