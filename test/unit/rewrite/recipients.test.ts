import { describe, expect, it } from 'vitest'
import type { Layout } from '../../../src/flow/chunk.ts'
import type { Records } from '../../../src/flow/records.ts'
import { fieldText } from '../../../src/records/fields.ts'
import { joinList } from '../../../src/records/list.ts'
import type { OverflowMode, RecipientMode } from '../../../src/rewrite/options.ts'
import { rewriteRecipients } from '../../../src/rewrite/recipients.ts'
import { layoutOf, recordsOf } from '../../support/records.ts'

const layout = layoutOf([
  'event-id',
  'recipient-address',
  'Recipient-Status',
  'recipient-count',
  'related-recipient-address',
])

interface Row {
  readonly event?: string
  readonly addresses: string
  readonly statuses?: string
  readonly count?: string
  readonly related?: string
}

const fields = ({ event = 'SEND', addresses, statuses = '', count = '', related = '' }: Row) => [
  event,
  addresses,
  statuses,
  count,
  related,
]

/** What the rows become, field by field. */
function rewritten(
  rows: readonly Row[],
  recipients: RecipientMode,
  {
    overflow = 'cut',
    only,
    limit = 4000,
  }: { overflow?: OverflowMode; only?: readonly number[]; limit?: number } = {},
): readonly (readonly string[])[] {
  const records = recordsOf(layout, rows.map(fields))
  const rewrite = rewriteRecipients(layout, { recipients, overflow, maxBytesOf: () => limit })
  if (rewrite === null) throw new Error('nothing to rewrite')
  return textsOf(rewrite(records, Uint32Array.from(only ?? rows.keys())))
}

function textsOf(records: Records): string[][] {
  return Array.from({ length: records.count }, (_, row) =>
    records.layout.columns.map((_, column) => fieldText(records, row, column)),
  )
}

describe('one event for each recipient', () => {
  it('gives each its own status and keeps the number of all', () => {
    const row = { addresses: 'a@x.com;b@x.com;c@x.com', statuses: "250 Ok;'451 4.4.0; busy';", count: '3' }
    expect(rewritten([row], 'each')).toEqual([
      ['SEND', 'a@x.com', '250 Ok', '3', ''],
      ['SEND', 'b@x.com', '451 4.4.0; busy', '3', ''],
      ['SEND', 'c@x.com', '', '3', ''],
    ])
  })

  it('unwraps what was wrapped', () => {
    const row = { addresses: "'o''brien@x.com';'\"a;b\"@x.com'", statuses: "To;'it''s'" }
    expect(rewritten([row], 'each').map(([, address, status]) => [address, status])).toEqual([
      ["o'brien@x.com", 'To'],
      ['"a;b"@x.com', "it's"],
    ])
  })

  it('unwraps the only recipient and its status', () => {
    const row = {
      addresses: "'o''brien@x.com'",
      statuses: "'[{LED=550 5.1.1 ''no''};{MSG=}]'",
      related: "'a''b@x.com'",
    }
    expect(rewritten([row], 'each')).toEqual([
      ['SEND', "o'brien@x.com", "[{LED=550 5.1.1 'no'};{MSG=}]", '', "a'b@x.com"],
    ])
  })

  it.each([
    ['one status for all', 'Delay', ['Delay', 'Delay']],
    ['one wrapped status for all', "'Delay; later'", ['Delay; later', 'Delay; later']],
    ['no status', '', ['', '']],
    ['more statuses than recipients', "1;'2;3';4", ["1;'2;3';4", "1;'2;3';4"]],
    [
      'failures whose semicolons are not wrapped',
      '[{LED=5};{MSG=}];[{LED=4};{IP=}]',
      ['[{LED=5};{MSG=}]', '[{LED=4};{IP=}]'],
    ],
    [
      'one such failure for all',
      '[{LED=550 5.1.1 no};{MSG=};{IP=}]',
      ['[{LED=550 5.1.1 no};{MSG=};{IP=}]', '[{LED=550 5.1.1 no};{MSG=};{IP=}]'],
    ],
    ['such a failure without an end', '[{LED=5};{MSG=};x', ['[{LED=5};{MSG=};x', '[{LED=5};{MSG=};x']],
  ])('keeps %s', (_, statuses, each) => {
    const rows = rewritten([{ addresses: 'a@x.com;b@x.com', statuses }], 'each')
    expect(rows.map(([, , status]) => status)).toEqual(each)
  })

  it('treats the related addresses alike: parallel, or one for all', () => {
    const related = (text: string) =>
      rewritten([{ addresses: 'a@x.com;b@x.com', related: text }], 'each').map((row) => row[4])
    expect(related('g@x.com')).toEqual(['g@x.com', 'g@x.com'])
    expect(related("'g''s@x.com'")).toEqual(["g's@x.com", "g's@x.com"])
    expect(related('g@x.com;h@x.com')).toEqual(['g@x.com', 'h@x.com'])
  })

  it('leaves rows without or with one recipient as they are, in their order, and takes only the rows asked for', () => {
    const rows = [
      { event: 'NOTIFYMAPI', addresses: '', statuses: 'a;b' },
      { event: 'DROPPED', addresses: 'x@x.com;y@x.com' },
      { event: 'SEND', addresses: 'a@x.com;b@x.com' },
      { event: 'DELIVER', addresses: 'c@x.com', statuses: 'Inbox' },
    ]
    const events = rewritten(rows, 'each', { only: [0, 2, 3] })
    expect(events.map(([event, address, status]) => [event, address, status])).toEqual([
      ['NOTIFYMAPI', '', 'a;b'],
      ['SEND', 'a@x.com', ''],
      ['SEND', 'b@x.com', ''],
      ['DELIVER', 'c@x.com', 'Inbox'],
    ])
  })

  it('hands on the same records when no row has a list', () => {
    const records = recordsOf(
      layout,
      [{ addresses: 'a@x.com', statuses: 'To' }, { addresses: '' }].map(fields),
    )
    const rewrite = rewriteRecipients(layout, { recipients: 'each', overflow: 'cut', maxBytesOf: () => 10 })
    expect(rewrite?.(records, Uint32Array.of(0, 1))).toBe(records)
    expect(textsOf(rewrite?.(records, Uint32Array.of(1)) as Records)).toEqual([['SEND', '', '', '', '']])
  })

  it('keeps the original row of each', () => {
    const records = recordsOf(layout, [fields({ addresses: 'a@x.com;b@x.com' })])
    const rewrite = rewriteRecipients(layout, { recipients: 'each', overflow: 'cut', maxBytesOf: () => 10 })
    const result = rewrite?.(records, Uint32Array.of(0)) ?? records
    const { bytes, rowStarts, rowEnds, count } = result
    const raw = Array.from({ length: count }, (_, row) =>
      bytes.toString('utf8', rowStarts[row], rowEnds[row]),
    )
    expect(raw).toEqual(['SEND,a@x.com;b@x.com,,,', 'SEND,a@x.com;b@x.com,,,'])
  })

  it('makes no more rows of one than there may be: recipients share them then, none is left out', () => {
    const addresses = Array.from({ length: 20_005 }, (_, index) => `${index}@x`)
    const rows = rewritten([{ addresses: joinList(addresses), statuses: 'Delay; later' }], 'each')
    expect(rows.length).toBeLessThanOrEqual(10_000)
    expect(rows.flatMap(([, address = '']) => address.split(';'))).toEqual(addresses)
  })

  it('makes fewer rows the more each of them repeats, and keeps that only once', () => {
    const addresses = Array.from({ length: 1000 }, (_, index) => `${index}@x`)
    const status = 'x;'.repeat(500_000)
    const records = recordsOf(layout, [fields({ addresses: joinList(addresses), statuses: `'${status}'` })])
    const rewrite = rewriteRecipients(layout, { recipients: 'each', overflow: 'cut', maxBytesOf: () => 10 })
    const result = rewrite?.(records, Uint32Array.of(0)) ?? records
    const last = result.count - 1
    expect(result.count).toBeLessThan(150)
    expect(fieldText(result, last, 1).split(';')).toEqual(
      addresses.slice(-fieldText(result, last, 1).split(';').length),
    )
    expect(fieldText(result, last, 2)).toBe(status)
    expect(result.bytes.length).toBeLessThan(3 * status.length)
  })
})

describe('lists that are too long', () => {
  const addresses = ['aaa@x.com', 'bbb@x.com', 'ccc@x.com', 'ddd@x.com']
  const split = (row: Row, limit: number) => rewritten([row], 'joined', { overflow: 'split', limit })

  it('become several rows, each as full as can be, with the count of all', () => {
    const row = { addresses: joinList(addresses), statuses: '1;2;3;4', count: '4', related: 'a;b;c;d' }
    expect(split(row, 19)).toEqual([
      ['SEND', 'aaa@x.com;bbb@x.com', '1;2', '4', 'a;b'],
      ['SEND', 'ccc@x.com;ddd@x.com', '3;4', '4', 'c;d'],
    ])
    expect(split(row, 18)).toHaveLength(4)
    expect(split(row, 39)).toEqual([fields(row)])
  })

  it('are divided where a status would be too long, too', () => {
    const statuses = "'a;b';x;123456789012345678;'y;z'"
    const row = { addresses: 'a;b;c;d', statuses }
    expect(split(row, 20).map(([, address, status]) => [address, status])).toEqual([
      ['a;b', "'a;b';x"],
      ['c', '123456789012345678'],
      ['d', "'y;z'"],
    ])
  })

  it('count control characters as what they become', () => {
    const row = { addresses: 'a\x01;b\x02' }
    expect(split(row, 9)).toHaveLength(1)
    expect(split(row, 8)).toHaveLength(2)
  })

  it('keep a status that is not parallel whole in each, and are not divided for its sake', () => {
    const row = { addresses: joinList(addresses), statuses: 'one status for all of them' }
    expect(split(row, 39)).toEqual([fields(row)])
    expect(split(row, 20).map(([, , status]) => status)).toEqual(Array(2).fill('one status for all of them'))
  })

  it('leave alone what can not be divided', () => {
    const row = { addresses: 'a-single-recipient-that-is-too-long@x.com', statuses: 'a;b' }
    expect(split(row, 10)).toEqual([fields(row)])
    expect(split({ addresses: '', statuses: '123456789012' }, 10)).toHaveLength(1)
    expect(split({ addresses: `a@x;${row.addresses};b@x` }, 10).map(([, address]) => address)).toEqual([
      'a@x',
      row.addresses,
      'b@x',
    ])
  })
})

describe('a rewrite of recipients', () => {
  const none = (of: Layout, recipients: RecipientMode, overflow: OverflowMode) =>
    rewriteRecipients(of, { recipients, overflow, maxBytesOf: () => 10 })

  it('is none when rows are to stay as they are, or have no recipients', () => {
    expect(none(layout, 'joined', 'cut')).toBeNull()
    expect(none(layoutOf(['event-id']), 'each', 'cut')).toBeNull()
  })

  it('needs only the addresses', () => {
    const alone = layoutOf(['recipient-address'])
    const rewrite = none(alone, 'each', 'cut')
    expect(textsOf(rewrite?.(recordsOf(alone, [['a;b']]), Uint32Array.of(0)) as Records)).toEqual([
      ['a'],
      ['b'],
    ])
  })
})
