import { expect, test } from 'vitest'
import { type ClosedMail, MailCollector } from '../../../src/mails/collector.ts'
import { allColumns } from '../../../src/records/layouts.ts'
import { layoutOf, recordsOf } from '../../support/records.ts'

const layout = layoutOf('2016')
const rows = (...all: readonly (readonly [id: string, time: string])[]) =>
  recordsOf(
    layout,
    all.map(([id, time]) => {
      const fields: Readonly<Record<string, string>> = {
        'network-message-id': id,
        'date-time': `2026-11-20T${time}.000Z`,
        'event-id': 'RECEIVE',
        'recipient-address': 'a@x.example',
      }
      return allColumns.map((column) => fields[column] ?? '')
    }),
  )
const told = (mails: readonly ClosedMail[]) =>
  mails.map((mail) => `${mail['network-message-id']} ${mail.closed} ${mail.rows}`)

test('what took no row for longest is closed when there is no room; what comes of it then is a further record', () => {
  const collector = new MailCollector({ quietMs: 3600_000, mostBytes: 3000 })
  const all = rows(
    ['a', '14:00:00'],
    ['b', '14:00:01'],
    ['a', '14:00:02'],
    ['c', '14:00:03'],
    ['b', '14:00:04'],
  )
  expect(told(collector.take(all, null))).toEqual(['b full 1', 'a full 2'])
  expect(told(collector.end())).toEqual(['c end 1', 'b end 1'])
  expect(collector.end()).toEqual([])
})

test('what is quiet is closed when a log begins', () => {
  const collector = new MailCollector({ quietMs: 60_000, mostBytes: 1e9 })
  expect(collector.take(rows(['a', '14:00:00'], ['b', '14:00:30'], ['', '14:00:40']), null)).toEqual([])
  expect(told(collector.begin('2026-11-20T14:01:00.000Z'))).toEqual([])
  expect(told(collector.begin('2026-11-20T14:01:01.000Z'))).toEqual(['a quiet 1'])
  expect(told(collector.begin('no time'))).toEqual([])
  expect(told(collector.end())).toEqual(['b end 1'])
})

test('only rows that the filter lets pass', () => {
  const collector = new MailCollector({ quietMs: 60_000, mostBytes: 1e9 })
  collector.take(rows(['a', '14:00:00'], ['b', '14:00:30']), (_, row) => row === 1)
  expect(told(collector.end())).toEqual(['b end 1'])
})
