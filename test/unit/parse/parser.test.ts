import { describe, expect, test } from 'vitest'
import type { Layout } from '../../../src/flow/chunk.ts'
import { createParser } from '../../../src/parse/parser.ts'
import { knownColumns } from '../../../src/records/layouts.ts'
import {
  type Bytes,
  chunkOf,
  csvRow,
  fieldsIn,
  layoutOf,
  logFile,
  plainLayout,
} from '../../support/records.ts'

const three = plainLayout(3)

function parse(bytes: Bytes, layout: Layout | null = three, start = 0, hasHeaderLines = false) {
  const { runs, malformed } = createParser()({ ...chunkOf(bytes, layout, { start }), hasHeaderLines })
  return {
    runs,
    rows: runs.flatMap(fieldsIn),
    malformed: malformed.map(({ offset, reason, line }) => ({
      offset,
      reason,
      line: Buffer.from(line).toString(),
    })),
  }
}

const time = '2026-11-20T14:00:01.037Z'

/** A row of `count` columns: a time, then values named after the row. */
function wide(count: number, name: string, first = time): string {
  const values = Array.from({ length: count - 1 }, (_, index) => `${name}${index + 1}`)
  return `${[first, ...values].join(',')}\r\n`
}

describe('lines', () => {
  test.each([
    ['CRLF', 'a,b,c\r\nd,e,f\r\n'],
    ['LF', 'a,b,c\nd,e,f\n'],
    ['both', 'a,b,c\nd,e,f\r\n'],
    ['no line end at the end', 'a,b,c\r\nd,e,f'],
    ['blank lines', '\r\n\na,b,c\r\n\r\n\n\r\nd,e,f\r\n\n'],
  ])('%s', (_, bytes) => {
    expect(parse(bytes)).toMatchObject({
      rows: [
        ['a', 'b', 'c'],
        ['d', 'e', 'f'],
      ],
      malformed: [],
    })
  })

  describe('of a header among rows', () => {
    const layout = layoutOf(['date-time', 'b', 'c'])
    const row = wide(3, 'x')
    test.each([
      '#Fields: date-time,b,c\r\n',
      '#Fields: date-time,b\r\n#Date: 2026-11-20T14:00:00.000Z\r\n',
      `\uFEFF#Date: ${time}\r\n`,
      '# "a remark\n#\n# a"b\n',
      '#Software: a,b,c,d\n',
    ])('are passed over where the chunk says that it holds some (%j)', (lines) => {
      const chunk = `${row}${lines}${row}${lines}${row}`
      expect(parse(chunk, layout, 0, true)).toMatchObject({
        rows: [1, 2, 3].map(() => [time, 'x1', 'x2']),
        malformed: [],
      })
      expect(parse(chunk, layout).malformed).toHaveLength(2 * (lines.split('\n').length - 1))
    })

    test('are told from lines with a # behind what a crash left', () => {
      const { rows, malformed } = parse(`${row}\0#a,b,c\n#a,b,c\n${row}`, layout, 0, true)
      expect(rows).toHaveLength(2)
      expect(malformed).toMatchObject([{ offset: row.length + 1, line: '#a,b,c' }])
    })
  })

  test('none at all', () => {
    expect(parse('')).toEqual({ runs: [], rows: [], malformed: [] })
    expect(parse('\r\n\r\n')).toEqual({ runs: [], rows: [], malformed: [] })
  })

  test('only the one carriage return of the line end is taken away', () => {
    expect(parse('a,b\r,c\r\r\n').rows).toEqual([['a', 'b\r', 'c\r']])
  })

  test('rows can be found as they stand in the log', () => {
    const bytes = 'a,"b,1",c\r\n\r\nd,e"e,f\nshort\ng,h,i'
    const [run] = parse(bytes).runs
    const rows = Array.from({ length: run!.count }, (_, row) =>
      run!.bytes.toString('utf8', run!.rowStarts[row], run!.rowEnds[row]),
    )
    expect(rows).toEqual(['a,"b,1",c', 'd,e"e,f', 'g,h,i'])
  })

  test('more rows than the buffers begin with, twice by the same parser', () => {
    const parser = createParser()
    for (const name of ['a', 'b']) {
      const bytes = Buffer.concat(Array.from({ length: 7000 }, (_, row) => csvRow([name, `${row}`, 'x,y'])))
      const { runs, malformed } = parser(chunkOf(bytes, three))
      expect(malformed).toEqual([])
      expect(runs.flatMap(fieldsIn)).toEqual(
        Array.from({ length: 7000 }, (_, row) => [name, `${row}`, 'x,y']),
      )
    }
  })
})

describe('irregular rows', () => {
  test('stray quotes are text, between regular rows', () => {
    expect(parse('a,b,c\r\nd"1,"e" e,f\r\n"g,1",""""," "\r\n')).toMatchObject({
      rows: [
        ['a', 'b', 'c'],
        ['d"1', '"e" e', 'f'],
        ['g,1', '"', ' '],
      ],
      malformed: [],
    })
  })

  test('their fields carry the flags of what they hold', () => {
    const [run] = parse('a"=,\x00,é\r\n').runs
    expect([...run!.flags]).toEqual([2, 4, 8])
  })

  test('of another column count are malformed', () => {
    expect(parse('a"b,c\r\n')).toMatchObject({
      rows: [],
      malformed: [{ offset: 0, reason: '2 columns, the header names 3', line: 'a"b,c' }],
    })
  })

  test('without a header get the layout of their column count', () => {
    const row = wide(26, 'a').replace('a3,', 'a"3,')
    expect(parse(row, null).runs).toMatchObject([{ count: 1, layout: { columns: knownColumns[2010] } }])
  })
})

describe('malformed lines', () => {
  test('have their byte offset in the file, reason and bytes; the rest goes on', () => {
    const bytes = 'é,b,c\r\n\r\na,"b,c\r\na,b\r\na,b,c,d\nx,y,z\r\n'
    expect(parse(bytes, three, 1000)).toMatchObject({
      rows: [
        [Buffer.from('é').toString('latin1'), 'b', 'c'],
        ['x', 'y', 'z'],
      ],
      malformed: [
        { offset: 1010, reason: 'a quoted field is not closed', line: 'a,"b,c' },
        { offset: 1018, reason: '2 columns, the header names 3', line: 'a,b' },
        { offset: 1023, reason: '4 columns, the header names 3', line: 'a,b,c,d' },
      ],
    })
  })

  test('an unclosed quote does not swallow the next line', () => {
    expect(parse('"a,b,c\r\nd,e,f"\r\ng,h,i\r\n')).toMatchObject({
      rows: [
        ['d', 'e', 'f"'],
        ['g', 'h', 'i'],
      ],
      malformed: [{ offset: 0, line: '"a,b,c' }],
    })
  })

  test('an unclosed quote does not swallow the next line where the two together had as many columns', () => {
    expect(parse('a,"b\nb",c\nd,e,f\n')).toMatchObject({
      rows: [['d', 'e', 'f']],
      malformed: [{ line: 'a,"b' }, { line: 'b",c' }],
    })
  })

  test('those of the reader come first, with the path of the file', () => {
    const known = { path: logFile.path, offset: 5, reason: 'too long', line: Buffer.from('x') }
    const { malformed } = createParser()(chunkOf('a\r\n', three, { malformed: [known] }))
    expect(malformed).toMatchObject([known, { path: logFile.path, offset: 0 }])
  })

  test('stay as they were when the bytes of the chunk are used again', () => {
    const chunk = chunkOf('a,b\r\n', three)
    const { malformed } = createParser()(chunk)
    chunk.bytes.fill(0)
    expect(Buffer.from(malformed[0]!.line).toString()).toBe('a,b')
  })
})

describe('layouts', () => {
  test('without a header: by the number of columns, in runs, in the order of the rows', () => {
    const counts = [30, 30, 21, 26, 26, 27, 30]
    const bytes = counts.map((count, row) => wide(count, `r${row}c`)).join('')
    const { runs, malformed } = parse(bytes, null)
    expect(malformed).toEqual([])
    expect(runs.map(({ layout, count }) => [layout.columns, layout.version, count])).toEqual([
      [knownColumns[2016], '', 2],
      [knownColumns[2007], '', 1],
      [knownColumns[2010], '', 2],
      [knownColumns[2013], '', 1],
      [knownColumns[2016], '', 1],
    ])
    const seconds = runs.flatMap((run) => fieldsIn(run)).map((fields) => fields[1])
    expect(seconds).toEqual(counts.map((_, row) => `r${row}c1`))
  })

  test.each([1, 20, 22, 25, 28, 29, 31, 200])('without a header: %i columns are no layout', (count) => {
    expect(parse(wide(count, 'a'), null)).toMatchObject({
      rows: [],
      malformed: [
        {
          offset: 0,
          reason: `no header in reach, and no known layout has ${count} column${count === 1 ? '' : 's'}`,
        },
      ],
    })
  })

  test('a header of 27 columns goes on for rows of 30, and back, without shifting a column', () => {
    const header = layoutOf('2013', '15.00.1497.000')
    const { runs, malformed } = parse(wide(27, 'a') + wide(30, 'b') + wide(30, 'c') + wide(27, 'd'), header)
    expect(malformed).toEqual([])
    expect(runs.map(({ layout, count }) => [layout.columns, layout.version, count])).toEqual([
      [knownColumns[2013], '15.00.1497.000', 1],
      [knownColumns[2016], '15.00.1497.000', 2],
      [knownColumns[2013], '15.00.1497.000', 1],
    ])
    expect(runs.flatMap(fieldsIn).map((fields) => [fields[11], fields.at(-1)])).toEqual([
      ['a11', 'a26'],
      ['b11', 'b29'],
      ['c11', 'c29'],
      ['d11', 'd26'],
    ])
  })

  test.each([
    ['fewer columns than the header', '2016', 27],
    ['columns that were put in the middle', '2010', 27],
    ['a count that no version has', '2016', 31],
  ] as const)('a header is never stretched over %s', (_, version, count) => {
    expect(parse(wide(count, 'a'), layoutOf(version))).toMatchObject({ rows: [], malformed: [{ offset: 0 }] })
  })

  test('a header with columns of its own is not taken for the beginning of a known one', () => {
    const own = layoutOf([...knownColumns[2013].slice(0, 26), 'something-else'])
    expect(parse(wide(30, 'a'), own)).toMatchObject({ rows: [], malformed: [{ offset: 0 }] })
    expect(parse(wide(27, 'a'), own).runs).toMatchObject([{ layout: own }])
  })

  test('columns that a later version appended are kept', () => {
    const later = layoutOf([...knownColumns[2016], 'brand-new'])
    expect(parse(wide(31, 'a'), later).rows[0]?.[30]).toBe('a30')
  })

  test('irregular rows in several runs all find their bytes', () => {
    const { rows } = parse(wide(21, '"a"') + wide(26, 'b"') + wide(21, '"c"'), null)
    expect(rows.map((fields) => [fields.length, fields[1], fields.at(-1)])).toEqual([
      [21, '"a"1', '"a"20'],
      [26, 'b"1', 'b"25'],
      [21, '"c"1', '"c"20'],
    ])
  })
})

describe('a row whose date-time is none is malformed', () => {
  const noTime = 'its date-time is no date and time'
  const behind = 'text stands before its date-time, such as the header of a syslog message'
  const layouts = [
    ['under a header', layoutOf('2016')],
    ['without a header', null],
    ['under the header of an earlier version', layoutOf('2013')],
  ] as const

  describe.each(layouts)('%s', (_, layout) => {
    test.each([
      ['empty', '', noTime],
      ['a name', 'date-time', noTime],
      ['a quoted name', '"PSComputerName"', noTime],
      ['in the form of a locale', '06/09/2015 01:02:44', noTime],
      ['a day that is none', '2026-02-30T00:00:00.000Z', noTime],
      ['an hour that is none', '2026-11-20T24:00:00.000Z', noTime],
      ['a second that is none', '2026-11-20T14:00:61.000Z', noTime],
      ['too short', '2026-11-20', noTime],
      ['followed by text', `${time}x`, noTime],
      ['of another zone', '2026-11-20T14:00:01+01:00', noTime],
      ['with a fraction of letters', '2026-11-20T14:00:01.0a7Z', noTime],
      ['behind the header of a syslog message', `Dec 14 11:52:17 EX01 ${time}`, behind],
      ['behind a priority', `<134>${time}`, behind],
    ])('%s', (_, first, reason) => {
      const good = wide(30, 'good')
      const bad = wide(30, 'bad', first)
      const { rows, malformed } = parse(good + bad + good, layout, 100)
      expect(rows.map((fields) => fields[1])).toEqual(['good1', 'good1'])
      expect(malformed).toEqual([{ offset: 100 + good.length, reason, line: bad.trimEnd() }])
    })

    test('in a row with stray quotes as well', () => {
      const { rows, malformed } = parse(wide(30, 'a"') + wide(30, 'b"', 'x'), layout)
      expect(rows.map((fields) => fields[1])).toEqual(['a"1'])
      expect(malformed).toMatchObject([{ reason: noTime }])
    })

    test.each([
      ['milliseconds', time],
      ['quoted', `"${time}"`],
      ['no fraction', '2026-11-20T14:00:01Z'],
      ['no zone', '2026-11-20T14:00:01.037'],
      ['a fraction of seven digits', '2026-11-20T14:00:01.0370000Z'],
      ['a leap day', '2024-02-29T23:59:59.999Z'],
    ])('but not with %s', (_, first) => {
      expect(parse(wide(30, 'a', first), layout)).toMatchObject({ rows: [{ 1: 'a1' }], malformed: [] })
    })
  })

  test('where the header says in which column it stands', () => {
    const moved = layoutOf(['event-id', 'Date-Time', 'sender-address'])
    expect(parse(`SEND,${time},a\r\nSEND,x,b\r\n`, moved)).toMatchObject({
      rows: [['SEND', time, 'a']],
      malformed: [{ reason: noTime, line: 'SEND,x,b' }],
    })
  })

  test('and not where no column is called so', () => {
    expect(parse('a,b,c\r\n', three)).toMatchObject({ rows: [['a', 'b', 'c']], malformed: [] })
  })
})

describe('what a crash or a copy leaves before a row', () => {
  test.each([
    ['a run of NULs', '\0'.repeat(5000)],
    ['a byte order mark', '\ufeff'],
  ])('%s is passed over', (_, before) => {
    for (const layout of [layoutOf('2016'), null]) {
      const { rows, malformed } = parse(wide(30, 'a') + before + wide(30, 'b'), layout)
      expect(rows.map((fields) => fields.slice(0, 2))).toEqual([
        [time, 'a1'],
        [time, 'b1'],
      ])
      expect(malformed).toEqual([])
    }
  })

  test('nothing but NULs in a line is nothing, like an empty line', () => {
    expect(parse(`${'\0'.repeat(100)}\r\n${wide(30, 'a')}`, layoutOf('2016'))).toMatchObject({
      rows: [{ 1: 'a1' }],
      malformed: [],
    })
    expect(parse('\0'.repeat(100), null)).toMatchObject({ rows: [], malformed: [] })
  })

  test('NULs within a row stay where they are', () => {
    const torn = `${time},torn${'\0'.repeat(20)}${wide(30, 'a')}`
    expect(parse(torn, layoutOf('2016'))).toMatchObject({ rows: [], malformed: [{ line: torn.trimEnd() }] })
    expect(parse(wide(30, 'a\0b'), null).rows[0]?.[1]).toBe('a\0b1')
  })
})

test('says whether all of the chunk is valid UTF-8', () => {
  expect(parse('a,é,😀\r\n').runs).toMatchObject([{ validUtf8: true }])
  const invalid = Buffer.concat([Buffer.from('a,b,c\r\na,'), Buffer.of(0xc3), Buffer.from(',c\r\n')])
  expect(parse(invalid).runs).toMatchObject([{ validUtf8: false, count: 2 }])
})
