import { expect, it } from 'vitest'
import { createPace } from '../../../src/tail/pace.ts'

it('looks often at what grows, every two seconds at the newest, seldom at what is old', () => {
  const { pollMs } = createPace()
  for (const age of [0, 1, 2000]) expect(pollMs(0, age)).toBe(200)
  expect(pollMs(Number.POSITIVE_INFINITY, 0)).toBe(2000)
  expect(pollMs(Number.POSITIVE_INFINITY, 1)).toBeLessThanOrEqual(45_000)
  expect(pollMs(Number.POSITIVE_INFINITY, 2000)).toBeGreaterThanOrEqual(300_000)
})

it('lists large folders less often, but once a minute at least', () => {
  const { listMs } = createPace()
  expect([0, 100, 2000, 50_000].map(listMs)).toEqual([5_000, 5_000, 20_000, 60_000])
})

it('keeps its proportions at any scale', () => {
  const [usual, quick] = [createPace(), createPace(0.01)]
  expect(quick.confirmMs).toBe(usual.confirmMs / 100)
  expect(quick.pollMs(100, 0)).toBe(usual.pollMs(10_000, 0) / 100)
  expect(quick.fileRetryMs(3)).toBe(usual.fileRetryMs(3) / 100)
})
