import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type ClosedMail, MailCollector } from '../../../src/mails/collector.ts'
import { mailReader } from '../../../src/mails/read-row.ts'
import { createParser } from '../../../src/parse/parser.ts'
import { allColumns } from '../../../src/records/layouts.ts'
import { addAll } from '../../support/mails.ts'
import { chunkOf, layoutOf, recordsOf } from '../../support/records.ts'

const layout = layoutOf('2016')
const parse = createParser()
const at = (time: string) => Date.parse(`2026-11-20T${time}.000Z`)
const rows = (...all: readonly (readonly [id: string, time: string, to?: string])[]) =>
  recordsOf(
    layout,
    all.map(([id, time, to = 'a@x.example']) => {
      const fields: Readonly<Record<string, string>> = {
        'network-message-id': id,
        'date-time': `2026-11-20T${time}.000Z`,
        'event-id': 'RECEIVE',
        'recipient-address': to,
      }
      return allColumns.map((column) => fields[column] ?? '')
    }),
  )
const told = (mails: readonly ClosedMail[]) =>
  mails.map(
    (mail) =>
      `${mail.values['network-message-id']} ${mail.closed} ${mail.rows}${mail.continues ? ' continues' : ''}`,
  )

test('what took no row for longest is closed when there is no room; what comes of it then continues it', () => {
  const collector = new MailCollector({ quietMs: 3600_000, mostBytes: 3000 })
  const all = rows(
    ['a', '14:00:00'],
    ['b', '14:00:01'],
    ['a', '14:00:02'],
    ['c', '14:00:03'],
    ['b', '14:00:04'],
  )
  expect(told(addAll(collector, all))).toEqual(['b full 1', 'a full 2'])
  expect(told(collector.end())).toEqual(['c end 1', 'b end 1 continues'])
  expect(collector.end()).toEqual([])
  expect(collector.bytes).toBe(0)
})

test('what is quiet is closed, by the times of logs', () => {
  const collector = new MailCollector({ quietMs: 60_000, mostBytes: 1e9 })
  expect(addAll(collector, rows(['a', '14:00:00'], ['b', '14:00:30'], ['', '14:00:40']))).toEqual([])
  expect(told(collector.close(at('14:01:00')))).toEqual([])
  expect(told(collector.close(at('14:01:01')))).toEqual(['a quiet 1'])
  expect(told(collector.close(Number.NaN))).toEqual([])
  expect(told(collector.close(at('14:00:00')))).toEqual([])
  expect(told(collector.end())).toEqual(['b end 1'])
})

test('mails that were open when a wrong clock was set right are quiet when they would be by the right one', () => {
  const collector = new MailCollector({ quietMs: 60_000, longestMs: 600_000, mostBytes: 1e9 })
  collector.close(at('20:00:00'))
  expect(addAll(collector, rows(['a', '14:00:00']))).toEqual([])
  collector.setBack(at('14:00:10'))
  expect(told(collector.close(at('14:00:10')))).toEqual([])
  expect(addAll(collector, rows(['b', '14:00:20']))).toEqual([])
  expect(told(collector.close(at('14:01:10')))).toEqual([])
  expect(told(collector.close(at('14:01:11')))).toEqual(['a quiet 1'])
  expect(told(collector.close(at('14:01:21')))).toEqual(['b quiet 1'])
})

test('a row that is older than what was read before counts from when it was read', () => {
  const collector = new MailCollector({ quietMs: 60_000, mostBytes: 1e9 })
  collector.close(at('14:00:00'))
  addAll(collector, rows(['late', '13:00:00']))
  expect(told(collector.close(at('14:01:00')))).toEqual([])
  expect(told(collector.close(at('14:01:01')))).toEqual(['late quiet 1'])
})

test('what is open for long is closed though rows come', () => {
  const collector = new MailCollector({ quietMs: 60_000, longestMs: 120_000, mostBytes: 1e9 })
  for (const minute of ['00', '01', '02']) {
    addAll(collector, rows(['a', `14:${minute}:00`]))
    expect(told(collector.close(at(`14:${minute}:01`)))).toEqual(minute === '02' ? ['a long 3'] : [])
  }
  addAll(collector, rows(['a', '14:02:30']))
  expect(told(collector.end())).toEqual(['a end 1 continues'])
})

test('a mail to more recipients than anybody writes does not stay in memory', () => {
  const collector = new MailCollector({ quietMs: 60_000, mostBytes: 1e9 })
  const many = Array.from({ length: 40_000 }, (_, index) => `r${index}@x.example`).join(';')
  expect(told(addAll(collector, rows(['a', '14:00:00', many])))).toEqual(['a full 1'])
})

test('where the first row of a mail in each file stands', () => {
  const collector = new MailCollector({ quietMs: 60_000, mostBytes: 1e9 })
  const read = mailReader(layout)
  const [, row] = read(rows(['a', '14:00:00']), 0) ?? []
  if (row === undefined) throw new Error('no row')
  const add = (file: number, offset: number) => collector.add({ id: 'a', row, atMs: 0, file, offset })
  add(3, 700)
  add(5, 10)
  add(3, 900)
  add(3, 200)
  expect([...collector.facts()].map(({ places }) => places)).toEqual([[3, 200, 5, 10]])
})

test('a hundred thousand open mails have room in a hundred megabytes', () => {
  const log = readFileSync(path.resolve(import.meta.dirname, '../../../fixtures/one-mail.log'), 'utf8')
  const story = log.split('\r\n').filter((line) => line !== '' && !line.startsWith('#'))
  const collector = new MailCollector({ quietMs: 3600_000, mostBytes: 1e9 })
  const count = 1000
  for (let mail = 0; mail < count; mail++) {
    const own = String(mail).padStart(7, '0')
    const text = story.join('\r\n').replaceAll('08da-000000000001', `08da-00000${own}`)
    const chunk = chunkOf(`${text.replaceAll(/\b(story|ann|bob|carol|dave)@/gi, `$1.${own}@`)}\r\n`, layout)
    for (const records of parse(chunk).runs) addAll(collector, records)
  }
  expect(collector.count).toBe(count)
  // Those to which rows came last are larger.
  expect((collector.bytes - 512 * 2500) / (count - 512)).toBeLessThan(1000)
})
