/** A destination of mails under random schedules of rows, breaks and crashes. */
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runs } from '../support/runs.ts'
import { type Action, actionWeights, simulate } from './mail-world.ts'

const actions = Object.entries(actionWeights).flatMap(([kind, weight]) =>
  new Array<Action['kind']>(weight).fill(kind as Action['kind']),
)
const schedules = fc.array(
  fc.record<Action>({ kind: fc.constantFrom(...actions), a: fc.nat(999), b: fc.nat(999) }),
  { minLength: 30, maxLength: 200, size: 'max' },
)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.UTC(2026, 10, 20, 14) })
})
afterEach(() => void vi.useRealTimers())

test('no row is lost, the last record of a mail is complete, and what comes later continues it', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      expect([...(await simulate(schedule))]).toEqual([])
    }),
    { numRuns: runs(500) },
  )
})

test('nor where there is hardly room for open mails', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      expect([...(await simulate(schedule, { maxBytes: 3000, isInOrder: true }))]).toEqual([])
    }),
    { numRuns: runs(250) },
  )
})

test('no row is lost where positions follow closely', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      expect([...(await simulate(schedule, { openMinutes: 12 }))]).toEqual([])
    }),
    { numRuns: runs(500) },
  )
})
