import { expect, test } from 'vitest'
import { Rates } from '../../../src/status/rates.ts'

test('a rate is that over the time asked for, or since the start', () => {
  let nowMs = 0
  const rates = new Rates({ read: 0 }, () => nowMs)
  // Ten a second for a minute, then a hundred.
  let read = 0
  for (let second = 1; second <= 120; second++) {
    nowMs = second * 1000
    read += second <= 60 ? 10 : 100
    rates.sample({ read })
  }
  expect(rates.perSecond('read', read, 60_000)).toBeCloseTo(100)
  expect(rates.perSecond('read', read, 900_000)).toBeCloseTo(55)
  expect(rates.growth('read', read, 60_000)).toBe(6000)
})

test('nothing is kept longer than it is asked for', () => {
  let nowMs = 0
  const rates = new Rates({ read: 0 }, () => nowMs)
  for (let minute = 1; minute <= 60; minute++) {
    nowMs = minute * 60_000
    rates.sample({ read: minute })
  }
  expect(rates.growth('read', 60, 900_000)).toBe(15)
  expect(rates.growth('read', 60, 3_600_000)).toBeLessThanOrEqual(16)
})
