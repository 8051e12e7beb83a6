import { describe, expect, test } from 'vitest'
import { compileEventFilter, knownEvents, unknownNames } from '../../../src/filter/events.ts'
import type { Layout } from '../../../src/flow/chunk.ts'
import type { Records } from '../../../src/flow/records.ts'
import { knownColumns } from '../../../src/records/layouts.ts'

function layoutOf(columns: readonly string[]): Layout {
  return { columns, version: '', header: Buffer.alloc(0) }
}

/** One row for each event id, the other columns filled with words that must not be mistaken for it. */
function recordsOf(layout: Layout, events: readonly string[]): Records {
  const rows = events.map((event) => layout.columns.map((name) => (name === 'event-id' ? event : 'SEND')))
  const cells = rows.flat()
  const ends = Uint32Array.from(cells)
  const starts = Uint32Array.from(cells)
  let at = 0
  cells.forEach((cell, i) => {
    starts[i] = at
    ends[i] = at + Buffer.byteLength(cell)
    at = ends[i]! + 1
  })
  const none = new Uint32Array(0)
  return {
    layout,
    source: 'ex01',
    bytes: Buffer.from(cells.join(',')),
    validUtf8: true,
    count: rows.length,
    starts,
    ends,
    flags: new Uint8Array(cells.length),
    rowStarts: none,
    rowEnds: none,
  }
}

function kept(events: readonly string[], rows: readonly string[], columns: readonly string[]): string[] {
  const layout = layoutOf(columns)
  const filter = compileEventFilter(events)(layout)
  const records = recordsOf(layout, rows)
  return rows.filter((_, row) => filter === null || filter(records, row))
}

describe('compileEventFilter', () => {
  const rows = [
    'SEND',
    'RECEIVE',
    'SENT',
    'send',
    'SENDEXTERNAL',
    '',
    'SEN',
    'DELIVER',
    'RESOLVE',
    'NEWEVENT',
  ]

  test.each(['2007', '2010', '2013', '2016'] as const)(
    'keeps the named events of Exchange %s',
    (exchange) => {
      expect(kept(['SEND', 'RECEIVE'], rows, knownColumns[exchange])).toEqual(['SEND', 'RECEIVE'])
    },
  )

  test.each([
    [['send'], ['SEND']],
    [
      [' Deliver ', 'RESOLVE'],
      ['DELIVER', 'RESOLVE'],
    ],
    [['SENDEXTERNAL'], ['SENDEXTERNAL']],
    [['NewEvent', 'newevent'], ['NEWEVENT']],
    [['BADMAIL'], []],
  ])('%j keeps %j', (events, expected) => {
    expect(kept(events, rows, knownColumns['2016'])).toEqual(expected)
  })

  test('tells every known event from every other', () => {
    for (const event of knownEvents) {
      expect(kept([event], knownEvents, ['event-id', 'source'])).toEqual([event])
    }
  })

  test.each([[undefined], [[]]])('keeps everything with %j', (events) => {
    expect(compileEventFilter(events)(layoutOf(knownColumns['2016']))).toBeNull()
  })

  test('keeps everything of a log without event ids', () => {
    expect(compileEventFilter(['SEND'])(layoutOf(['date-time', 'source']))).toBeNull()
  })
})

test('unknownNames names what Exchange is not known to write, and what was probably meant', () => {
  const names = ['send', 'SENDEXTERNAL', 'Recieve', 'HAREDIRECT', 'XYZ']
  expect(unknownNames(names)).toEqual(['RECIEVE (did you mean RECEIVE?)', 'XYZ'])
})
