import { expect, test } from 'vitest'
import { ProvedBatches } from '../../../../src/destinations/proof/proved.ts'
import type { Outcome } from '../../../../src/flow/delivery.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

function setUp() {
  const clock = new ManualClock()
  const told: string[] = []
  let delivered = 0
  const proved = new ProvedBatches({ outliveMs: 100, clock }, () => void delivered++)
  const add = (...names: readonly string[]) =>
    proved.add(
      names.map((name) => (outcome: Outcome) => {
        told.push(`${name} ${outcome.status}${outcome.status === 'unavailable' ? `: ${outcome.reason}` : ''}`)
      }),
    )
  return { clock, proved, add, told, delivered: () => delivered }
}

/** An alarm rings after one round of I/O. */
const round = () => new Promise((resolve) => setImmediate(resolve))

test('batches count in their order once the next connection has outlived their proof', async () => {
  const { clock, proved, add, told, delivered } = setUp()
  add('a', 'b')
  clock.pass(40)
  add('c')
  clock.pass(59)
  await round()
  expect([told, proved.count]).toEqual([[], 3])
  clock.pass(1)
  await round()
  expect([told, proved.count]).toEqual([['a delivered', 'b delivered'], 1])
  clock.pass(40)
  await round()
  expect([told, proved.count, delivered()]).toEqual([['a delivered', 'b delivered', 'c delivered'], 0, 3])
})

test('when it breaks before that, all of them are unavailable, and none counts later', async () => {
  const { clock, proved, add, told, delivered } = setUp()
  add('a')
  clock.pass(60)
  add('b')
  expect(proved.fail('reset')).toBe(2)
  clock.pass(1000)
  await round()
  expect([told, delivered()]).toEqual([['a unavailable: reset', 'b unavailable: reset'], 0])
  add('c')
  clock.pass(99)
  await round()
  expect(proved.count).toBe(1)
})

test('who waits for them goes on when none waits any more, delivered or not', async () => {
  const { clock, proved, add } = setUp()
  await proved.settled()
  for (const end of [() => clock.pass(100), () => proved.fail('reset')]) {
    let over = false
    add('a')
    clock.pass(10)
    add('b')
    const waiting = proved.settled().then(() => {
      over = true
    })
    clock.pass(90)
    await round()
    expect([over, proved.count]).toEqual([false, 1])
    end()
    await round()
    await waiting
  }
})
