import { expect, test } from 'vitest'
import { estimateRetention } from '../../../src/status/retention.ts'

const nowMs = Date.parse('2026-11-28T12:00:00Z')
const day = 86_400_000
const megabyte = 1024 * 1024
const log = (daysAgo: number, size: number, prefix = 'MSGTRK') => ({
  prefix,
  size,
  begunAtMs: nowMs - daysAgo * day,
})

test('by the usual age, or by size where a prefix grows so fast', () => {
  expect(estimateRetention([log(10, 100 * megabyte)], nowMs, null)).toEqual({
    keepsSeconds: 30 * 86_400,
    by: 'age',
  })
  // 100 MB a day: 1,000 MB are ten days.
  const fast = [log(5, 250 * megabyte), log(2, 250 * megabyte), log(5, megabyte, 'MSGTRKMD')]
  expect(estimateRetention(fast, nowMs, null)).toEqual({ keepsSeconds: 10 * 86_400, by: 'size' })
})

test('a server of a day says nothing of how it grows', () => {
  expect(estimateRetention([log(0.5, 900 * megabyte)], nowMs, null)?.by).toBe('age')
})

test('what is there is kept: the estimate is never below it', () => {
  const full = estimateRetention([log(20, 3000 * megabyte)], nowMs, null)
  expect(full).toEqual({ keepsSeconds: 20 * 86_400, by: 'size' })
})

test('nothing can be said of a folder that is empty, or older than Exchange usually keeps', () => {
  expect(estimateRetention([], nowMs, null)).toBeNull()
  expect(estimateRetention([log(40, megabyte)], nowMs, null)).toBeNull()
})

test('a deletion that was seen says it best', () => {
  expect(estimateRetention([log(40, megabyte)], nowMs, 7 * day)).toEqual({
    keepsSeconds: 7 * 86_400,
    by: 'seen',
  })
})
