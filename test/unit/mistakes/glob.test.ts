/** Globs of file names and of values of records: the same, but for brackets and braces. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileTexts } from '../../../src/filter/text-entry.ts'
import { compileGlob } from '../../../src/tail/folder/glob.ts'
import { runs } from '../../support/runs.ts'

function isName(glob: string, name: string): boolean {
  return compileGlob(glob)(name)
}

function isValue(glob: string, value: string): boolean {
  const bytes = Buffer.from(value)
  return compileTexts([glob])(bytes, 0, bytes.length)
}

test('without brackets and braces both have the same answer', () => {
  const letter = fc.constantFrom('a', 'A', 'b', 'B', '.', '+', '(', '$', '-', ' ', '€', '😀')
  /** A piece of a glob, and a text that mostly fits it. */
  const piece = fc.oneof(
    letter.map((one) => [one, one] as const),
    letter.map((one) => [one, one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase()] as const),
    fc.tuple(fc.constant('?'), letter),
    fc.tuple(fc.constant('*'), fc.string({ unit: letter, maxLength: 3 })),
    fc.tuple(letter, letter),
  )
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
      const [glob, text] = [0, 1].map((side) => pieces.map((piece) => piece[side]).join('')) as [
        string,
        string,
      ]
      expect(isValue(glob, text)).toBe(isName(glob, text))
    }),
    { numRuns: runs(1000) },
  )
})

test.each([
  ['[EXTERNAL] *', '[External] offer', 'e offer'],
  ['*@[192.0.2.1]', 'ann@[192.0.2.1]', 'ann@9'],
  ['{1f*}*', '{1F}.log', '1f.log'],
])('in %s they stand for themselves in values, and choose in names', (glob, itself, chosen) => {
  expect([isValue(glob, itself), isName(glob, itself)]).toEqual([true, false])
  expect([isValue(glob, chosen), isName(glob, chosen)]).toEqual([false, true])
})
