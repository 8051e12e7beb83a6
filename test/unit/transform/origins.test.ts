import { expect, it } from 'vitest'
import type { Batch } from '../../../src/flow/batch.ts'
import { copyBatch } from '../../../src/transform/batch-copy.ts'
import { createEventTransform } from '../../../src/transform/event-transform.ts'
import { onlyBatch } from '../../support/batches.ts'
import { chunkOf, csvRow, layoutOf } from '../../support/records.ts'

const layout = layoutOf('2016')
const rowOf = (values: Readonly<Record<string, string>>) =>
  csvRow(
    layout.columns.map((name) => values[name] ?? (name === 'date-time' ? '2026-11-20T14:00:01.037Z' : '')),
  )

const rows = [
  rowOf({ 'event-id': 'SEND', 'network-message-id': 'n1', 'message-id': '<m1@x>' }),
  rowOf({ 'event-id': 'AGENTINFO', 'network-message-id': 'n2' }),
  Buffer.from('no record\r\n'),
  rowOf({ 'event-id': 'SEND', 'message-id': '<m3@x>', 'recipient-address': 'a@x;b@x' }),
  rowOf({ 'event-id': 'SEND' }),
  rowOf({ 'event-id': 'SEND', 'network-message-id': 'n5'.repeat(1000) }),
]
const starts = rows.map((_, row) => 500 + Buffer.concat(rows.slice(0, row)).length)

const batchWith = (options: object): Batch =>
  onlyBatch(
    createEventTransform({
      mapping: 'auto',
      cefVersion: 0,
      additionalData: 'arcsight',
      events: ['SEND'],
      syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
      framing: 'lf',
      maxMessageBytes: 65_536,
      ...options,
    })(chunkOf(Buffer.concat(rows), layout, { start: 500 })),
  )

function originsOf({ origins }: Batch): readonly (readonly [number, string])[] {
  if (origins === undefined) throw new Error('without origins')
  const { offsets, keys, keyEnds } = origins
  return [...offsets].map((offset, event) => [
    offset,
    keys.toString('latin1', keyEnds[event - 1] ?? 0, keyEnds[event]),
  ])
}

const long = 'n5'.repeat(512)

it('says of each event where its row stands, and which message it is of', () => {
  const expected = [
    [starts[0], 'n1'],
    [starts[3], '<m3@x>'],
    [starts[4], ''],
    [starts[5], long],
  ]
  expect(originsOf(batchWith({ origins: true }))).toEqual(expected)
  expect(originsOf(batchWith({ origins: true, format: 'raw' }))).toEqual(expected)
})

it('says it of each of several events of a row, and of what privacy leaves', () => {
  const batch = batchWith({
    origins: true,
    recipients: 'each',
    privacy: { columns: { 'message-id': 'drop' } },
  })
  expect(originsOf(batch).map(([offset]) => offset)).toEqual([
    starts[0],
    starts[3],
    starts[3],
    starts[4],
    starts[5],
  ])
})

it('says nothing to those who do not ask, and goes along with copies', () => {
  expect(batchWith({}).origins).toBeUndefined()
  const batch = batchWith({ origins: true })
  const copy = copyBatch(batch, undefined)
  const before = originsOf(batch)
  batch.origins?.keys.fill(0)
  batch.origins?.offsets.fill(0)
  expect(originsOf(copy)).toEqual(before)
})
