import { expect, it } from 'vitest'
import { createPace } from '../../../../src/tail/folder/pace.ts'

it('looks often at what grows, every two seconds at the newest, seldom at what is old', () => {
  const { pollMs } = createPace()
  for (const age of [0, 1, 2000]) expect(pollMs(0, age)).toBe(200)
  expect(pollMs(Number.POSITIVE_INFINITY, 0)).toBe(2000)
  expect(pollMs(Number.POSITIVE_INFINITY, 1)).toBeLessThanOrEqual(45_000)
  expect(pollMs(Number.POSITIVE_INFINITY, 2000)).toBeGreaterThanOrEqual(300_000)
})

it('lists large folders less often, but once a minute at least', () => {
  const { listMs } = createPace()
  const filesMs = (tells: boolean) => [0, 100, 2000, 50_000].map((files) => listMs(files, tells))
  expect(filesMs(false)).toEqual([5_000, 5_000, 20_000, 60_000])
  expect(filesMs(true)).toEqual([60_000, 60_000, 60_000, 60_000])
})

it('asks a folder in which nothing grows half as often', () => {
  const { probeMs } = createPace()
  expect([0, 9_999, 10_000, Number.POSITIVE_INFINITY].map(probeMs)).toEqual([500, 500, 1_000, 1_000])
})

it('looks at each of thousands of quiet folders less often, and at lively ones as ever', () => {
  const [few, many] = [createPace(1, 400), createPace(1, 2000)]
  const usual = createPace()
  for (const quietMs of [0, 9_999, Number.POSITIVE_INFINITY]) {
    expect(few.probeMs(quietMs)).toBe(usual.probeMs(quietMs))
    expect(few.pollMs(quietMs, 0)).toBe(usual.pollMs(quietMs, 0))
  }
  expect([0, 9_999, 10_000].map(many.probeMs)).toEqual([500, 500, 5_000])
  expect([0, 20_000, 1_000_000].map((quietMs) => many.pollMs(quietMs, 0))).toEqual([200, 2_000, 10_000])
})

it('keeps its proportions at any scale', () => {
  const [usual, quick] = [createPace(), createPace(0.01)]
  expect(quick.confirmMs).toBe(usual.confirmMs / 100)
  expect(quick.pollMs(100, 0)).toBe(usual.pollMs(10_000, 0) / 100)
  expect(quick.fileRetryMs(3)).toBe(usual.fileRetryMs(3) / 100)
  expect(quick.probeMs(100)).toBe(usual.probeMs(10_000) / 100)
})

it('lets files and folders fall due together, never later than their pause', () => {
  const { dueAtMs } = createPace()
  // Whenever they were looked at last, in whichever folder.
  const dueOf = (pauseMs: number) => new Set([4_003, 4_250, 4_999].map((nowMs) => dueAtMs(nowMs, pauseMs)))
  expect([...dueOf(500)]).toEqual([4_500, 5_000])
  expect([...dueOf(2_000)]).toEqual([6_000])
  expect([...dueOf(30_000)]).toEqual([30_000])
  for (const pauseMs of [500, 700, 2_000, 4_000, 600_000]) {
    for (let nowMs = 10_000; nowMs < 20_000; nowMs += 7) {
      expect(dueAtMs(nowMs, pauseMs)).toBeGreaterThan(nowMs)
      expect(dueAtMs(nowMs, pauseMs)).toBeLessThanOrEqual(nowMs + pauseMs)
    }
  }
})

it('lets nothing wait for others that is lively', () => {
  expect(createPace().dueAtMs(4_003, 200)).toBe(4_203)
})
