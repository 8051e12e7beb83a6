import { expect, test } from 'vitest'
import { Standstill } from '../../../src/deliver/standstill.ts'
import { MemoryLog } from './doubles.ts'

test('events that are sent again and again for half a minute and never settled are an error, said once', () => {
  let now = 0
  const log = new MemoryLog()
  const standstill = new Standstill(log, {}, undefined, () => now)
  for (let i = 0; i < 5; i++) standstill.stuck('reset')
  expect(log.lines).toEqual([])
  now = 30_000
  for (let i = 0; i < 5; i++) standstill.stuck('reset')
  expect(log.lines).toEqual([expect.stringMatching(/^error: Events are sent again and again/)])
  standstill.settled()
  standstill.settled()
  expect(log.lines.slice(1)).toEqual(['info: Events are confirmed again'])
})

test('a receiver that goes away once is none, however long it is away', () => {
  let now = 0
  const log = new MemoryLog()
  const standstill = new Standstill(log, {}, undefined, () => now)
  standstill.stuck('reset')
  now = 300_000
  standstill.stuck('reset')
  standstill.settled()
  for (let i = 0; i < 3; i++) standstill.stuck('reset')
  expect(log.lines).toEqual([])
})

test('events that wait for a minute in all and are never settled are an error, however few windows that takes', () => {
  let now = 0
  const log = new MemoryLog()
  const standstill = new Standstill(log, {}, undefined, () => now)
  for (const [sentAt, stuckAt] of [
    [0, 59_000],
    // Nothing was sent while it was away.
    [500_000, 501_000],
  ] as const) {
    expect(log.lines).toEqual([])
    standstill.begin()
    now = sentAt
    standstill.sent()
    now = stuckAt
    standstill.sent()
    standstill.stuck('takes nothing')
  }
  expect(log.lines).toEqual([expect.stringMatching(/^error: Events are sent again and again/)])
})

test('what to do about it is what the kind of destination says', () => {
  const said: unknown[] = []
  const log = Object.assign(new MemoryLog(), { error: (_: string, fields: object) => said.push(fields) })
  let now = 0
  const standstill = new Standstill(log, {}, 'look at the brokers', () => now)
  standstill.begin()
  standstill.sent()
  now = 60_000
  standstill.stuck('no answer')
  expect(said).toMatchObject([{ reason: 'no answer', remedy: 'look at the brokers' }])
})

test('the third window in half a minute is an error, which says what to do', () => {
  const said: unknown[] = []
  const log = Object.assign(new MemoryLog(), { error: (_: string, fields: object) => said.push(fields) })
  let now = 0
  const standstill = new Standstill(log, {}, undefined, () => now)
  for (now of [0, 1, 30_000]) {
    expect(said).toEqual([])
    standstill.stuck('reset')
  }
  expect(said).toMatchObject([{ remedy: expect.stringMatching(/^look at the receiver/) }])
})

test('between two windows nothing waits', () => {
  let now = 0
  const log = new MemoryLog()
  const standstill = new Standstill(log, {}, undefined, () => now)
  for (const sentAt of [0, 100_000]) {
    standstill.begin()
    now = sentAt
    standstill.sent()
    now += 1000
    standstill.stuck('reset')
  }
  expect(log.lines).toEqual([])
})
