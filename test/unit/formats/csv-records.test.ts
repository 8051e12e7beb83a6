import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvRecords } from '../../../src/formats/csv-records.ts'
import { runs } from '../../support/runs.ts'

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string, { delimiter = ',', size = 7, offset = 0 } = {}) {
  const records = []
  for await (const each of csvRecords(pieces(Buffer.from(text), size), delimiter, offset)) records.push(each)
  return records
}

test('records as csv-parse reads them, in pieces of any size, with their places', async () => {
  const value = fc
    .array(fc.constantFrom('a', 'é', '"', ',', ';', '\r\n', '\n', '\r', ' ', '', "'"), { maxLength: 6 })
    .map((parts) => parts.join(''))
  const quoted = value.map((text) => `"${text.replaceAll('"', '""')}"`)
  const plain = fc.constantFrom('', 'x', 'y z', '1')
  const record = fc.array(fc.oneof(quoted, plain), { minLength: 2, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(',', ';', '\t'),
      fc.constantFrom('\r\n', '\n'),
      fc.integer({ min: 1, max: 40 }),
      async (rows, delimiter, lineEnd, size) => {
        const text = rows.map((row) => row.join(delimiter) + lineEnd).join('')
        const records = await read(text, { delimiter, size, offset: 100 })
        const expected: string[][] = parse(text, {
          delimiter,
          relax_column_count: true,
          record_delimiter: lineEnd,
        })
        const decoded = records.map(({ fields }) =>
          fields?.map((each) => Buffer.from(each, 'latin1').toString()),
        )
        expect(decoded).toEqual(expected)
        const bytes = Buffer.from(text)
        let at = 100
        for (const { start, end, line } of records) {
          expect(start).toBe(at)
          expect(bytes.subarray(start - 100, start - 100 + line.length)).toEqual(line)
          at = end
        }
        expect(at).toBe(100 + bytes.length)
      },
    ),
    { numRuns: runs(500) },
  )
})

test('a quote that is never closed costs its line', async () => {
  expect((await read('a,"b\r\nc,d\r\n')).map(({ fields }) => fields)).toEqual([null, ['c', 'd']])
  expect((await read('x,y\r\na,"b')).map(({ fields }) => fields)).toEqual([['x', 'y'], null])
  const lines = runs(1_000_000)
  const long = `a,"b\r\n${'c,d\r\n'.repeat(lines)}`
  const records = await read(long, { size: 1 << 18 })
  expect(records.map(({ fields }) => fields).slice(0, 2)).toEqual([null, ['c', 'd']])
  expect(records).toHaveLength(lines + 1)
})

test('stray quotes are text; empty lines are nothing', async () => {
  expect((await read('a"b",c\r\n\r\n\r\n"d"e,f\r\n')).map(({ fields }) => fields)).toEqual([
    ['a"b"', 'c'],
    ['"d"e', 'f'],
  ])
})

test('a line without an end is cut into pieces that are none', async () => {
  const records = await read('x'.repeat(10_000_000), { size: 1 << 18 })
  expect(records.length).toBeGreaterThan(1)
  expect(records.slice(0, -1).every(({ fields }) => fields === null)).toBe(true)
  expect(Math.max(...records.map(({ line }) => line.length))).toBeLessThan(5_000_000)
})
