/** Patterns that the engine of the language is trusted with find the same as with RE2's. */
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { expect, test } from 'vitest'
import { steadyPattern } from '../../src/mistakes/steady-pattern.ts'
import { runs } from '../support/runs.ts'

const one = fc.constantFrom(
  'a', 'b', 'Z', '1', ' ', '=', ':', '\\d', '\\w', '\\b', '\\.', '\\|', '[ab]', '[^ab]', '[a-f0-9]{2}', '\\d{3}', '[AEIP|]', '[.$?]', '[ -]',
) // biome-ignore format: a list of pieces
const odd = fc.constantFrom(
  '.',
  '\\s',
  'a+',
  '$',
  '(',
  ')',
  '?',
  'é',
  'a|b',
  '\\pL',
  '[[:alpha:]]',
  '{2}',
  '+',
)
const many = fc.constantFrom('\\w+', '\\d*', '[^;]*', '[^ab|]+', '[a-z]+', '[=:]*')
const group = fc
  .tuple(fc.constantFrom('(', '(?:'), fc.array(one, { minLength: 1, maxLength: 3 }))
  .map(([open, pieces]) => `${open}${pieces.join('')})`)
const choice = fc
  .tuple(
    fc.constantFrom('(', '(?:'),
    fc.array(
      fc.oneof(
        fc.array(one, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join('')),
        fc.constant('^'),
      ),
      { minLength: 2, maxLength: 3 },
    ),
  )
  .map(([open, alternatives]) => `${open}${alternatives.join('|')})`)
const last = fc.oneof(
  many,
  fc.tuple(one, many).map(([piece, more]) => `(${piece}${more})`),
  fc.constant(''),
)
const sources = fc
  .tuple(
    fc.constantFrom('', '^'),
    fc.array(
      fc.oneof(
        { weight: 8, arbitrary: one },
        { weight: 3, arbitrary: group },
        { weight: 2, arbitrary: choice },
        odd,
      ),
      { maxLength: 5 },
    ),
    last,
  )
  .map(([start, pieces, end]) => `${start}${pieces.join('')}${end}`)
  .filter((source) => source !== '')
const texts = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    'f',
    'Z',
    '0',
    '1',
    '9',
    ' ',
    '=',
    ':',
    ';',
    '.',
    '|',
    'é',
    '😀',
    '\n',
    '\u2028',
    '_',
    '$',
  ),
  maxLength: 40,
})

test('they find the same', () => {
  let steady = 0
  fc.assert(
    fc.property(sources, fc.array(texts, { minLength: 1, maxLength: 8 }), (source, all) => {
      const pattern = steadyPattern(source)
      if (pattern === null) return
      steady++
      const judge = RE2JS.compile(source)
      for (const text of all) {
        const matcher = judge.matcher(text)
        const expected = matcher.find()
          ? Array.from({ length: matcher.groupCount() + 1 }, (_, at) => matcher.group(at) ?? undefined)
          : null
        const found = pattern.exec(text)
        expect(found === null ? null : [...found], JSON.stringify([source, text])).toEqual(expected)
        expect(pattern.test(text)).toBe(expected !== null)
      }
    }),
    { numRuns: runs(20_000) },
  )
  expect(steady).toBeGreaterThan(runs(20_000) / 4)
})
