import { expect, test } from 'vitest'
import { RotationSize } from '../../../../src/destinations/proof/rotation-size.ts'

const MiB = 1024 * 1024
const setUp = () => new RotationSize({ turnAfterBytes: MiB, stallTimeoutMs: 60_000 })

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

/** How many bytes are proved, in turns as large as may be, until one may carry as much as failed. */
function provedUntil(size: RotationSize, failed: number): number {
  let bytes = 0
  while ((size.limit ?? MiB) < failed && bytes < 2 ** 33) {
    bytes += size.limit ?? MiB
    prove(size, 1)
  }
  return bytes
}

test('what was too much is tried again once four times as much was proved, and after twice as much each time', () => {
  const size = setUp()
  prove(size, 4)
  const proved = []
  for (let failure = 0; failure < 13; failure++) {
    size.lost(MiB / 2)
    proved.push(Math.floor(provedUntil(size, MiB / 2) / (MiB / 2)))
  }
  expect(proved).toEqual([4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 4096, 4096])
})

test('a backlog does not crawl after many small losses: no time has to pass', () => {
  const size = setUp()
  prove(size, 5)
  // A few frames on each connection that breaks, one frame on each that does not.
  for (let i = 0; i < 20; i++) {
    size.lost(3000)
    size.proved(1000, 1)
  }
  let connections = 0
  for (; size.limit !== undefined && connections < 10_000; connections++)
    size.proved(Math.max(size.limit, 1000), 1)
  expect(connections).toBeLessThan(20 * 4 * 3)
  size.lost(3000)
  for (connections = 0; size.limit !== undefined && connections < 10_000; connections++) {
    size.proved(Math.max(size.limit, 1000), 1)
  }
  expect(connections).toBeLessThan(30)
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

test('losses with nothing proved in between are one failure, of the size that was lost last', () => {
  const size = setUp()
  prove(size, 5)
  for (let i = 0; i < 3; i++) size.lost(size.limit ?? MiB)
  expect(size.limit).toBe(16_384)
  expect(provedUntil(size, 65_536)).toBeGreaterThanOrEqual(4 * 65_536)
  expect(provedUntil(size, MiB)).toBeLessThan(MiB)
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

test('once a peer takes what failed before, its next failure is held back for four times as much again', () => {
  const size = setUp()
  for (let failure = 0; failure < 3; failure++) {
    size.lost(65_536)
    expect(provedUntil(size, 65_536)).toBeLessThan(5 * 65_536)
    prove(size, 1)
  }
})

test('a peer that did not get to the end in time starts anew', () => {
  const size = setUp()
  prove(size, 5)
  size.lost(MiB)
  size.unread()
  expect(size.limit).toBe(65_536)
})
