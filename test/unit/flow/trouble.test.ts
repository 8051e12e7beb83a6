import { expect, test, vi } from 'vitest'
import { LoggedTrouble, Trouble } from '../../../src/flow/trouble.ts'
import { MemoryLog } from '../deliver/doubles.ts'

test('is said when it begins, when its reason changes, and when it is over', () => {
  const log = new MemoryLog()
  const trouble = new LoggedTrouble(log, 'warn', 'down', 'up')
  trouble.over()
  trouble.report('refused')
  trouble.report('refused')
  trouble.report('timed out')
  trouble.over()
  trouble.over()
  trouble.report('timed out')
  expect(log.lines).toEqual(['warn: down', 'warn: down', 'info: up', 'warn: down'])
})

test('says what is wrong, since when, why at first and why now', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1000 })
  const trouble = new Trouble()
  expect(trouble.now).toBeUndefined()
  expect(trouble.over()).toBeNull()
  expect(trouble.now).toBeNull()
  const first = { sinceMs: 1000, firstReason: 'refused', reason: 'refused', changes: 0 }
  expect(trouble.is('refused')).toEqual(first)
  vi.setSystemTime(2000)
  expect(trouble.is('refused')).toBeNull()
  const second = { ...first, reason: 'timed out', changes: 1 }
  expect(trouble.is('timed out')).toEqual(second)
  expect(trouble.now).toEqual(second)
  expect(trouble.is('refused')).toEqual({ ...first, changes: 2 })
  expect(trouble.over()).toEqual({ ...first, changes: 2 })
  expect(trouble.is('refused')).toEqual({ ...first, sinceMs: 2000 })
  vi.useRealTimers()
})

test('begins once, whatever its reason, until it is over', () => {
  const trouble = new Trouble()
  expect(['a', 'a', 'b', 'a'].map((reason) => trouble.begins(reason))).toEqual([true, false, false, false])
  trouble.over()
  expect(trouble.begins('b')).toBe(true)
})
