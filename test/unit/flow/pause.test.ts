import { describe, expect, test, vi } from 'vitest'
import { pause } from '../../../src/flow/pause.ts'

describe('pause', () => {
  test('ends after its time', async () => {
    vi.useFakeTimers()
    try {
      const ended = vi.fn()
      void pause(500, new AbortController().signal).then(ended)
      await vi.advanceTimersByTimeAsync(499)
      expect(ended).not.toHaveBeenCalled()
      await vi.advanceTimersByTimeAsync(1)
      expect(ended).toHaveBeenCalled()
    } finally {
      vi.useRealTimers()
    }
  })

  test('ends at once when aborted, before or during', async () => {
    await pause(3_600_000, AbortSignal.abort())
    const stop = new AbortController()
    const paused = pause(3_600_000, stop.signal)
    stop.abort()
    await paused
  })
})
