import { expect, it } from 'vitest'
import { valueLimit } from '../../../src/rewrite/value-limit.ts'
import { eventPlan, valuePlan } from '../../support/records.ts'

it('is the least limit of the keys that a column becomes the text of', () => {
  const plan = eventPlan({
    fields: [valuePlan({ column: 1, maxBytes: 1023 }), valuePlan({ column: 2, as: 'integer', maxBytes: 0 })],
    device: [valuePlan({ column: 1, maxBytes: 100 })],
    additional: [valuePlan({ column: 1, maxBytes: 4000 }), valuePlan({ column: 3, maxBytes: 4000 })],
  })
  expect(valueLimit(plan, 1)).toBe(100)
  expect(valueLimit(plan, 3)).toBe(4000)
  expect(valueLimit(plan, 2)).toBe(Number.POSITIVE_INFINITY)
})
