import { describe, expect, test } from 'vitest'
import { flagsOf } from '../../../src/field-flags.ts'
import { RowTable } from '../../../src/parse/row-table.ts'
import { IRREGULAR, splitRow } from '../../../src/parse/split-row.ts'
import { FieldFlag } from '../../../src/types.ts'

/** The number of fields, those that were stored as they stand between the offsets, and their flags. */
function split(row: string | Buffer, columns = 8) {
  const table = new RowTable()
  const bytes = Buffer.from(row as string)
  const count = splitRow(table, bytes, 0, bytes.length, columns)
  const indexes = Array.from({ length: Math.min(Math.max(count, 0), columns) }, (_, index) => index)
  return {
    count,
    fields: indexes.map((index) => bytes.toString('utf8', table.starts[index], table.ends[index])),
    flags: indexes.map((index) => table.flags[index]),
  }
}

describe('fields', () => {
  test.each([
    ['a,b,c', ['a', 'b', 'c']],
    ['a', ['a']],
    [',b', ['', 'b']],
    ['a,', ['a', '']],
    [',', ['', '']],
    [',,,', ['', '', '', '']],
    ['', ['']],
    ['"a,b",c', ['a,b', 'c']],
    ['a,"b,c"', ['a', 'b,c']],
    ['"",b', ['', 'b']],
    ['a,""', ['a', '']],
    ['""', ['']],
    ['" a ", b ', [' a ', ' b ']],
    ['"a",', ['a', '']],
    ["a'b;c,'d'", ["a'b;c", "'d'"]],
    ['EX01\\relay,\\n', ['EX01\\relay', '\\n']],
    ['a\rb,c', ['a\rb', 'c']],
  ])('%j', (row, fields) => {
    expect(split(row)).toMatchObject({ count: fields.length, fields })
  })

  test('a doubled quote stays doubled between the offsets and is flagged', () => {
    expect(split('"say ""hi"", now",""""')).toEqual({
      count: 2,
      fields: ['say ""hi"", now', '""'],
      flags: [FieldFlag.quote, FieldFlag.quote],
    })
  })

  test('are counted beyond the columns, but not stored', () => {
    const table = new RowTable()
    const bytes = Buffer.from('a,b,c,d')
    table.starts.fill(77)
    expect(splitRow(table, bytes, 0, bytes.length, 2)).toBe(4)
    expect([...table.starts.subarray(0, 3)]).toEqual([0, 2, 77])
  })

  test('are those between start and end, stored from the next field on', () => {
    const table = new RowTable()
    const bytes = Buffer.from('x,y\na,"b",c\nz"')
    table.nextField = 5
    expect(splitRow(table, bytes, 4, 11, 3)).toBe(3)
    const found = [5, 6, 7].map((index) => bytes.toString('latin1', table.starts[index], table.ends[index]))
    expect(found).toEqual(['a', 'b', 'c'])
  })

  test('end with the row: a quote or comma behind it is not looked at', () => {
    const bytes = Buffer.from('"a""b')
    expect(splitRow(new RowTable(), bytes, 0, 3, 1)).toBe(1)
  })
})

describe('a row with a stray quote is irregular', () => {
  test.each([
    'a"b',
    'a,b"',
    '"a"b',
    '"a" ,b',
    '"a',
    '"',
    'a,"',
    'a,"b,c',
    '"a""',
    '"a"\r',
    ' "a"',
    '"""',
    '\ufeff"a"',
  ])('%j', (row) => {
    expect(split(row).count).toBe(IRREGULAR)
  })
})

describe('flags', () => {
  test.each([
    ['plain', 'a b;|', 0],
    ['a comma in quotes', '"a,b"', 0],
    ['tab', 'a\tb', 0],
    ['backslash', 'a\\b', FieldFlag.escape],
    ['equals', 'a=b', FieldFlag.escape],
    ['carriage return', 'a\rb', FieldFlag.escape],
    ['NUL', 'a\0b', FieldFlag.control],
    ['escape character', '\x1b[31m', FieldFlag.control],
    ['DEL', 'a\x7f', FieldFlag.control],
    ['beyond ASCII', 'é', FieldFlag.high],
    [
      'all of them in quotes',
      '"\x01=é"""',
      FieldFlag.control | FieldFlag.escape | FieldFlag.high | FieldFlag.quote,
    ],
  ])('%s', (_, row, flags) => {
    expect(split(row).flags).toEqual([flags])
  })

  test('belong to their own field', () => {
    expect(split('=,a,\x00,"b",é').flags).toEqual([FieldFlag.escape, 0, FieldFlag.control, 0, FieldFlag.high])
  })

  test('every byte that a copy has to care for is flagged, no other', () => {
    for (let byte = 0; byte < 256; byte++) {
      const control = (byte < 0x20 && ![0x09, 0x0a, 0x0d].includes(byte)) || byte === 0x7f
      const escaped = [0x0a, 0x0d, 0x5c, 0x3d].includes(byte)
      const expected =
        (control ? FieldFlag.control : 0) |
        (escaped ? FieldFlag.escape : 0) |
        (byte >= 0x80 ? FieldFlag.high : 0)
      expect(flagsOf(Buffer.of(byte), 0, 1), `byte ${byte}`).toBe(expected)
      if (byte !== 0x22) expect(split(Buffer.of(0x22, byte, 0x22)).flags, `byte ${byte}`).toEqual([expected])
    }
  })

  test('of bytes that are no row: a quote is text', () => {
    expect(flagsOf(Buffer.from('x"",=y'), 0, 4)).toBe(0)
    expect(flagsOf(Buffer.from('x"",=y'), 0, 5)).toBe(FieldFlag.escape)
  })
})
