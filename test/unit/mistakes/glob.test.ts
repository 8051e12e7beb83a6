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
  const letters = ['a', 'B', '.', '+', '(', '$', '-', ' ']
  const glob = fc.array(fc.constantFrom(...letters, '*', '?'), { minLength: 1, maxLength: 6 })
  const text = fc.array(fc.constantFrom(...letters, 'A', 'b', '€', '😀'), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(glob, text, (glob, text) => {
      const [asGlob, asText] = [glob.join(''), text.join('')]
      expect(isValue(asGlob, asText)).toBe(isName(asGlob, asText))
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
