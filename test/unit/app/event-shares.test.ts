import { expect, test } from 'vitest'
import { EventShares } from '../../../src/app/event-shares.ts'
import { batchOf } from './batches.ts'

const frame = (id: string) => `<13>1 - ex01 msgtrk - - - CEF:0|a\\|b|c|1|${id}|mail|3|act=sent`
const repeated = (count: number, id: string) => Array.from({ length: count }, () => frame(id))

test('small batches are counted whole', () => {
  const shares = new EventShares(() => 0)
  shares.sending(batchOf(frame('SEND'), frame('a\\|b'), frame('SEND')))
  shares.sending(batchOf(frame('FAIL'), 'no event at all', frame('x'.repeat(65)), 'CEF:0|a|b|1|cut sho'))
  expect(shares.ids).toEqual([
    { id: 'SEND', events: 2 },
    { id: 'a|b', events: 1 },
    { id: 'FAIL', events: 1 },
    { id: null, events: 3 },
  ])
})

test('of large ones a few stand for all, from all over the batch', () => {
  const shares = new EventShares(
    () => 0,
    () => 0.5,
  )
  shares.sending(batchOf(...repeated(750, 'SEND'), ...repeated(250, 'FAIL')))
  const sum = shares.ids.reduce((all, { events }) => all + events, 0)
  expect(sum).toBe(1000)
  const [first, second] = shares.ids
  expect([first?.id, second?.id]).toEqual(['SEND', 'FAIL'])
  expect(Math.abs((first?.events ?? 0) - 750)).toBeLessThan(63)
})

test('what an hour has passed over is forgotten', () => {
  let nowMs = 0
  const shares = new EventShares(() => nowMs)
  shares.sending(batchOf(frame('OLD')))
  nowMs += 30 * 60_000
  shares.sending(batchOf(frame('NEW')))
  expect(shares.ids.map(({ id }) => id)).toEqual(['OLD', 'NEW'])
  nowMs += 30 * 60_000
  expect(shares.ids).toEqual([{ id: 'NEW', events: 1 }])
})

test('ids without end, as a hostile log may hold, take no more room', () => {
  let nowMs = 0
  const shares = new EventShares(() => nowMs)
  shares.sending(batchOf(...repeated(3, 'SEND')))
  for (let index = 0; index < 1000; index++) {
    nowMs += 10
    shares.sending(batchOf(frame(`id-${index}`)))
  }
  expect(shares.ids).toHaveLength(9)
  expect(shares.ids[0]).toEqual({ id: 'SEND', events: 3 })
  expect(shares.ids.at(-1)).toEqual({ id: null, events: 993 })
})

test('in a backlog a bounded number of events is looked at in a second, and stands for all', () => {
  let nowMs = 0
  let looks = 0
  const shares = new EventShares(
    () => nowMs,
    () => {
      looks++
      return 0.5
    },
  )
  const batch = batchOf(...repeated(1000, 'SEND'))
  for (let batches = 0; batches < 10_000; batches++) {
    nowMs += 2
    shares.sending(batch)
  }
  expect(looks).toBeLessThanOrEqual(500 * 21)
  expect(shares.ids).toEqual([{ id: 'SEND', events: 10_000_000 }])
})
