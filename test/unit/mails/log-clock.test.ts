import { expect, test } from 'vitest'
import { LogClock } from '../../../src/mails/log-clock.ts'

const start = Date.UTC(2026, 10, 20, 14)
const minute = 60_000

function setUp(...sources: readonly string[]) {
  /** Sources, or a series of one: `EX01/MSGTRKMD`. */
  const behind = new Set<string>()
  const place = { nowMs: start, behind }
  const clock = new LogClock({
    sources,
    behind: (name) =>
      [...behind].flatMap((each) => {
        const [source, series = ''] = each.split('/')
        return source === name ? [series] : []
      }),
    now: () => place.nowMs,
  })
  return { clock, place }
}

test('stands still while nobody knows what there is to read, and goes with the time once all is read', () => {
  const { clock, place } = setUp('EX01')
  expect(clock.nowMs).toBe(Number.NEGATIVE_INFINITY)
  place.nowMs += 3_000
  expect(clock.nowMs).toBe(start + 3_000)
})

test('is held by the source that is furthest behind, and never goes back', () => {
  const { clock, place } = setUp('EX01', 'EX02')
  place.behind.add('EX01').add('EX02')
  clock.took({ source: 'EX01' }, start - 600 * minute)
  clock.took({ source: 'EX02' }, start - 100 * minute)
  expect(clock.nowMs).toBe(start - 600 * minute)
  clock.took({ source: 'EX01' }, start - 90 * minute)
  expect(clock.nowMs).toBe(start - 100 * minute)
  clock.took({ source: 'EX02' }, start - 200 * minute)
  expect(clock.nowMs).toBe(start - 100 * minute)
  place.behind.delete('EX02')
  expect(clock.nowMs).toBe(start - 90 * minute)
})

test('a source that gives nothing for a minute holds it no longer, one that was not heard of either', () => {
  const { clock, place } = setUp('EX01', 'EX02')
  place.behind.add('EX01').add('EX02')
  clock.took({ source: 'EX01' }, start - 600 * minute)
  expect(clock.nowMs).toBe(Number.NEGATIVE_INFINITY)
  place.nowMs += 30_000
  clock.took({ source: 'EX01' }, start - 500 * minute)
  place.nowMs += 30_000
  expect(clock.nowMs).toBe(start - 500 * minute)
  place.nowMs += 30_000
  expect(clock.nowMs).toBe(place.nowMs)
})

test('goes back with the clock of the process, which was wrong, and waits for nothing longer by that', () => {
  const { clock, place } = setUp('EX01', 'EX02')
  clock.begin()
  place.nowMs += 3_000
  expect(clock.nowMs).toBe(place.nowMs)
  // A day ahead, and set right.
  place.nowMs += 1440 * minute
  clock.took({ source: 'EX01' }, place.nowMs)
  expect(clock.nowMs).toBe(place.nowMs)
  place.nowMs -= 1440 * minute
  expect(clock.nowMs).toBe(place.nowMs)
  place.nowMs += minute
  expect(clock.nowMs).toBe(place.nowMs)
  // A series that gives nothing is waited for a minute, whatever its clock said before.
  place.behind.add('EX01')
  place.nowMs += 2 * minute
  expect(clock.nowMs).toBe(place.nowMs)
})

test('believes no time of the future, and takes rows without a time for those before', () => {
  const { clock, place } = setUp('EX01')
  place.behind.add('EX01')
  clock.took({ source: 'EX01' }, start + 600 * minute)
  expect(clock.nowMs).toBe(start)
  clock.took({ source: 'EX01' }, Number.NaN)
  place.nowMs += minute / 2
  expect(clock.nowMs).toBe(start)
  expect(clock.believed(start + 600 * minute)).toBe(place.nowMs)
})

test('once reading begins again it stands still until it is known what there is', () => {
  const { clock, place } = setUp('EX01')
  place.nowMs += 10_000
  expect(clock.nowMs).toBe(start + 10_000)
  place.nowMs += 60 * minute
  clock.begin()
  expect(clock.nowMs).toBe(start + 10_000)
  place.behind.add('EX01')
  place.nowMs += 10_000
  expect(clock.nowMs).toBe(start + 10_000)
})

test('is held by each kind of logs of a source, also by one of which nothing was read yet', () => {
  const { clock, place } = setUp('EX01')
  place.behind.add('EX01/MSGTRK').add('EX01/MSGTRKMD')
  clock.took({ source: 'EX01', series: 'MSGTRKMD' }, start - 100 * minute)
  expect(clock.nowMs).toBe(Number.NEGATIVE_INFINITY)
  clock.took({ source: 'EX01', series: 'MSGTRK' }, start - 160 * minute)
  expect(clock.nowMs).toBe(start - 160 * minute)
  clock.took({ source: 'EX01', series: 'MSGTRK' }, start - 150 * minute)
  expect(clock.nowMs).toBe(start - 150 * minute)
  place.behind.delete('EX01/MSGTRK')
  expect(clock.nowMs).toBe(start - 100 * minute)
})

test('is held as before when nothing was asked of the sources for a while', () => {
  const { clock, place } = setUp('EX01')
  place.behind.add('EX01')
  clock.took({ source: 'EX01' }, start - 600 * minute)
  place.nowMs += 10 * minute
  clock.passOver(10 * minute)
  expect(clock.nowMs).toBe(start - 600 * minute)
  place.nowMs += minute
  expect(clock.nowMs).toBe(place.nowMs)
})
