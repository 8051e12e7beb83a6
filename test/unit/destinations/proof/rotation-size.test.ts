import { expect, test, vi } from 'vitest'
import { RotationSize } from '../../../../src/destinations/proof/rotation-size.ts'

const MiB = 1024 * 1024
const setUp = (now = () => 0) => new RotationSize({ turnAfterBytes: MiB, stallTimeoutMs: 60_000 }, now)

/** Proves turns as large as may be, `times` over. */
function prove(size: RotationSize, times: number, tookMs = 1): void {
  for (let i = 0; i < times; i++) size.proved(size.limit ?? MiB, tookMs)
}

test('it begins small and doubles with each turn that is proved, up to what the settings allow', () => {
  const size = setUp()
  const limits = []
  for (let i = 0; i < 5; i++) {
    limits.push(size.limit)
    prove(size, 1)
  }
  expect(limits).toEqual([65_536, 131_072, 262_144, 524_288, undefined])
})

test('a turn that carried little shows nothing', () => {
  const size = setUp()
  for (let i = 0; i < 5; i++) size.proved(32_767, 1)
  expect(size.limit).toBe(65_536)
  size.proved(32_768, 1)
  expect(size.limit).toBe(131_072)
})

test('what is lost again and again gets smaller, down to a single byte, which stands for a frame', () => {
  const size = setUp()
  prove(size, 5)
  const limits = []
  for (let i = 0; i < 12; i++) {
    size.lost(size.limit ?? MiB)
    limits.push(size.limit)
  }
  expect(limits.slice(0, 3)).toEqual([262_144, 65_536, 16_384])
  expect(limits.at(-1)).toBe(1)
})

test('what was too much is left alone for ten seconds, and twice as long each time', () => {
  let now = 0
  const size = setUp(() => now)
  size.lost(40_000)
  prove(size, 5)
  expect(size.limit).toBe(20_000)
  now = 9_999
  prove(size, 1)
  expect(size.limit).toBe(20_000)
  now = 10_000
  prove(size, 1)
  expect(size.limit).toBe(40_000)
  size.lost(40_000)
  now = 29_999
  prove(size, 5)
  expect(size.limit).toBe(20_000)
  now = 30_000
  prove(size, 1)
  expect(size.limit).toBe(40_000)
})

test('a peer that stood still for long is sent as much as before at once when the same gets through', () => {
  const size = setUp()
  prove(size, 5)
  for (let i = 0; i < 20; i++) size.lost(Math.max(size.limit ?? MiB, 1000))
  expect(size.limit).toBe(1)
  // A frame, however small the limit.
  size.proved(1000, 1)
  prove(size, 20)
  expect(size.limit).toBeUndefined()
})

test('losses with nothing proved in between are one failure, and hold a size back for one time', () => {
  let now = 0
  const size = setUp(() => now)
  prove(size, 5)
  for (let i = 0; i < 3; i++) size.lost(size.limit ?? MiB)
  expect(size.limit).toBe(16_384)
  prove(size, 5)
  expect(size.limit).toBe(32_768)
  now = 10_000
  prove(size, 10)
  expect(size.limit).toBeUndefined()
})

test('a peer that needs long for what it got gets less, but one that always answers late does not', () => {
  const slow = setUp()
  prove(slow, 3, 1)
  prove(slow, 1, 30_001)
  expect(slow.limit).toBe(262_144)
  const late = setUp()
  prove(late, 5, 30_000)
  expect(late.limit).toBeUndefined()
})

test('a peer that needs long for little gets less than that; one that is neither quick nor slow as much as before', () => {
  const slow = setUp()
  prove(slow, 3, 0)
  slow.proved(262_144, 30_000)
  expect(slow.limit).toBe(131_072)
  const steady = setUp()
  prove(steady, 3, 0)
  for (const tookMs of [7500, 15_000]) steady.proved(262_144, tookMs)
  expect(steady.limit).toBe(524_288)
})

test('of a connection that carried several turns a quarter is tried next, which may be as much as the settings allow', () => {
  const size = setUp()
  prove(size, 5)
  size.lost(8 * MiB)
  expect(size.limit).toBeUndefined()
  size.lost(2 * MiB)
  expect(size.limit).toBe(MiB / 2)
})

test('once a peer takes all that the settings allow, what fails then is held back for ten seconds again', () => {
  let now = 0
  const size = setUp(() => now)
  prove(size, 5)
  for (const failsAt of [0, 10_000]) {
    now = failsAt
    size.lost(MiB)
    now = failsAt + 9_999
    prove(size, 5)
    expect(size.limit).toBe(MiB / 2)
    now = failsAt + 10_000
    prove(size, 1)
    expect(size.limit).toBeUndefined()
  }
})

test.each([
  ['a failure ten minutes after the one before is held back for ten seconds again', 610_000, 10_000],
  ['a failure that follows sooner for twice as long', 609_999, 20_000],
])('%s', (_what, failsAt, holdMs) => {
  let now = 0
  const size = setUp(() => now)
  size.lost(40_000)
  prove(size, 1)
  now = failsAt
  size.lost(20_000)
  now = failsAt + holdMs - 1
  prove(size, 5)
  expect(size.limit).toBe(10_000)
  now = failsAt + holdMs
  prove(size, 1)
  expect(size.limit).toBe(20_000)
})

test('its clock is that of the process', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  try {
    const size = new RotationSize({ turnAfterBytes: MiB, stallTimeoutMs: 60_000 })
    size.lost(40_000)
    clock.mockReturnValue(10_000)
    prove(size, 2)
    expect(size.limit).toBe(40_000)
  } finally {
    clock.mockRestore()
  }
})

test('a peer that did not get to the end in time starts anew', () => {
  const size = setUp()
  prove(size, 5)
  size.lost(MiB)
  size.unread()
  expect(size.limit).toBe(65_536)
})
