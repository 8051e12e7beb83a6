import { expect, test } from 'vitest'
import { parseIrregularRow } from '../../../src/parse/irregular-row.ts'

function fields(row: string | Buffer) {
  return parseIrregularRow(Buffer.from(row as string))
}

test.each([
  ['a"b,c"d', ['a"b', 'c"d']],
  ['"abc" def,x', ['"abc" def', 'x']],
  ['"a,b"c,d', ['"a,b"c', 'd']],
  [' "a,b",c', [' "a', 'b"', 'c']],
  ['a"b,"c,d",e', ['a"b', 'c,d', 'e']],
  ['a"b,"c""d"', ['a"b', 'c"d']],
  ['a",', ['a"', '']],
  [',a"', ['', 'a"']],
])('stray quotes are text: %j', (row, expected) => {
  expect(fields(row)).toEqual({ fields: expected })
})

test.each(['"a', 'a,"b,c', '"a""', '"'])('a quote that is not closed is a reason: %j', (row) => {
  expect(fields(row)).toEqual({ fields: null, reason: 'a quoted field is not closed' })
})

test('every byte but the line feed comes back as it was', () => {
  const bytes = Buffer.from(
    Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x0a && byte !== 0x2c),
  )
  expect(fields(bytes)).toEqual({ fields: [bytes.toString('latin1')] })
})

test('a lone carriage return is no line end', () => {
  expect(fields('a"\rb,c\r')).toEqual({ fields: ['a"\rb', 'c\r'] })
})

test('a row of nothing but quotes is read in reasonable time', () => {
  const row = '"a'.repeat(100_000)
  expect(fields(`x${row}`)).toEqual({ fields: [`x${row}`] })
})
