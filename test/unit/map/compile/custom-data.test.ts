/** A key of custom-data, found by its bytes, held against the list taken apart. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { customValue, memberRests } from '../../../../src/map/compile/custom-data.ts'
import { splitList } from '../../../../src/records/list.ts'
import { layoutOf, recordsOf } from '../../../support/records.ts'
import { runs } from '../../../support/runs.ts'

const layout = layoutOf(['source', 'custom-data', 'event-id'])
const pieces = fc
  .array(fc.constantFrom('S:A=', 'S:A', 'S:AB=', 'a', ';', ';', "'", '"', ',', ' ', 'é', '=', 'XS:A='), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''))

test('any list', () => {
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 20 }), (lists) => {
      const records = recordsOf(
        layout,
        lists.map((list) => ['S:A=x', list, 'S:A=y;S:A=z']),
      )
      const value = customValue(1, 'S:A')
      const rests = memberRests(1, 'S:A=a')
      for (const [row, list] of lists.entries()) {
        const members = splitList(list)
        const member = members.find((one) => one.startsWith('S:A='))
        expect(value(records, row)).toBe(member?.slice(4) ?? '')
        const beginning = members.filter((one) => one.startsWith('S:A=a'))
        expect(rests(records, row)).toBe(beginning.map((one) => one.slice(5)).join('; '))
      }
    }),
    { numRuns: runs(500) },
  )
})

test('a key that is longer than what is looked for', () => {
  const key = `S:${'k'.repeat(300)}`
  const records = recordsOf(layout, [['', `S:A=1;${key}=v;S:B=2`, '']])
  expect(customValue(1, key)(records, 0)).toBe('v')
})
