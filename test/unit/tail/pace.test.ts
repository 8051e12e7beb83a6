import { expect, it } from 'vitest'
import { pollMs } from '../../../src/tail/pace.ts'

it('looks often at what grows, every two seconds at the newest, seldom at what is old', () => {
  for (const age of [0, 1, 2000]) expect(pollMs(0, age)).toBe(200)
  expect(pollMs(Number.POSITIVE_INFINITY, 0)).toBe(2000)
  expect(pollMs(Number.POSITIVE_INFINITY, 1)).toBeLessThanOrEqual(45_000)
  expect(pollMs(Number.POSITIVE_INFINITY, 2000)).toBeGreaterThanOrEqual(300_000)
})
