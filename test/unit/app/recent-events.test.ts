import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RecentEvents } from '../../../src/app/recent-events.ts'
import { Tap } from '../../../src/app/tap.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('nothing is copied any more once nobody has asked for ten seconds', () => {
  const signals: AbortSignal[] = []
  const recent = new RecentEvents({
    open(_, signal) {
      signals.push(signal)
      return new Tap()
    },
  })
  recent.after(0, 'somebody')
  vi.advanceTimersByTime(9_000)
  recent.after(0, 'somebody')
  vi.advanceTimersByTime(9_000)
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  vi.advanceTimersByTime(1_000)
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  recent.after(0, 'somebody')
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
})
