import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textTable } from '../../../../src/cli/terminal/table.ts'
import { runs } from '../../../support/runs.ts'

test('columns are as wide as their widest cell, and nothing stands behind the last', () => {
  expect(
    textTable([
      ['a', 'bb', 'c'],
      ['aaa', '', ''],
      ['', 'b', 'cc'],
    ]),
  ).toBe('a    bb  c\naaa\n     b   cc\n')
})

test('numbers and what stands over them are aligned to the right', () => {
  const rows = [
    ['file', 'offset', 'left'],
    ['a.LOG', '7', '1000 (1 %)'],
    ['long.LOG', '100000', '-'],
  ]
  expect(textTable(rows, { numbersFrom: 1 })).toBe(
    'file      offset        left\na.LOG          7  1000 (1 %)\nlong.LOG  100000           -\n',
  )
})

test('a cell is cut to its limit, and can not leave its line', () => {
  expect(textTable([['abcdef', 'x']], { maxCell: 4 })).toBe('abc…  x\n')
  expect(textTable([['a\nb\x1b[2J', 'x']]).split('\n')).toHaveLength(2)
})

test('a table wider than the terminal goes on in the next lines of its wide columns', () => {
  const rows = [
    ['key', 'says'],
    ['cs1', 'the number of the message within its server'],
    ['cs2', 'short'],
  ]
  expect(textTable(rows, { width: 30 })).toBe(
    'key  says\ncs1  the number of the message\n     within its server\ncs2  short\n',
  )
})

test('a word without room breaks behind a hyphen, else anywhere', () => {
  expect(textTable([['original-client-ip', '0123456789abcdef']], { width: 24 })).toBe(
    'original-    0123456789a\nclient-ip    bcdef\n',
  )
})

test('where the columns are too many for the terminal, it breaks the lines itself', () => {
  const rows = [['aaaaaaaa bbbbbbbb', 'aaaaaaaa bbbbbbbb', 'aaaaaaaa bbbbbbbb']]
  expect(textTable(rows, { width: 20 })).toBe(textTable(rows))
})

const cell = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', '-', 'é', ';', 'word ', 'longword'),
  maxLength: 60,
})
const table = fc
  .integer({ min: 1, max: 5 })
  .chain((columns) => fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1 }))

test('nothing is wider than a terminal that has room for its columns, and nothing is left out', () => {
  fc.assert(
    fc.property(table, fc.integer({ min: 50, max: 120 }), (rows, width) => {
      const text = textTable(rows, { width })
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
      const letters = (of: string) => [...of.replaceAll(/\s/g, '')].sort().join('')
      expect(letters(text)).toBe(letters(rows.flat().join('')))
    }),
    { numRuns: runs(300) },
  )
})
