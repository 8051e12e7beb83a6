import { describe, expect, it } from 'vitest'
import type { Chunk } from '../../../src/flow/chunk.ts'
import type { Log } from '../../../src/flow/log.ts'
import { ClockWatch } from '../../../src/observe/clock-watch.ts'
import { chunkOf, layoutOf } from '../../support/records.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** A watch with a clock of its own, and what it said. */
function watching(corrections?: ReadonlyMap<string, number>) {
  const said: string[] = []
  const say: Log['warn'] = (message, { secondsAhead } = {}) => {
    said.push(secondsAhead === undefined ? message : `${message}: ${secondsAhead}`)
  }
  const clock = { now: Date.UTC(2026, 10, 20) }
  const log = { debug: say, info: say, warn: say, error: say }
  const watch = new ClockWatch({ log, now: () => clock.now, ...(corrections && { corrections }) })
  const rows = (...agesMs: readonly number[]): Chunk =>
    chunkOf(
      agesMs.map((age) => `${new Date(clock.now - age).toISOString()},SEND\r\n`).join(''),
      layoutOf(['date-time', 'event-id']),
    )
  return { watch, said, clock, rows }
}

const future = 'The records of a source lie in the future'
const past = 'A source writes its records with times long past'
const right = 'The times of a source are right again'

describe('the watch over clocks', () => {
  it('tells once that records lie in the future, and once that they do no longer', () => {
    const { watch, said, rows } = watching()
    watch.read(rows(0, -4 * minute))
    expect(said).toEqual([])
    watch.read(rows(0, -6 * minute))
    watch.appended(rows(-7 * minute), 1000)
    watch.read(rows(-7 * minute))
    expect(said).toEqual([`${future}: 360`])
    // A backlog says nothing of how the clock is now.
    watch.read(rows(hour))
    watch.appended(rows(1000), 1000)
    watch.appended(rows(0), 1000)
    expect(said).toEqual([`${future}: 360`, right])
  })

  it('does not tell of the same rows again when they are read again', () => {
    const { watch, said, rows } = watching()
    const ahead = rows(-hour)
    for (let i = 0; i < 3; i++) {
      watch.read(ahead)
      watch.appended(rows(0), 1000)
    }
    expect(said).toEqual([`${future}: 3600`, right])
    watch.read(rows(-2 * hour))
    expect(said.slice(2)).toEqual([`${future}: 7200`])
  })

  it('takes a backlog for what it is', () => {
    const { watch, said, clock, rows } = watching()
    for (let i = 0; i < 100; i++) {
      watch.read(rows(300 * day))
      clock.now += minute
    }
    expect(said).toEqual([])
  })

  it('tells once when rows are appended with old times for a while', () => {
    const { watch, said, clock, rows } = watching()
    for (let i = 0; i < 10; i++) {
      watch.appended(rows(2 * day), 1000)
      clock.now += minute
    }
    expect(said).toEqual([])
    watch.appended(rows(2 * day), 1000)
    watch.appended(rows(2 * day), 1000)
    expect(said).toEqual([`${past}: ${-2 * 86_400}`])
    watch.appended(rows(minute), 1000)
    expect(said.slice(1)).toEqual([right])
  })

  it('is not alarmed by a copy of old logs beside what the server writes', () => {
    const { watch, said, clock, rows } = watching()
    for (let i = 0; i < 60; i++) {
      watch.appended(rows(2 * day), 1000)
      if (i % 9 === 8) watch.appended(rows(1000), 1000)
      clock.now += minute
    }
    expect(said).toEqual([])
  })

  it('reckons with rows having waited since the file was read last', () => {
    const { watch, said, clock, rows } = watching()
    for (let i = 0; i < 20; i++) {
      watch.appended(rows(2 * day), 3 * day)
      watch.appended(rows(23 * hour), 1000)
      clock.now += minute
    }
    expect(said).toEqual([])
  })

  it('looks at corrected times', () => {
    const { watch, said, rows } = watching(new Map([['ex01', -3600]]))
    watch.read(rows(-hour))
    expect(said).toEqual([])
    watch.read(rows(-2 * hour))
    expect(said).toEqual([`${future}: 3600`])
  })

  it('passes over what has no time', () => {
    const { watch, said } = watching()
    const layout = layoutOf(['date-time', 'event-id'])
    for (const bytes of ['', '\r\n', 'nothing\r\n', '9999-99-99T99:99:99.999Z,SEND\r\n']) {
      watch.read(chunkOf(bytes, layout))
      watch.appended(chunkOf(bytes, layout), 0)
    }
    watch.read(chunkOf('2999-01-01T00:00:00.000Z,SEND\r\n', layoutOf(['event-id', 'date-time'])))
    expect(said).toEqual([])
    watch.read(chunkOf('2999-01-01T00:00:00.000Z,SEND\r\n', null))
    expect(said).toHaveLength(1)
  })
})
