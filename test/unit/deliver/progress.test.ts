import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Progress } from '../../../src/deliver/progress.ts'
import type { Positions } from '../../../src/flow/chunk.ts'
import { MemoryCheckpoint, MemoryLog } from './doubles.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function position(fileId: string, offset: number) {
  return { fileId, offset, header: 0 }
}

function setUp(gone?: () => readonly string[]) {
  const checkpoint = new MemoryCheckpoint()
  const log = new MemoryLog()
  const progress = new Progress({ name: 'main', checkpoint, positions: new Map(), log, gone })
  return { checkpoint, log, progress }
}

function offsets(positions: Positions | undefined): Record<string, number> {
  return Object.fromEntries(Array.from(positions?.values() ?? [], ({ fileId, offset }) => [fileId, offset]))
}

describe('Progress', () => {
  test('saves at most once a second, and all that was committed', async () => {
    const { checkpoint, progress } = setUp()
    for (let offset = 1; offset <= 30; offset++) {
      progress.commit(position('a', offset))
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(checkpoint.saves.length).toBeLessThanOrEqual(3)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(offsets(checkpoint.saves.at(-1))).toEqual({ a: 30 })
    const saves = checkpoint.saves.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(checkpoint.saves).toHaveLength(saves)
  })

  test('saves at the end what is unsaved, and only that', async () => {
    const { checkpoint, progress } = setUp()
    progress.commit(position('a', 1))
    expect(await progress.close()).toBe(true)
    expect(offsets(checkpoint.saves[0])).toEqual({ a: 1 })
    const untouched = setUp()
    expect(await untouched.progress.close()).toBe(true)
    expect(untouched.checkpoint.saves).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('hands out positions that later commits do not change', () => {
    const { progress } = setUp()
    progress.commit(position('a', 1))
    const before = progress.positions
    progress.commit(position('a', 2))
    expect(offsets(before)).toEqual({ a: 1 })
    expect(offsets(progress.positions)).toEqual({ a: 2 })
  })

  test('never saves twice at once', async () => {
    const { checkpoint, progress } = setUp()
    let running = 0
    let finish: () => void = () => undefined
    const save = vi.spyOn(checkpoint, 'save').mockImplementation(async () => {
      expect(++running).toBe(1)
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      running--
    })
    progress.commit(position('a', 1))
    await vi.advanceTimersByTimeAsync(1_000)
    progress.commit(position('a', 2))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(save).toHaveBeenCalledTimes(1)
    const closed = progress.close()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(save).toHaveBeenCalledTimes(1)
    finish()
    await vi.advanceTimersByTimeAsync(0)
    expect(save).toHaveBeenCalledTimes(2)
    finish()
    expect(await closed).toBe(true)
    expect(offsets(save.mock.lastCall?.[0])).toEqual({ a: 2 })
  })

  test('a full disk is said once, and the save is tried again', async () => {
    const { checkpoint, log, progress } = setUp()
    checkpoint.failing = new Error('ENOSPC: no space left')
    progress.commit(position('a', 1))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(log.lines).toEqual([expect.stringMatching(/^error: Positions can not be saved/)])
    checkpoint.failing = undefined
    await vi.advanceTimersByTimeAsync(1_000)
    expect(offsets(checkpoint.saves[0])).toEqual({ a: 1 })
    expect(log.lines[1]).toMatch(/^info:/)
  })

  test('says when the last save failed', async () => {
    const { checkpoint, progress } = setUp()
    checkpoint.failing = new Error('ENOSPC')
    progress.commit(position('a', 1))
    expect(await progress.close()).toBe(false)
  })

  test('drops positions of files that are gone', async () => {
    const { checkpoint, progress } = setUp(() => ['a', 'unknown'])
    progress.commit(position('a', 1))
    progress.commit(position('b', 2))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(offsets(checkpoint.saves[0])).toEqual({ b: 2 })
    expect(offsets(progress.positions)).toEqual({ b: 2 })
  })
})
