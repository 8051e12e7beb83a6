import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchBacklogs } from '../../../src/app/watch-backlogs.ts'
import type { InstanceStatus } from '../../../src/status/snapshot.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watch(destinations: readonly { readonly agent: boolean; readonly selfReport: boolean }[]) {
  const stop = new AbortController()
  const backlog = vi.fn<(name: string, bytes: number) => void>()
  const status = vi.fn(
    async () => ({ destinations: [{ name: 'siem', backlog: { bytes: 7 } }] }) as unknown as InstanceStatus,
  )
  watchBacklogs({ status, config: { destinations } }, () => ({ backlog }), stop.signal)
  return { stop, backlog, status }
}

test('what waits is told each minute, until the stop', async () => {
  const { stop, backlog } = watch([{ agent: true, selfReport: true }])
  await vi.advanceTimersByTimeAsync(59_999)
  expect(backlog).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(60_001)
  expect(backlog.mock.calls).toEqual([
    ['siem', 7],
    ['siem', 7],
  ])
  stop.abort()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(backlog).toHaveBeenCalledTimes(2)
})

test('nothing is looked at where no destination is told of it', async () => {
  const { stop, status } = watch([
    { agent: true, selfReport: false },
    { agent: false, selfReport: true },
  ])
  await vi.advanceTimersByTimeAsync(180_000)
  expect(status).not.toHaveBeenCalled()
  stop.abort()
})

test('a status that can not be had ends nothing', async () => {
  const { stop, backlog, status } = watch([{ agent: true, selfReport: true }])
  status.mockRejectedValueOnce(new Error('no folder'))
  await vi.advanceTimersByTimeAsync(120_000)
  expect(backlog).toHaveBeenCalledTimes(1)
  stop.abort()
})
