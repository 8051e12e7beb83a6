import { expect, test } from 'vitest'
import { recent } from '../../../src/app/recent.ts'

test('is made once for all who ask within a second, and anew after it', async () => {
  let nowMs = 0
  let made = 0
  const ask = recent(
    async () => ++made,
    () => nowMs,
  )
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1])
  nowMs = 999
  expect(await ask()).toBe(1)
  nowMs = 1000
  expect(await ask()).toBe(2)
})

test('is made anew when it failed', async () => {
  let made = 0
  const ask = recent(
    async () => {
      if (++made === 1) throw new Error('once')
      return made
    },
    () => 0,
  )
  await expect(ask()).rejects.toThrow('once')
  expect(await ask()).toBe(2)
})
