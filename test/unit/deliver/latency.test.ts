import { expect, test } from 'vitest'
import { Latency } from '../../../src/deliver/latency.ts'

test('each is counted in its range, both ends of all ranges among them', () => {
  const latency = new Latency()
  for (const seconds of [0, 0.01, 0.011, 5, 300, 301, 1e6]) latency.took(seconds)
  const { bounds, counts, sum } = latency.snapshot()
  const seen = counts.flatMap((count, index) => (count === 0 ? [] : [[bounds[index] ?? null, count]]))
  expect(seen).toEqual([
    [0.01, 2],
    [0.05, 1],
    [5, 1],
    [300, 1],
    [null, 2],
  ])
  expect(sum).toBeCloseTo(1_000_606.021)
})
