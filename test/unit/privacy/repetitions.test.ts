/** Many values are looked for in another way than few: what is found must be the same. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Kind } from '../../../src/privacy/columns.ts'
import { Repetitions, repeatablesOf } from '../../../src/privacy/repetitions.ts'
import { runs } from '../../support/runs.ts'

const kinds: readonly Kind[] = ['address', 'addresses', 'ip', 'host', 'text', 'fixed']

/** The values, each with its number in its place, and more values that stand nowhere. */
function repetitionsOf(values: readonly (readonly [Kind, string])[], others: number): Repetitions {
  const repetitions = new Repetitions()
  const add = (kind: Kind, value: string, replacement: string) =>
    repetitions.add(repeatablesOf(kind, value, () => replacement))
  for (let other = 0; other < others; other++) add('text', `nowhere-${other}`, 'never')
  for (const [index, [kind, value]] of values.entries()) add(kind, value, `<${index}>`)
  return repetitions
}

const word = fc.string({ unit: fc.constantFrom(..."aabBb@@.-1İΣß'"), minLength: 3, maxLength: 9 })
const value = fc.tuple(fc.constantFrom(...kinds), fc.oneof(word, fc.ipV4()))

describe('of many values', () => {
  test('the same is replaced as of few', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(...kinds),
        fc.constantFrom('', ' ', ', '),
        fc.array(fc.oneof(fc.nat(29), word), { maxLength: 8 }),
        (values, kind, between, parts) => {
          const text = parts
            .map((part) => (typeof part === 'string' ? part : (values[part % values.length]?.[1] ?? '')))
            .join(between)
          const few = repetitionsOf(values, 0).replaceIn(text, kind)
          expect(repetitionsOf(values, 100).replaceIn(text, kind)).toBe(few)
        },
      ),
      { numRuns: runs(1000) },
    )
  })

  test('the longest counts, and of a text added twice the first', () => {
    const values = ['anna@a.example', 'anna@a.example.org', 'ann@a.example', 'anna@a.example']
    const repetitions = repetitionsOf(
      values.map((value) => ['address', value]),
      100,
    )
    const text = 'To ANNA@a.example.org, anna@a.example, ann@a.example, an@a.example'
    expect(repetitions.replaceIn(text, 'text')).toBe('To <1>, <0>, <2>, an@a.example')
  })

  test('with apostrophes, none is compared with all others', () => {
    // Quadratic, these would take minutes.
    const values = Array.from({ length: 100_000 }, (_, index) => ['address', `o'${index}@a.example`] as const)
    const text = "'o''99999@a.example';'o''100000@a.example'"
    expect(repetitionsOf(values, 0).replaceIn(text, 'text')).toBe("'<99999>';'o''100000@a.example'")
  })

  test('small letters stand where the letters stood', () => {
    const repetitions = repetitionsOf([['address', 'ΟΔΟΣ@a.example']], 100)
    expect(repetitions.replaceIn('İİ οδοσ@A.example Σ', 'text')).toBe('İİ <0> Σ')
  })
})
