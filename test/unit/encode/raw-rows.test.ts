import { describe, expect, test } from 'vitest'
import type { Batch } from '../../../src/flow/batch.ts'
import type { Layout } from '../../../src/flow/chunk.ts'
import { headerBlock, isSameHeader } from '../../../src/records/header.ts'
import { createEventTransform } from '../../../src/transform/event-transform.ts'
import { chunkOf, csvRow, layoutOf } from '../../support/records.ts'

const options = {
  mapping: 'auto',
  cefVersion: 0,
  additionalData: 'arcsight',
  syslog: { header: 'rfc3164', time: 'event', zone: 'utc', facility: 'local0' },
  framing: 'lf',
  maxMessageBytes: 1024,
  format: 'raw',
} as const

function row(version: '2010' | '2016', event: string, end = '\r\n'): string {
  const values: Readonly<Record<string, string>> = {
    'date-time': '2026-11-20T14:00:00.000Z',
    'event-id': event,
    'message-subject': 'a "b", c'.padEnd(2000, 'x'),
  }
  return csvRow(
    layoutOf(version).columns.map((name) => values[name] ?? ''),
    end,
  ).toString()
}

/** What each batch holds, and its columns. */
function batchesOf(bytes: string, layout: Layout | null, more: object = {}): readonly (readonly unknown[])[] {
  const batches = createEventTransform({ ...options, ...more })(chunkOf(bytes, layout))
  return Array.from(batches, ({ frames, ends, layout, position }: Batch) => [
    frames.toString(),
    ends.length,
    layout?.columns.length,
    position.offset,
  ])
}

describe('rows as they stand', () => {
  test('are those that the filter lets pass, byte for byte, however long', () => {
    const text = row('2016', 'SEND') + row('2016', 'FAIL', '\n') + row('2016', 'SEND', '\n')
    expect(batchesOf(text, layoutOf('2016'), { events: ['SEND'] })).toEqual([
      [row('2016', 'SEND') + row('2016', 'SEND', '\n'), 2, 30, text.length],
    ])
  })

  test('end with a line end, the last one too', () => {
    expect(batchesOf(row('2016', 'SEND', ''), layoutOf('2016'))[0]?.[0]).toBe(row('2016', 'SEND'))
  })

  test('are in batches of one layout each', () => {
    const [old, late] = [row('2010', 'SEND'), row('2016', 'SEND')]
    expect(batchesOf(old + late + late + old, null)).toEqual([
      [old, 1, 26, old.length],
      [late + late, 2, 30, (old + late + late).length],
      [old, 1, 26, (old + late + late + old).length],
    ])
  })

  test('are not divided or changed by anything', () => {
    const more = {
      recipients: 'each',
      noise: ['agentinfo-performance'],
      corrections: new Map([['ex01', 60]]),
    }
    expect(batchesOf(row('2016', 'SEND'), layoutOf('2016'), more)[0]?.[0]).toBe(row('2016', 'SEND'))
  })
})

describe('the header of rows', () => {
  const layout = { columns: ['date-time', 'b'], version: '15' }
  const header = (text: string) => Buffer.from(text)

  test('stands as in the log, without a byte order mark, and ends its last line', () => {
    expect(
      headerBlock({ ...layout, header: header('\uFEFF#Date: x\n#Fields: date-time,b') }).toString(),
    ).toBe('#Date: x\n#Fields: date-time,b\r\n')
  })

  test('is one of our own where the log has none', () => {
    expect(headerBlock({ ...layout, header: header('') }).toString()).toMatch(
      /^#Software: .*\r\n#Log-type: Message Tracking Log\r\n#Fields: date-time,b\r\n$/,
    )
  })

  test('is the same where it means the same', () => {
    const one = { ...layout, header: header('#Date: 1\n') }
    expect(isSameHeader(undefined, one)).toBe(false)
    expect(isSameHeader(one, { ...layout, header: header('#Date: 2\n') })).toBe(true)
    expect(isSameHeader(one, { ...one, version: '16', header: header('#Date: 2\n') })).toBe(false)
    expect(isSameHeader(one, { ...one, columns: ['date-time'], header: header('#Date: 2\n') })).toBe(false)
    // Rows with columns of a later version under the header of an earlier one.
    expect(isSameHeader(one, { ...one, columns: ['date-time', 'b', 'c'] })).toBe(true)
    expect(isSameHeader({ ...one, header: header('') }, { ...one, columns: ['c'], header: header('') })).toBe(
      false,
    )
  })
})
