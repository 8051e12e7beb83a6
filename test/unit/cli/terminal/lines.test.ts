import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inLines } from '../../../../src/cli/terminal/lines.ts'
import { runs } from '../../../support/runs.ts'

test('a paragraph that is too wide is filled anew, what fits and what goes into a file stays', () => {
  const text = 'one two three four five\nsix seven\n\neight nine'
  expect(inLines(text, 14)).toBe('one two three\nfour five six\nseven\n\neight nine')
  expect(inLines(text, 30)).toBe(text)
  expect(inLines(text)).toBe(text)
})

test('a remedy goes on where it began, and what stands in quotes stays whole', () => {
  expect(
    inLines("f.yaml: is wrong\n  → you can't have it so: write 'C:\\Program Files\\Exchange Server'", 26),
  ).toBe("f.yaml: is wrong\n  → you can't have it so:\n    write\n    'C:\\Program Files\\Exchange Server'")
})

test('a command stays whole, and what it does goes on in its column or below', () => {
  expect(inLines('  msgtrk run --from EX01 --to tcp://localhost:514 --once', 30)).toBe(
    '  msgtrk run --from EX01 --to tcp://localhost:514 --once',
  )
  expect(inLines('  msgtrk demo   what it does, at some length', 34)).toBe(
    `  msgtrk demo   what it does, at\n${' '.repeat(16)}some length`,
  )
  expect(inLines('  msgtrk run --from EX01 --once   what it does, at some length', 32)).toBe(
    '  msgtrk run --from EX01 --once\n      what it does, at some\n      length',
  )
})

test('no word is lost, and no line is wider than the terminal where its words are not', () => {
  // No name of a program is of these letters: commands stay whole.
  const line = fc.tuple(
    fc.nat(4),
    fc.array(fc.stringMatching(/^[a-l]{1,12}$/), { minLength: 1, maxLength: 20 }),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.integer({ min: 24, max: 60 }), (lines, width) => {
      const text = lines.map(([indent, words]) => ' '.repeat(indent) + words.join(' ')).join('\n')
      const shown = inLines(text, width)
      expect(shown.match(/\S+/g)).toStrictEqual(text.match(/\S+/g))
      for (const each of shown.split('\n')) expect(each.length).toBeLessThanOrEqual(width)
    }),
    { numRuns: runs(200) },
  )
})
