import { describe, expect, test } from 'vitest'
import { parseEventTime } from '../../../src/records/event-time.ts'

function parse(text: string): number {
  const bytes = Buffer.from(`9${text}9`)
  return parseEventTime(bytes, 1, bytes.length - 1)
}

describe('is epoch milliseconds of', () => {
  test.each([
    '2026-11-20T00:00:00.010Z',
    '1970-01-01T00:00:00.000Z',
    '2000-02-29T23:59:59.999Z',
    '2024-02-29T12:00:00.000Z',
    '2026-01-31T00:00:00.000Z',
    '2026-12-31T23:59:59.999Z',
    '9999-12-31T23:59:59.999Z',
  ])('%s', (text) => {
    expect(parse(text)).toBe(Date.parse(text))
  })

  test.each([
    ['no fraction', '2026-11-20T01:02:03Z', '2026-11-20T01:02:03.000Z'],
    ['no Z', '2026-11-20T01:02:03.004', '2026-11-20T01:02:03.004Z'],
    ['neither', '2026-11-20T01:02:03', '2026-11-20T01:02:03.000Z'],
    ['tenths', '2026-11-20T01:02:03.4Z', '2026-11-20T01:02:03.400Z'],
    ['hundredths', '2026-11-20T01:02:03.04Z', '2026-11-20T01:02:03.040Z'],
    ['more than milliseconds, dropped', '2026-11-20T01:02:03.0049999Z', '2026-11-20T01:02:03.004Z'],
  ])('%s', (_, text, same) => {
    expect(parse(text)).toBe(Date.parse(same))
  })

  test('alternating days, of which one is kept in mind', () => {
    for (const text of ['2026-11-20T00:00:00.000Z', '2026-11-21T00:00:00.000Z', '2026-11-20T00:00:00.000Z']) {
      expect(parse(text)).toBe(Date.parse(text))
    }
  })
})

describe('is not a time', () => {
  test.each([
    '',
    '2026-11-20',
    '2026-11-20T01:02:0',
    '2026-02-29T00:00:00.000Z',
    '1900-02-29T00:00:00.000Z',
    '2100-02-29T00:00:00.000Z',
    '2026-02-30T00:00:00.000Z',
    '2026-04-31T00:00:00.000Z',
    '2026-00-10T00:00:00.000Z',
    '2026-13-10T00:00:00.000Z',
    '2026-11-00T00:00:00.000Z',
    '2026-11-32T00:00:00.000Z',
    '2026-11-20T24:00:00.000Z',
    '2026-11-20T00:60:00.000Z',
    '2026-11-20T00:00:60.000Z',
    '1969-12-31T23:59:59.999Z',
    '0000-01-01T00:00:00.000Z',
    // What the calendar of the runtime would take for 1970 and 1999.
    '0070-01-01T00:00:00.000Z',
    '0099-06-01T00:00:00.000Z',
    '2026-11-20 01:02:03.004Z',
    '2026-11-20T01:02:03,004Z',
    '2026-11-20T01:02:03.004+01:00',
    '2026-11-20T01:02:03.004ZZ',
    '2026-11-20T01:02:03.004z',
    '2026-11-20T01:02:03.00x',
    ' 2026-11-20T01:02:03.004Z',
    '2026-1x-20T01:02:03.004Z',
    '٢٠٢٦-11-20T01:02:03.004Z',
  ])('%j', (text) => {
    expect(parse(text)).toBeNaN()
    expect(parse('2026-11-20T01:02:03.004Z')).toBe(Date.parse('2026-11-20T01:02:03.004Z'))
  })
})
