import { expect, test } from 'vitest'
import { History } from '../../../src/status/history.ts'
import { before, destination } from '../../support/statuses.ts'

/** What a status says so many seconds before now. */
function seen(seconds: number, delivered: number, age: number | null = null, name = 'siem') {
  const flows = age === null ? [] : [{ source: 'EX01', rows: 1, bytes: 10, age }]
  const one = destination(name, flows)
  return { at: before(seconds), destinations: [{ ...one, counts: { ...one.counts, delivered } }] }
}

test('rates are those of the last quarter of a minute', () => {
  const history = new History()
  history.add(seen(40, 0))
  history.add(seen(30, 100))
  history.add(seen(20, 100))
  history.add(seen(10, 400))
  expect(history.deliveredPerSecond('siem')).toEqual([null, 10, 5, 15])
})

test('a destination that was started again begins anew', () => {
  const history = new History()
  history.add(seen(20, 1000))
  history.add(seen(10, 10))
  expect(history.deliveredPerSecond('siem')).toEqual([null, null])
})

test('lag is that of the oldest undelivered record; none is up to date', () => {
  const history = new History()
  history.add(seen(20, 0, 700))
  history.add(seen(10, 0))
  expect(history.data.destinations[0]?.lagSeconds).toEqual([700, 0])
})

test('lag is not known while a source is out of reach', () => {
  const history = new History()
  const { at, destinations } = seen(10, 0)
  history.add({
    at,
    destinations: destinations.map((one) => ({ ...one, backlog: { ...one.backlog, complete: false } })),
  })
  expect(history.data.destinations[0]?.lagSeconds).toEqual([null])
})

test('one that comes or goes has no values while it is not there', () => {
  const history = new History()
  history.add(seen(30, 1))
  history.add(seen(20, 2, null, 'lake'))
  history.add(seen(10, 3, null, 'lake'))
  expect(history.data.destinations.map(({ name, delivered }) => [name, delivered])).toEqual([
    ['siem', [1, null, null]],
    ['lake', [null, 2, 3]],
  ])
  expect(history.deliveredPerSecond('nobody')).toEqual([])
})

test('keeps an hour, and forgets who is not in it', () => {
  const history = new History()
  history.add(seen(4000, 1, null, 'lake'))
  history.add(seen(3500, 2))
  history.add(seen(100, 3))
  expect(history.data.atMs).toEqual([before(3500), before(100)].map(Date.parse))
  expect(history.data.destinations.map(({ name }) => name)).toEqual(['siem'])
})

test('goes on where another ended, and takes the same status once', () => {
  const before = new History()
  before.add(seen(20, 100))
  const history = new History(JSON.parse(JSON.stringify(before.data)))
  history.add(seen(20, 100))
  history.add(seen(10, 200))
  expect(history.deliveredPerSecond('siem')).toEqual([null, 10])
  expect(before.data.atMs).toHaveLength(1)
})
