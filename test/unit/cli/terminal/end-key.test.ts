import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { withEndKey } from '../../../../src/cli/terminal/end-key.ts'

/** A keyboard, and what was done with it. */
class Keys extends EventEmitter {
  readonly isTTY: boolean
  readonly done: string[] = []

  constructor(isTTY = true) {
    super()
    this.isTTY = isTTY
  }

  setRawMode = (isRaw: boolean): void => void this.done.push(isRaw ? 'raw' : 'as before')
  resume = (): void => void this.done.push('read')
  pause = (): void => void this.done.push('read no more')
}

const never = new AbortController().signal
const aborted = (stop: AbortSignal) =>
  new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()))

describe('what shows itself again and again', () => {
  test.each(['q', 'Q', 'xyq', '\u0003', '\u0004'])(
    'ends at %j, and leaves the terminal as it was',
    async (key) => {
      const keys = new Keys()
      await withEndKey(never, keys, async (stop, hasKey) => {
        expect(hasKey).toBe(true)
        keys.emit('data', Buffer.from('x\r'))
        expect(stop.aborted).toBe(false)
        keys.emit('data', Buffer.from(key))
        expect(stop.aborted).toBe(true)
      })
      expect(keys.done).toEqual(['raw', 'read', 'read no more', 'as before'])
      expect(keys.listenerCount('data')).toBe(0)
    },
  )

  test('ends as before where nobody presses keys, and when it fails the terminal is as it was', async () => {
    const ended = new AbortController()
    const keys = new Keys()
    const using = withEndKey(ended.signal, keys, aborted)
    ended.abort()
    await using
    await expect(withEndKey(never, keys, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
    expect(keys.done.at(-1)).toBe('as before')
    for (const none of [null, new Keys(false)]) {
      await withEndKey(never, none, async (stop, hasKey) => {
        expect([stop, hasKey]).toEqual([never, false])
      })
    }
  })
})
