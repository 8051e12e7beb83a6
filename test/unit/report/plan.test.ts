import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Chunk } from '../../../src/flow/chunk.ts'
import { reportKinds } from '../../../src/report/report.ts'
import { formatRow, reportLayout } from '../../../src/report/row.ts'
import { runs } from '../../support/runs.ts'
import { allValues, atMs, batchFor, decoded, report } from './reports.ts'

const context = { host: 'collector', dropped: 0 }

function chunkOf(row: string): Chunk {
  const file = { id: 'reports', source: 'reports', path: 'reports' }
  const bytes = Buffer.from(row)
  return { file, layout: reportLayout, header: -1, start: 0, end: 1, bytes, malformed: [] }
}

const kinds = Object.keys(reportKinds) as (keyof typeof reportKinds)[]

test.each(kinds)('a report of the kind %s is a correct event', (kind) => {
  const [event] = decoded(batchFor(chunkOf(formatRow(report(kind), context))))
  const { id, name, severity } = reportKinds[kind]
  expect(event).toMatchObject({
    version: 0,
    vendor: 'msgtrk',
    product: 'msgtrk',
    deviceVersion: '1.2.3',
    eventClassId: id,
    name,
    severity,
  })
  expect([...(event?.extension ?? [])]).toEqual([
    ['rt', String(atMs)],
    ['msg', 'something happened'],
    ['dvchost', 'collector'],
    ['_cefVer', '0.1'],
  ])
})

test('values stand under their keys, each custom one with its label', () => {
  const values = { ...allValues('x'), destination: 'siem', file: 'C:\\logs\\a=b.log' }
  const row = formatRow(report('dataLost', values), { host: 'collector', dropped: 7 })
  const [event] = decoded(batchFor(chunkOf(row)))
  expect(Object.fromEntries(event?.extension ?? [])).toMatchObject({
    outcome: 'failure',
    reason: 'x',
    cnt: String(2 ** 31 - 1),
    cs1: 'x',
    cs1Label: 'Source',
    cs2: 'C:\\logs\\a=b.log',
    cs2Label: 'File',
    cs3: 'siem',
    cs3Label: 'Destination',
    cs4Label: 'Receiver',
    cs5: '1',
    cs5Label: 'Rows Rejected',
    cs6: '7',
    cs6Label: 'Reports Dropped',
    cn1: String(Number.MAX_SAFE_INTEGER),
    cn1Label: 'Lost Bytes',
    cn2: '0',
    cn2Label: 'Offset',
    flexNumber1Label: 'Rows Filtered',
    flexNumber2: '0',
    flexNumber2Label: 'Rows Malformed',
    deviceCustomDate1: '0',
    deviceCustomDate1Label: 'Started',
    deviceCustomDate2: String(atMs),
    deviceCustomDate2Label: 'Last Delivered',
  })
})

test('CEF:1 says so in its version key, too', () => {
  const [event] = decoded(batchFor(chunkOf(formatRow(report('started'), context)), {}, 1))
  expect(event?.version).toBe(1)
  expect(event?.extension.get('_cefVer')).toBe('1.0')
})

describe('whatever a path or a reason holds', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc.string({
      unit: fc.constantFrom('"', ',', '\\', '=', '|', '\n', '\r', '\0', ' ', 'é', '\ud800'),
      maxLength: 50,
    }),
    fc.constant('é"=\\'.repeat(3000)),
  )

  test.each([1024, 65_536])('one report stays one correct event of at most %i bytes', (maxMessageBytes) => {
    fc.assert(
      fc.property(nasty, nasty, (text, host) => {
        const row = formatRow(report('dataLost', allValues(text)), { host, dropped: 1 })
        const batch = batchFor(chunkOf(row), { maxMessageBytes })
        expect(batch.malformed).toEqual([])
        expect(decoded(batch)).toMatchObject([{ eventClassId: 'msgtrk:030', severity: 9 }])
        expect(batch.frames.length).toBeLessThanOrEqual(maxMessageBytes)
      }),
      { numRuns: runs(200) },
    )
  })
})
