import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Beat } from '../../../../src/tail/folder/beat.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('calls the first who asks at once, and all who ask between two beats together', () => {
  const called: string[] = []
  const beat = new Beat(30)
  const ask = (name: string) => beat.ask(() => called.push(name))
  ask('a')
  vi.advanceTimersByTime(1)
  expect(called).toEqual(['a'])
  vi.advanceTimersByTime(10)
  ask('b')
  vi.advanceTimersByTime(10)
  ask('c')
  expect(called).toEqual(['a'])
  vi.advanceTimersByTime(15)
  expect(called).toEqual(['a', 'b', 'c'])
})

it('calls at once who asks after a rest', () => {
  const called: string[] = []
  const beat = new Beat(30)
  beat.ask(() => called.push('a'))
  vi.advanceTimersByTime(100)
  beat.ask(() => called.push('b'))
  vi.advanceTimersByTime(1)
  expect(called).toEqual(['a', 'b'])
})

it('keeps who asks within a call for the next beat', () => {
  const called: string[] = []
  const beat = new Beat(30)
  beat.ask(() => beat.ask(() => called.push('again')))
  vi.advanceTimersByTime(20)
  expect(called).toEqual([])
  vi.advanceTimersByTime(20)
  expect(called).toEqual(['again'])
})

it('comes less often while many ask for each', () => {
  const beat = new Beat(30, 45)
  let calls = 0
  const askAll = (count: number) => {
    for (let each = 0; each < count; each++) beat.ask(() => calls++)
  }
  const passed = (beats: number, ms: number, count: number) => {
    for (let each = 0; each < beats; each++) {
      askAll(count)
      vi.advanceTimersByTime(ms)
    }
  }
  passed(40, 30, 20)
  expect(beat.isBusy).toBe(true)
  vi.advanceTimersByTime(100)
  askAll(20)
  vi.advanceTimersByTime(1)
  const before = calls
  askAll(20)
  vi.advanceTimersByTime(40)
  expect(calls).toBe(before)
  vi.advanceTimersByTime(10)
  expect(calls).toBe(before + 20)
  passed(100, 45, 2)
  expect(beat.isBusy).toBe(false)
})
