/** The fast splitter and the parser held against csv-parse, on rows as Exchange writes them and on garbage. */

import { parse as csvParse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Records } from '../../src/flow/records.ts'
import { WorkMemory } from '../../src/hot-loop/memory.ts'
import { parseIrregularRow } from '../../src/parse/irregular-row.ts'
import { createParser } from '../../src/parse/parser.ts'
import { RowTable } from '../../src/parse/row-table.ts'
import { parseEventTime } from '../../src/records/event-time.ts'
import { FieldFlag, flagsOf } from '../../src/records/fields.ts'
import { chunkOf, csvRow, fieldsIn, layoutOf, plainLayout } from '../support/records.ts'
import { runs } from '../support/runs.ts'

const memory = new WorkMemory()

/** What decides about fields, among bytes of every kind. */
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('"', ',', '""', '","', ' ', '\r', "'", ';') },
  { weight: 4, arbitrary: fc.constantFrom('a', 'é', '=', '\\', '\t', '\0', '\x7f', '\ufeff') },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
)
const garbage = fc.array(piece, { maxLength: 30 }).map((pieces) => {
  const bytes = Buffer.concat(
    pieces.map((one) => (typeof one === 'number' ? Buffer.of(one) : Buffer.from(one))),
  )
  return bytes.filter((byte) => byte !== 0x0a) as Buffer
})
const wellFormed = fc.array(garbage, { minLength: 1, maxLength: 8 })

/** The fields of a row in latin1, as csv-parse in its relaxed mode reads them; null when it can't. */
function oracle(row: Buffer): string[] | null {
  // Nothing at all is no record to csv-parse, and one empty field to the splitter.
  if (row.length === 0) return ['']
  try {
    const rows: string[][] = csvParse(row.toString('latin1'), {
      relax_quotes: true,
      relax_column_count: true,
      record_delimiter: '\n',
    })
    return rows[0] ?? null
  } catch {
    return null
  }
}

/** The row as the fast splitter reads it, alone, or null when it leaves it to somebody else. */
function fast(row: Buffer): Records | null {
  const table = new RowTable(memory)
  table.load(Buffer.concat([row, Buffer.from('\r\n')]))
  const odd = table.split(0)
  if (odd === null || odd.fields < 0) return null
  table.goBackTo(odd.start)
  expect(table.split(odd.fields)).toBeNull()
  table.endRun(plainLayout(odd.fields))
  return table.runs({ source: 'ex01', validUtf8: true })[0] ?? null
}

describe('the fast splitter', () => {
  test('reads every row that Exchange can write, exactly', () => {
    fc.assert(
      fc.property(wellFormed, (fields) => {
        const row = csvRow(fields, '')
        fc.pre(row.length > 0)
        const expected = fields.map((field) => field.toString('latin1'))
        expect(fieldsIn(fast(row)!)).toEqual([expected])
        expect(oracle(row)).toEqual(expected)
      }),
      { numRuns: runs(1000) },
    )
  })

  test('finds what csv-parse finds in garbage, or leaves it to it', () => {
    let regular = 0
    fc.assert(
      fc.property(garbage, (row) => {
        const records = fast(row)
        if (records === null) return
        regular++
        expect(fieldsIn(records)).toEqual([oracle(row)])
      }),
      { numRuns: runs(4000) },
    )
    expect(regular).toBeGreaterThan(runs(500))
  })

  test('finds the same wherever the row stands', () => {
    fc.assert(
      fc.property(garbage, fc.integer({ min: 1, max: 200 }), (row, offset) => {
        const alone = fast(row)
        fc.pre(alone !== null && row.length > 0)
        const { columns } = alone!.layout
        const expected = fieldsIn(alone!)
        const table = new RowTable(memory)
        table.load(Buffer.concat([Buffer.alloc(offset, 0x0a), row, Buffer.from('\r\n')]))
        expect(table.split(columns.length)).toBeNull()
        table.endRun(alone!.layout)
        expect(fieldsIn(table.runs({ source: 'ex01', validUtf8: true })[0]!)).toEqual(expected)
      }),
      { numRuns: runs(1000) },
    )
  })

  test('flags a field by its own bytes', () => {
    fc.assert(
      fc.property(wellFormed, (fields) => {
        const row = csvRow(fields, '')
        fc.pre(row.length > 0)
        const expected = fields.map(
          (field) => flagsOf(field, 0, field.length) | (field.includes(0x22) ? FieldFlag.quote : 0),
        )
        expect([...fast(row)!.flags]).toEqual(expected)
      }),
    )
  })
})

test('the fast splitter takes for a time what the encoder can write as one', () => {
  const digits = (most: number, width: number) =>
    fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(width, '0'))
  const time = fc
    .tuple(
      fc.integer({ min: 1960, max: 2100 }).map(String),
      digits(14, 2),
      digits(33, 2),
      digits(25, 2),
      digits(61, 2),
      digits(61, 2),
      fc.constantFrom('', '.', '.0', '.037', '.0370000', ',037', '.03x'),
      fc.constantFrom('Z', '', 'z', 'ZZ', '+00:00'),
    )
    .map(([year, month, day, hour, minute, second, fraction, zone]) => {
      return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}`
    })
  const spoilt = fc
    .tuple(time, fc.nat(30), fc.constantFrom('x', '/', ':', ' ', '\0'))
    .map(([text, at, by]) => {
      return text.slice(0, at) + by + text.slice(at + 1)
    })
  let times = 0
  fc.assert(
    fc.property(fc.oneof(time, spoilt), (text) => {
      const row = csvRow(['a', text, 'b'])
      const table = new RowTable(memory)
      table.load(row)
      const bytes = Buffer.from(text)
      const isTime = !Number.isNaN(parseEventTime(bytes, 0, bytes.length))
      if (isTime) times++
      expect(table.split(3, 1)).toEqual(isTime ? null : { start: 0, end: row.length - 2, fields: 3 })
    }),
    { numRuns: runs(5000) },
  )
  expect(times).toBeGreaterThan(runs(100))
})

describe('the parser', () => {
  const lineEnd = fc.constantFrom('\n', '\r\n')
  const line = fc.oneof(
    garbage,
    wellFormed.map((fields) => csvRow(fields, '')),
    fc.constant(Buffer.alloc(0)),
  )
  const lines = fc.array(fc.tuple(line, lineEnd), { maxLength: 12 })

  /** A line as the parser sees it: one carriage return before the line feed belongs to the line end. */
  const rowOf = ([row, end]: readonly [Buffer, string]) =>
    end === '\n' && row.at(-1) === 0x0d ? row.subarray(0, -1) : row

  test('agrees with csv-parse line by line, loses none and keeps their order', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 4 }), (written, columns) => {
        const bytes = Buffer.concat(written.flatMap(([row, end]) => [row, Buffer.from(end)]))
        const { runs, malformed } = createParser()(chunkOf(bytes, plainLayout(columns), { start: 500 }))
        const rows = written.map(rowOf).filter((row) => row.length > 0)
        const readings = rows.map((row) => ({ row, fields: oracle(row) }))
        const good = readings.filter(({ fields }) => fields?.length === columns)
        const bad = readings.filter(({ fields }) => fields?.length !== columns)
        expect(runs.flatMap(fieldsIn)).toEqual(good.map(({ fields }) => fields))
        expect(malformed.map((letter) => Buffer.from(letter.line))).toEqual(
          bad.map(({ row }) => Buffer.from(row)),
        )
        for (const { offset, line: kept } of malformed) {
          expect(bytes.subarray(offset - 500, offset - 500 + kept.length)).toEqual(kept)
        }
        for (const { bytes: all, rowStarts, rowEnds, count } of runs) {
          const kept = Array.from({ length: count }, (_, row) => all.subarray(rowStarts[row], rowEnds[row]))
          expect(kept.map((row) => row.toString('latin1'))).toEqual(
            good.map(({ row }) => row.toString('latin1')),
          )
        }
      }),
      { numRuns: runs(1000) },
    )
  })

  test('agrees with csv-parse also where 64 bytes that are looked at together end', () => {
    const parse = createParser(memory)
    const some = fc.array(fc.constantFrom('"', '""', ',', '","', 'a', '\r', '\n', '=', '\0'), {
      maxLength: 6,
    })
    fc.assert(
      fc.property(some, fc.boolean(), (pieces, isQuoted) => {
        const text = pieces.join('')
        // As many as there seem to be to who counts the commas behind an even number of quotes.
        const outside = text.split('"').filter((_, index) => index % 2 === 0)
        const columns = 1 + outside.join('').split(',').length + 1
        for (let before = 48; before < 64; before++) {
          const filler = 'x'.repeat(before)
          const bytes = Buffer.from(`${isQuoted ? `"${filler}"` : filler},${text},end\r\nnext\r\n`, 'latin1')
          const { runs, malformed } = parse(chunkOf(bytes, plainLayout(columns)))
          const lines = bytes.toString('latin1').split('\n').slice(0, -1)
          const readings = lines.map((line) => oracle(Buffer.from(line.replace(/\r$/, ''), 'latin1')))
          const good = readings.filter((each, index) => lines[index] !== '' && each?.length === columns)
          expect(runs.flatMap(fieldsIn)).toEqual(good)
          const flags = good.flatMap((each) =>
            each!.map((field) => flagsOf(Buffer.from(field, 'latin1'), 0, field.length)),
          )
          const found = runs.flatMap((run) => [...run.flags].map((flag) => flag & ~FieldFlag.quote))
          expect(found).toEqual(flags)
          expect(malformed.length).toBeGreaterThan(0)
        }
      }),
      { numRuns: runs(3000) },
    )
  })

  test('without a header, or under an older one, a row gets a layout of its own length or none', () => {
    const wide = fc
      .tuple(fc.constantFrom(20, 21, 26, 27, 28, 30, 31), garbage)
      .map(([count, field]) => [
        '2026-11-20T14:00:01.037Z',
        ...Array.from({ length: count - 2 }, (_, index) => `${index + 1}`),
        field,
      ])
    const headers = [null, layoutOf('2007'), layoutOf('2010'), layoutOf('2013'), layoutOf('2016')]
    fc.assert(
      fc.property(fc.array(wide, { maxLength: 10 }), fc.constantFrom(...headers), (rows, header) => {
        const { runs, malformed } = createParser()(
          chunkOf(Buffer.concat(rows.map((row) => csvRow(row))), header),
        )
        expect(runs.reduce((sum, { count }) => sum + count, malformed.length)).toBe(rows.length)
        for (const run of runs) {
          if (header !== null)
            expect(run.layout.columns.slice(0, header.columns.length)).toEqual(header.columns)
          for (const fields of fieldsIn(run)) {
            expect(fields).toHaveLength(run.layout.columns.length)
            expect(fields.slice(1, -1)).toEqual(fields.slice(1, -1).map((_, index) => `${index + 1}`))
          }
        }
      }),
    )
  })

  test('tells valid UTF-8 from invalid', () => {
    fc.assert(
      fc.property(garbage, (row) => {
        const bytes = csvRow([row])
        const valid = Buffer.from(bytes.toString('utf8')).equals(bytes)
        const { runs } = createParser()(chunkOf(bytes, plainLayout(1)))
        for (const run of runs) expect(run.validUtf8).toBe(valid)
      }),
    )
  })
})

test('an irregular row is read as csv-parse reads it', () => {
  fc.assert(
    fc.property(garbage, (row) => {
      fc.pre(row.length > 0)
      expect(parseIrregularRow(row).fields).toEqual(oracle(row))
    }),
    { numRuns: runs(20_000) },
  )
})
