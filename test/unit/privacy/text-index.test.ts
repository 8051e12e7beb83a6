/** The tree of many texts is held against a plain map of them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TextIndex } from '../../../src/privacy/text-index.ts'
import { runs } from '../../support/runs.ts'

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'ß', '@'), minLength: 1, maxLength: 6 })

test('finds the texts that were added, with their last number, and those that stand at a place', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 300 }), fc.array(word), (texts, others) => {
      const index = new TextIndex()
      const known = new Map<string, number>()
      for (const [number, text] of texts.entries()) {
        index.set(text, number)
        known.set(text, number)
      }
      for (const text of [...texts, ...others, '']) expect(index.get(text)).toBe(known.get(text) ?? -1)
      const all = others.join('')
      for (let start = 0; start < all.length; start++) {
        const found: [number, number][] = []
        index.visitAt(all, start, (end, number) => found.push([end, number]))
        const expected = Array.from({ length: 6 }, (_, index) => start + index + 1)
          .filter((end) => end <= all.length && known.has(all.slice(start, end)))
          .map((end) => [end, known.get(all.slice(start, end))])
        expect(found).toEqual(expected)
      }
    }),
    { numRuns: runs(500) },
  )
})

test('holds a hundred thousand', () => {
  const index = new TextIndex()
  const texts = Array.from({ length: 100_000 }, (_, number) => `r${number}@example.com`)
  for (const [number, text] of texts.entries()) index.set(text, number)
  for (const [number, text] of texts.entries()) if (index.get(text) !== number) expect.fail(text)
})
