import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Pauses } from '../../../src/app/pauses.ts'
import { Gate } from '../../../src/deliver/gate.ts'
import { destination, status } from '../../support/statuses.ts'

const hourMs = 3_600_000
const start = '2026-11-27T08:00:00.000Z'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(start) })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Pauses of one destination, which a reload may take away, and what is said. */
function pausesOf(gate: Gate) {
  const said: [string, object | undefined][] = []
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (sentence: string, fields?: object) => void said.push([sentence, fields]),
    error: () => undefined,
  }
  const there = { isGone: false }
  const now = status({ destinations: [destination('siem', [])] })
  const pauses = new Pauses({
    pipelines: () => [{ name: 'siem', gate }],
    status: async () => (there.isGone ? status({ destinations: [] }) : now),
    log,
  })
  return { pauses, said, there, reminders: () => said.filter(([text]) => text.startsWith('Still paused')) }
}

test('a pause is told again every hour, until it ends', async () => {
  const { pauses, reminders } = pausesOf(new Gate())
  pauses.pause('siem', 'ann')
  await vi.advanceTimersByTimeAsync(hourMs - 1)
  expect(reminders()).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  const fields = { destination: 'siem', pausedBy: 'ann', pausedSince: start, remedy: 'msgtrk resume siem' }
  expect(reminders()).toEqual([
    [
      'Still paused: nothing is delivered',
      expect.objectContaining({ ...fields, waiting: expect.any(String) }),
    ],
  ])
  await vi.advanceTimersByTimeAsync(2 * hourMs)
  expect(reminders()).toHaveLength(3)
  pauses.resume('siem', 'bob')
  await vi.advanceTimersByTimeAsync(3 * hourMs)
  expect(reminders()).toHaveLength(3)
  expect(vi.getTimerCount()).toBe(0)
})

test('who pauses what is paused does not have it told twice', async () => {
  const { pauses, reminders } = pausesOf(new Gate())
  pauses.pause('siem', 'ann')
  pauses.pause('siem', 'bob')
  await vi.advanceTimersByTimeAsync(hourMs)
  expect(reminders()).toHaveLength(1)
})

test('nothing is told of a destination that a reload has left out, or once the program has ended', async () => {
  const { pauses, there, reminders } = pausesOf(new Gate())
  pauses.pause('siem', 'ann')
  there.isGone = true
  await vi.advanceTimersByTimeAsync(hourMs)
  expect(reminders()).toEqual([])
  expect(vi.getTimerCount()).toBe(0)

  const other = pausesOf(new Gate())
  other.pauses.pause('siem', 'ann')
  other.pauses.close()
  expect(vi.getTimerCount()).toBe(0)
  expect(other.said.at(-1)?.[0]).toBe('Stopped while paused; the next start delivers to it again')
})
