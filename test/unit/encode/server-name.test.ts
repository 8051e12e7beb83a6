import { describe, expect, it } from 'vitest'
import { createEventTransform } from '../../../src/transform/event-transform.ts'
import { onlyBatch } from '../../support/batches.ts'
import { chunkOf, csvRow, layoutOf } from '../../support/records.ts'

const layout = layoutOf('2016')

function row(values: Readonly<Record<string, string>>): Buffer {
  const all: Readonly<Record<string, string>> = { 'date-time': '2026-11-20T14:00:00.000Z', ...values }
  return csvRow(layout.columns.map((column) => all[column] ?? ''))
}

/** The hosts in the headers of the messages of these rows, and all that stands in front of the events. */
function headersOf(
  host: string,
  rows: readonly Buffer[],
  header: 'rfc3164' | 'rfc5424' = 'rfc3164',
  zone: 'utc' | 'local' = 'utc',
) {
  const transform = createEventTransform({
    mapping: 'exchange-2013',
    cefVersion: 0,
    additionalData: 'plain',
    syslog: { header, time: 'event', zone, facility: 'local0', host },
    framing: 'lf',
    maxMessageBytes: 65536,
  })
  const chunk = chunkOf(Buffer.concat(rows), layout)
  const { frames } = onlyBatch(transform({ ...chunk, file: { ...chunk.file, source: 'Source-1' } }))
  return frames
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(0, line.indexOf('CEF:')))
}

const sent = { 'event-id': 'SEND', 'client-hostname': 'EX01', 'server-hostname': 'mx.example.net' }

describe('the host of the header', () => {
  it('is the name of the source', () => {
    expect(headersOf('source', [row(sent)])).toEqual(['<134>Nov 20 14:00:00 Source-1 '])
    expect(headersOf('source', [row(sent)], 'rfc5424')).toEqual([
      '<134>1 2026-11-20T14:00:00.000Z Source-1 msgtrk - - - ',
    ])
  })

  it('is the server that wrote the row, for each row its own', () => {
    const received = {
      'event-id': 'RECEIVE',
      'client-hostname': 'evil.example',
      'server-hostname': 'EX02',
      'connector-id': 'EX02\\Default',
    }
    expect(headersOf('server', [row(sent), row(received), row(sent)])).toEqual([
      '<134>Nov 20 14:00:00 EX01 ',
      '<134>Nov 20 14:00:00 EX02 ',
      '<134>Nov 20 14:00:00 EX01 ',
    ])
    expect(headersOf('server', [row(sent)], 'rfc3164', 'local')[0]).toMatch(/ EX01 $/)
  })

  it('is that of each row also where rows begin alike, which the loop remembers', () => {
    const other = { ...sent, 'client-hostname': 'EX03' }
    expect(headersOf('server', [row(sent), row(other), row(sent)])).toEqual([
      '<134>Nov 20 14:00:00 EX01 ',
      '<134>Nov 20 14:00:00 EX03 ',
      '<134>Nov 20 14:00:00 EX01 ',
    ])
  })

  it.each([
    '',
    'a b',
    'EX01 CEF:0|x|y|z|1|f|9|',
    'x\ty',
    'a:b',
    '<0>x',
    'é',
    '-x',
    'x'.repeat(256),
    '[a@b]',
    '"q"',
  ])('is that of the source where a row says %j', (name) => {
    expect(headersOf('server', [row({ ...sent, 'client-hostname': name })])).toEqual([
      '<134>Nov 20 14:00:00 Source-1 ',
    ])
  })

  it('is a name that is written as it is, as before', () => {
    expect(headersOf('collector.example', [row(sent)])).toEqual(['<134>Nov 20 14:00:00 collector.example '])
  })
})
