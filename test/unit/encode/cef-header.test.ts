import { describe, expect, test } from 'vitest'
import { CefHeaders } from '../../../src/encode/cef-header.ts'
import type { EventPlan, HeaderPlan } from '../../../src/flow/plan.ts'
import type { Records } from '../../../src/flow/records.ts'
import { createParser } from '../../../src/parse/parser.ts'
import { type Bytes, chunkOf, eventPlan, fixedHeader, plainLayout, recordsOf } from '../../support/records.ts'

const noCap = Number.MAX_SAFE_INTEGER

/** Version from column 0 or 1, class id and name from column 2; severity by column 2. */
const plan = eventPlan({
  header: [
    fixedHeader('Microsoft'),
    fixedHeader('Exchange Server'),
    { columns: [0, 1], fallback: 'unknown', maxBytes: 31 },
    { columns: [2], fallback: 'UNKNOWN', maxBytes: 1023 },
    { columns: [2], fallback: 'UNKNOWN', maxBytes: 512 },
  ],
  severity: { column: 2, levels: new Map([['FAIL', 6]]), default: 3, derive: null },
})

/** The header of each row, rendered through the cache. */
function headers(rows: readonly (readonly Bytes[])[], from: EventPlan = plan): string[] {
  const records = recordsOf(plainLayout(3), rows)
  const cache = new CefHeaders(from)
  return rows.map((_, row) => cache.of(records, row).bytes.toString())
}

/** The one field of a header whose other fields are a letter each. */
function field(value: Bytes, header: Partial<HeaderPlan> = {}): string {
  const only = { columns: [0], fallback: 'none', maxBytes: 20, ...header }
  const headerPlan = eventPlan({ header: [only, ...['b', 'c', 'd', 'e'].map((text) => fixedHeader(text))] })
  const [text = ''] = headers([[value, '-', '-']], headerPlan)
  return text.slice('CEF:0|'.length, -'|b|c|d|e|3|'.length)
}

test('stands in order, each field ended by a bar', () => {
  expect(headers([['15.2', '', 'RECEIVE']])).toEqual([
    'CEF:0|Microsoft|Exchange Server|15.2|RECEIVE|RECEIVE|3|',
  ])
  expect(headers([['15.2', '', 'A']], { ...plan, cefVersion: 1 })[0]).toMatch(/^CEF:1\|/)
})

test('severity is looked up by the normalised value, else the default', () => {
  const records = recordsOf(plainLayout(3), [
    ['', '', 'FAIL'],
    ['', '', ' FAIL '],
    ['', '', 'fail'],
    ['', '', '__proto__'],
    ['x', '', ''],
  ])
  const cache = new CefHeaders(plan)
  expect([0, 1, 2, 3, 4].map((row) => cache.of(records, row).severity)).toEqual([6, 6, 3, 3, 3])
})

test('the first column that is not empty is taken, else the fallback', () => {
  const versions = headers([
    ['1', '2', 'x'],
    ['', '2', 'x'],
    [' \t', '2', 'x'],
    ['', '', 'x'],
  ]).map((header) => header.split('|')[3])
  expect(versions).toEqual(['1', '2', '2', 'unknown'])
})

describe('fields', () => {
  test.each([
    ['a|b', 'a\\|b'],
    ['a\\', 'a\\\\'],
    ['a\\|b', 'a\\\\\\|b'],
    ['a\rb', 'a b'],
    ['a\x00b', 'a\ufffdb'],
    [Buffer.of(0x61, 0xff), 'a\ufffd'],
    [' a ', 'a'],
    ['a=b', 'a=b'],
    ['say "a", b', 'say "a", b'],
    ['|'.repeat(30), '\\|'.repeat(20)],
    [`${'a'.repeat(19)}é`, 'a'.repeat(19)],
    ['', 'none'],
  ])('%j', (value, text) => {
    expect(field(value)).toBe(text)
  })

  test('a fallback is escaped and limited as well', () => {
    expect(field('', { fallback: 'a|b\nc\\', maxBytes: 6 })).toBe('a\\|b c\\\\')
    expect(field('', { fallback: '€€', maxBytes: 5 })).toBe('€')
  })

  test('a cap limits every field beside its own limit', () => {
    const records = recordsOf(plainLayout(3), [['15.02.1544', '', 'RECEIVE|']])
    const cache = new CefHeaders(plan)
    expect(cache.render(records, 0, 3).bytes.toString()).toBe('CEF:0|Mic|Exc|15.|REC|REC|3|')
    expect(cache.render(records, 0, noCap).bytes.toString()).toBe(cache.of(records, 0).bytes.toString())
  })
})

describe('the cache', () => {
  test('gives the same header for the same columns', () => {
    const records = recordsOf(plainLayout(3), [
      ['1', '', 'A'],
      ['1', '', 'A'],
    ])
    const cache = new CefHeaders(plan)
    expect(cache.of(records, 1)).toBe(cache.of(records, 0))
  })

  test('tells apart columns that are the same text together', () => {
    const threeColumns = eventPlan({
      header: [0, 1, 2].map((column) => ({ columns: [column], fallback: '-', maxBytes: 63 })),
    })
    const rows = [
      ['ab', 'c', ''],
      ['a', 'bc', ''],
      ['', 'abc', ''],
      ['abc', '', ''],
      ['', 'ab', 'c'],
      ['', '', 'abc'],
    ]
    expect(headers(rows, threeColumns)).toEqual(
      rows.map((fields) => `CEF:0|${fields.map((text) => text || '-').join('|')}|3|`),
    )
  })

  test('tells apart values whose hashes are the same', () => {
    // FNV-1a of 32 bits of both, with the end of a column behind them, is the same number.
    const [a, b] = collidingPair()
    expect(
      headers([
        [a, '', 'x'],
        [b, '', 'x'],
        [a, '', 'x'],
      ]).map((header) => header.split('|')[3]),
    ).toEqual([a, b, a])
  })

  test('tells a doubled quote that stands for one from two quotes', () => {
    // The same bytes twice: in a quoted field, and in an irregular row, where quotes are plain text.
    const { runs } = createParser()(chunkOf('1,,"a""b"\r\n1,,a""b\r\n', plainLayout(3)))
    const records = runs[0] as Records
    const inOrder = (rows: readonly number[]) => {
      const cache = new CefHeaders(plan)
      return rows.map((row) => cache.of(records, row).bytes.toString().split('|')[4])
    }
    expect(inOrder([0, 1, 0])).toEqual(['a"b', 'a""b', 'a"b'])
    expect(inOrder([1, 0, 1])).toEqual(['a""b', 'a"b', 'a""b'])
  })

  test('stays right beyond what it keeps: many values, long values', () => {
    const ids = [...Array.from({ length: 5000 }, (_, index) => `ID${index}`), 'x'.repeat(5000)]
    const rows = [...ids, ...ids].map((id) => ['1', '', id])
    const found = headers(rows).map((header) => header.split('|')[4])
    expect(found).toEqual([...ids, ...ids].map((id) => id.slice(0, 1023)))
  })

  test('is not touched by the bytes of the chunk being used again', () => {
    const records = recordsOf(plainLayout(3), [['1', '', 'A']])
    const cache = new CefHeaders(plan)
    const before = cache.of(records, 0).bytes.toString()
    records.bytes.write('B', records.starts[2]!)
    expect(cache.of(records, 0).bytes.toString()).toBe(before.replaceAll('|A', '|B'))
    records.bytes.write('A', records.starts[2]!)
    expect(cache.of(records, 0).bytes.toString()).toBe(before)
  })
})

/** Two short texts with the same FNV-1a hash: found by trying, as a birthday pair is in some 10^5 texts. */
function collidingPair(): [string, string] {
  const seen = new Map<number, string>()
  for (let number = 0; ; number++) {
    const text = (number * 2654435761).toString(36)
    let hash = 0x811c9dc5
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    const other = seen.get(hash)
    if (other !== undefined && other !== text) return [other, text]
    seen.set(hash, text)
  }
}
