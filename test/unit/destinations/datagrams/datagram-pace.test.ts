import { expect, test } from 'vitest'
import { DatagramPace } from '../../../../src/destinations/datagrams/datagram-pace.ts'

/** A pace with a clock of its own. */
function setUp(perSecond: number) {
  let now = 0
  let behind = 0
  const pace = new DatagramPace(
    perSecond,
    () => behind++,
    () => now,
  )
  const takeAll = (bytes: number): number => {
    let taken = 0
    while (pace.take(bytes)) taken++
    return taken
  }
  return {
    pace,
    takeAll,
    behind: () => behind,
    pass: (ms: number) => {
      now += ms
    },
  }
}

test.each([1000, 4000, 20_000])('%i datagrams a second go out over a long time, evenly', (perSecond) => {
  const { takeAll, pass } = setUp(perSecond)
  let sent = takeAll(1200)
  for (let ms = 0; ms < 10_000; ms++) {
    pass(1)
    const together = takeAll(1200)
    expect(together).toBeLessThanOrEqual(32)
    sent += together
  }
  expect(sent / 10).toBeGreaterThan(perSecond * 0.99)
  expect(sent / 10).toBeLessThan(perSecond * 1.01 + 4)
})

test('no more go out together than a default buffer holds, also when the process stood still, also large ones', () => {
  const { takeAll, pass } = setUp(20_000)
  expect(takeAll(1200)).toBe(32)
  pass(10_000)
  expect(takeAll(1200)).toBe(32)
  pass(10_000)
  expect(takeAll(8192)).toBe(8)
  pass(10_000)
  expect(takeAll(65_507)).toBe(2)
})

test('being held back for ten minutes without a rest is told once', async () => {
  const { pace, takeAll, behind, pass } = setUp(1000)
  const aborted = AbortSignal.abort()
  const minute = async () => {
    for (let ms = 0; ms < 60_000; ms += 20) {
      pass(20)
      takeAll(1200)
    }
    await pace.room(aborted)
  }
  for (let i = 0; i < 9; i++) await minute()
  expect(behind()).toBe(0)
  for (let i = 0; i < 5; i++) await minute()
  expect(behind()).toBe(1)
  pass(1000)
  await minute()
  expect(behind()).toBe(1)
})
