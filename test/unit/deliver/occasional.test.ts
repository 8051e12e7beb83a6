import { expect, test } from 'vitest'
import { Occasional } from '../../../src/deliver/occasional.ts'

test('it is told at once, then once a minute with how often it was, and at the end', () => {
  const told: [number, string][] = []
  let now = 5
  const occasional = new Occasional<string>((count, first) => void told.push([count, first]), {
    now: () => now,
  })
  occasional.happened(3, 'a')
  occasional.happened(4, 'b')
  now += 59_999
  occasional.happened(5, 'c')
  expect(told).toEqual([[3, 'a']])
  now += 1
  occasional.happened(1, 'd')
  occasional.happened(2, 'e')
  occasional.end()
  occasional.end()
  expect(told).toEqual([
    [3, 'a'],
    [10, 'b'],
    [2, 'e'],
  ])
})
