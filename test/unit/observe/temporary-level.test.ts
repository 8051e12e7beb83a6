import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LogLevel } from '../../../src/observe/options.ts'
import { TemporaryLevel } from '../../../src/observe/temporary-level.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-27T08:00:00.000Z') })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A log at `info`, and what it was told. */
function openLog() {
  const said: [string, object][] = []
  const log = {
    level: 'info' as LogLevel,
    overrule(level: LogLevel | null) {
      log.level = level ?? 'info'
    },
    tell: (sentence: string, fields: object = {}) => void said.push([sentence, fields]),
  }
  return { log, said }
}

test('it ends when its time is over, and the log says so', () => {
  const { log, said } = openLog()
  const temporary = new TemporaryLevel(log)
  temporary.set('debug', 600_000, 'ann')
  vi.advanceTimersByTime(599_999)
  expect([temporary.level, temporary.now?.by]).toEqual(['debug', 'ann'])
  vi.advanceTimersByTime(1)
  expect([temporary.level, temporary.now]).toEqual(['info', null])
  expect(said).toEqual([
    [
      'This log has another level for a while',
      { now: 'debug', until: '2026-11-27T08:10:00.000Z', by: 'ann' },
    ],
    [
      'This log has the level of the configuration again',
      { now: 'info', was: 'debug', since: 'its time is over' },
    ],
  ])
})

test('the time of who asked last counts', () => {
  const { log } = openLog()
  const temporary = new TemporaryLevel(log)
  temporary.set('debug', 60_000, 'ann')
  vi.advanceTimersByTime(30_000)
  temporary.set('error', 600_000, 'bob')
  vi.advanceTimersByTime(599_999)
  expect(temporary.level).toBe('error')
  vi.advanceTimersByTime(1)
  expect(temporary.level).toBe('info')
})

test('who takes it back ends its time, too', () => {
  const { log, said } = openLog()
  const temporary = new TemporaryLevel(log)
  temporary.set('debug', 60_000, 'ann')
  temporary.reset('bob')
  expect(said.at(-1)?.[1]).toEqual({ now: 'info', was: 'debug', by: 'bob' })
  vi.advanceTimersByTime(60_000)
  expect(said).toHaveLength(2)
  temporary.set('debug', 60_000, 'ann')
  temporary.close()
  expect(vi.getTimerCount()).toBe(0)
})
