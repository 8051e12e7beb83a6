import { expect, test } from 'vitest'
import { Flood } from '../../../src/observe/flood.ts'

const written = (flood: Flood, sentence: string, times: number, nowMs: number) =>
  Array.from({ length: times }, () => flood.judge(sentence, nowMs)).filter(({ isWritten }) => isWritten)
    .length

test('a sentence that comes without end is written two hundred times, and twenty times a minute', () => {
  const flood = new Flood()
  expect(written(flood, 'a', 100_000, 0)).toBe(200)
  expect(written(flood, 'a', 100_000, 60_000)).toBe(20)
  expect(written(flood, 'a', 100_000, 3_600_000)).toBe(200)
})

test('others are not held up by it', () => {
  const flood = new Flood()
  written(flood, 'a', 1000, 0)
  expect(flood.judge('b', 0)).toEqual({ isWritten: true, leftOut: 0 })
})

test('the first one left out is known, and the next one written says how many were', () => {
  const flood = new Flood()
  written(flood, 'a', 200, 0)
  expect(flood.judge('a', 0)).toEqual({ isWritten: false, isFirst: true })
  expect(flood.judge('a', 0)).toEqual({ isWritten: false, isFirst: false })
  expect(flood.leftOut).toBe(2)
  expect(flood.judge('a', 60_000)).toEqual({ isWritten: true, leftOut: 2 })
  expect(flood.leftOut).toBe(0)
})

test('sentences without end are bounded, too', () => {
  const flood = new Flood()
  const all = Array.from({ length: 50_000 }, (_, index) => flood.judge(`sentence ${index}`, 0))
  expect(all.filter(({ isWritten }) => isWritten).length).toBeLessThanOrEqual(1200)
})
