/** Mails put together from rows, held against a model that sees all rows at once. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ClosedMail, MailCollector, mailLine } from '../../src/mails/collector.ts'
import { mailLayout } from '../../src/mails/layout.ts'
import { Mail, type MailValues } from '../../src/mails/mail.ts'
import { mailReader } from '../../src/mails/read-row.ts'
import { knownColumns } from '../../src/records/layouts.ts'
import { splitList } from '../../src/records/list.ts'
import { logged } from '../support/logged-rows.ts'
import { addAll } from '../support/mails.ts'
import { layoutOf, recordsOf } from '../support/records.ts'
import { runs } from '../support/runs.ts'

type Row = Readonly<Record<string, string>>

const columns = knownColumns['2016']
const layout = layoutOf('2016')
const second = fc
  .integer({ min: 0, max: 59 })
  .map((at) => `2026-11-20T14:00:${String(at).padStart(2, '0')}.000Z`)
const address = fc.constantFrom(
  'a@x.example',
  'A@x.example',
  'b@y.example',
  'c@z.example',
  "o'neil@x.example",
)
const row: fc.Arbitrary<Row> = fc
  .tuple(
    logged,
    fc.constantFrom('m1', 'm1', 'm2', 'm3', ''),
    second,
    fc.array(address, { maxLength: 3 }),
    fc.constantFrom('1', '20', '300'),
    fc.constantFrom('ex01', 'EX02', 'edge01'),
  )
  .map(([of, id, time, recipients, bytes, server]) => ({
    ...of,
    'network-message-id': id,
    'message-id': '',
    'date-time': time,
    'recipient-address': recipients
      .map((one) => (one.includes("'") ? `'${one.replaceAll("'", "''")}'` : one))
      .join(';'),
    'total-bytes': bytes,
    'server-hostname': server,
  }))
const rowsOf = fc.array(row, { minLength: 1, maxLength: 60, size: 'max' })
const enough = { quietMs: 3600_000, mostBytes: 1e9 }

/** Mails of these rows, taken some at a time. */
function collected(rows: readonly Row[], options: typeof enough, each: number): MailValues[] {
  const collector = new MailCollector(options)
  const closed: ClosedMail[] = []
  for (let from = 0; from < rows.length; from += each) {
    const some = rows.slice(from, from + each)
    closed.push(...collector.close(Date.parse(some[0]?.['date-time'] ?? '')))
    const records = recordsOf(
      layout,
      some.map((one) => columns.map((name) => one[name] ?? '')),
    )
    closed.push(...addAll(collector, records))
  }
  return [...closed, ...collector.end()].map(({ values }) => values)
}

/** What is so simple that it can be said of all rows of a mail at once. */
function model(rows: readonly Row[]): ReadonlyMap<string, object> {
  const ids = [...new Set(rows.map((one) => one['network-message-id'] ?? ''))].filter(Boolean)
  return new Map(
    ids.map((id) => {
      const own = rows.filter((one) => one['network-message-id'] === id)
      const records = recordsOf(
        layout,
        own.map((one) => columns.map((name) => one[name] ?? '')),
      )
      const read = mailReader(layout)
      const times = own.map((one) => one['date-time'] ?? '').sort()
      const said = own.flatMap((one, index) =>
        (read(records, index)?.[1].recipients ?? []).map(([address, status]) => ({
          key: address.toLowerCase(),
          status,
          time: one['date-time'] ?? '',
        })),
      )
      const keys = [...new Set(said.map(({ key }) => key))].filter(Boolean).sort()
      const statuses = keys.map((key) => {
        const [last] = said
          .filter((one) => one.key === key)
          .sort(
            (a, b) =>
              b.status.finality - a.status.finality ||
              (a.time < b.time ? 1 : a.time > b.time ? -1 : a.status.text < b.status.text ? 1 : -1),
          )
        return last?.status.text
      })
      return [
        id,
        {
          first: times[0],
          last: times.at(-1),
          rows: String(own.length),
          bytes: String(Math.max(...own.map((one) => Number(one['total-bytes'])))),
          recipients: keys,
          statuses,
        },
      ]
    }),
  )
}

const told = (mail: MailValues) => ({
  first: mail['first-time'],
  last: mail['date-time'],
  rows: mail.rows,
  bytes: mail['total-bytes'],
  recipients: splitList(mail['recipient-address']).map((one) => one.toLowerCase()),
  statuses: splitList(mail['recipient-status']),
})

test('what a mail says is what all its rows say, in whatever order and portions they come', () => {
  fc.assert(
    fc.property(rowsOf, fc.integer({ min: 1, max: 20 }), fc.infiniteStream(fc.nat()), (rows, each, order) => {
      const mails = collected(rows, enough, 1000)
      expect(new Map(mails.map((mail) => [mail['network-message-id'], told(mail)]))).toEqual(model(rows))
      const shuffled = rows
        .map((one) => ({ one, at: order.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one)
      const byId = (all: readonly MailValues[]) =>
        new Map(all.map((mail) => [mail['network-message-id'], mail]))
      expect(byId(collected(shuffled, enough, each))).toEqual(byId(mails))
    }),
    { numRuns: runs(100) },
  )
})

test('every row is in one record, however early mails are closed, and no recipient is lost', () => {
  const bounds = fc.record({
    quietMs: fc.constantFrom(0, 1000, 20_000),
    mostBytes: fc.constantFrom(0, 1500, 5000, 1e9),
  })
  fc.assert(
    fc.property(rowsOf, bounds, fc.integer({ min: 1, max: 5 }), (rows, options, each) => {
      const parts = collected(rows, options, each)
      for (const [id, whole] of new Map(
        collected(rows, enough, 1000).map((mail) => [mail['network-message-id'], mail]),
      )) {
        const own = parts.filter((mail) => mail['network-message-id'] === id)
        expect(own.reduce((sum, mail) => sum + Number(mail.rows), 0)).toBe(Number(whole.rows))
        const recipients = new Set(own.flatMap((mail) => told(mail).recipients))
        expect([...recipients].sort()).toEqual(told(whole).recipients)
      }
    }),
    { numRuns: runs(100) },
  )
})

test('a mail is a row of its layout', () => {
  fc.assert(
    fc.property(rowsOf, (rows) => {
      const mails = collected(rows, enough, 1000)
      if (mails.length === 0) return
      const lines = mails.map((values) => mailLine({ values })).join('')
      expect(lines.split('\r\n')).toHaveLength(mails.length + 1)
      expect(Object.keys(mails[0] ?? {})).toEqual([...mailLayout.columns])
    }),
    { numRuns: runs(20) },
  )
})

test('a mail that was packed meanwhile says the same', () => {
  fc.assert(
    fc.property(rowsOf, (rows) => {
      const records = recordsOf(
        layout,
        rows.map((one) => columns.map((name) => one[name] ?? '')),
      )
      const read = mailReader(layout)
      const whole = new Mail()
      let packed: string | undefined
      for (const at of rows.keys()) {
        const [, row] = read(records, at) ?? []
        if (row === undefined) continue
        whole.add(row)
        const again = new Mail(packed)
        again.add(row)
        packed = again.packed()
      }
      const closing = { id: 'm', closed: 'end', continues: false, isOwn: null } as const
      expect(new Mail(packed).close(closing)).toEqual(whole.close(closing))
    }),
    { numRuns: runs(100) },
  )
})
