/**
 * Events of exchange-modern and exchange-hunting, which are made by every converter that a table has: whatever stands in a log, a strict
 * decoder takes them, and what is hidden in a field does not become a key of its own.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadDictionary, loadMapping } from '../../src/map/table/load.ts'
import { decodeCef } from '../../src/receive/cef-decoder.ts'
import { knownColumns } from '../../src/records/layouts.ts'
import { longRowOf, type Row, rowOf } from '../support/any-rows.ts'
import { onlyBatch } from '../support/batches.ts'
import { logged } from '../support/logged-rows.ts'
import { plainTransform } from '../support/plain-transform.ts'
import { chunkOf, csvRow, layoutOf } from '../support/records.ts'
import { runs } from '../support/runs.ts'

const dictionary = loadDictionary()

/** The keys that an event by this table may have. */
function keysOf(mapping: string): ReadonlySet<string> {
  const { fields, device, additional } = loadMapping(mapping, { dictionary }).content
  return new Set([
    ...[...fields, ...device].flatMap(({ key }) => [key, `${key}Label`]),
    ...additional.map((entry) => `ad.${typeof entry === 'string' ? entry : entry.name}`),
    'ad.total-bytes',
    '_cefVer',
  ])
}

/** Lists as Exchange writes them, whole and broken, in the columns that the table takes apart. */
const status = fc
  .array(
    fc.constantFrom(
      '250 2.1.5 OK', "'550 5.1.1 no; way'", '450 4.2.1 later', '[{LED=550 5.1.1 a=b|c\\};{MSG=}]', "'", "''", ';', 'LED=',
      'LED=451 }x', '5', '55', '550', '550 ', '\t', '\\', 'é', '=', 'To', '',
    ), // biome-ignore format: a list of texts
    { maxLength: 6 },
  )
  .map((parts) => Buffer.from(parts.join(';')))
const custom = fc
  .array(
    fc.constantFrom(
      'S:TRA=ETR|ruleId=a=b|', 'S:E2ELatency=1.5', 'S:E2ELatency=-', 'S:AMA=SUM|v=1|x', 'S:OriginalFromAddress=a=@b c=d',
      'S:ProxiedClientIPAddress=10.1.2.3', 'S:ProxiedClientIPAddress=::1', 'S:ProxiedClientIPAddress=', "'", ' cs1=x',
      "'S:ProxiedClientIPAddress=a;b'", 'S:A=1',
    ), // biome-ignore format: a list of texts
    { maxLength: 5 },
  )
  .map((parts) => Buffer.from(parts.join(';')))
const lists = fc.record({ 'recipient-status': status, 'custom-data': custom })

describe.each([
  ['exchange-modern.v1', 0],
  ['exchange-modern.v1', 1],
  ['exchange-hunting.v1', 0],
  ['exchange-hunting.v1', 1],
] as const)('%s, CEF:%i', (mapping, cefVersion) => {
  const keys = keysOf(mapping)
  const transform = plainTransform({
    mapping,
    organisation: { domains: ['example.com'], connectors: ['To the Internet'] },
    cefVersion,
    maxMessageBytes: 1 << 20,
  })

  function expectEvents(rows: readonly Row[], columns: readonly string[]): void {
    const bytes = Buffer.concat(rows.map((row) => csvRow(columns.map((name) => row[name] ?? ''))))
    const { frames, ends } = onlyBatch(transform(chunkOf(bytes, layoutOf(columns))))
    expect(ends).toHaveLength(rows.length)
    for (const [index, end] of ends.entries()) {
      const decoded = decodeCef(Buffer.from(frames.subarray(ends[index - 1] ?? 0, end - 1)))
      expect(decoded.ok ? [] : decoded.errors).toEqual([])
      if (!decoded.ok) continue
      expect([...decoded.event.extension.keys()].filter((key) => !keys.has(key))).toEqual([])
    }
  }

  test.each(['2016', '2013', '2010'] as const)('any record of %s decodes', (version) => {
    const columns = knownColumns[version]
    const rows = fc.array(fc.oneof(rowOf(layoutOf(columns)), longRowOf(layoutOf(columns))), {
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(rows, (all) => expectEvents(all, columns)),
      { numRuns: runs(60) },
    )
  })

  test('any list in a status or in custom-data decodes', () => {
    const columns = knownColumns['2016']
    fc.assert(
      fc.property(rowOf(layoutOf(columns)), lists, (row, inLists) =>
        expectEvents([{ ...row, ...inLists }], columns),
      ),
      { numRuns: runs(150) },
    )
  })

  test.each(['2007', '2010', '2013', '2016'] as const)('every value of %s is in the event', (version) => {
    const columns = knownColumns[version]
    fc.assert(
      fc.property(fc.array(logged, { minLength: 1, maxLength: 20, size: 'max' }), (rows) => {
        const bytes = Buffer.concat(rows.map((row) => csvRow(columns.map((name) => row[name] ?? ''))))
        const { frames, ends } = onlyBatch(transform(chunkOf(bytes, layoutOf(columns))))
        for (const [index, row] of rows.entries()) {
          const decoded = decodeCef(Buffer.from(frames.subarray(ends[index - 1] ?? 0, ends[index]! - 1)))
          if (!decoded.ok) throw new Error(JSON.stringify(decoded.errors))
          const { extension, eventClassId, deviceVersion } = decoded.event
          const values = new Set([...extension.values(), eventClassId, deviceVersion])
          for (const column of columns) {
            const text = row[column] ?? ''
            // An address is written without its zone.
            const isWritten = text === '' || values.has(text) || values.has(text.replace(/%\d$/, ''))
            const isThere = column === 'date-time' ? extension.has('rt') : isWritten
            if (!isThere)
              throw new Error(
                `${column}=${text} is not in ${frames.subarray(ends[index - 1] ?? 0, ends[index]!)}`,
              )
          }
        }
      }),
      { numRuns: runs(100) },
    )
  })
})
