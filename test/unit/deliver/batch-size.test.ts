import { expect, test } from 'vitest'
import { BatchSize } from '../../../src/deliver/batch-size.ts'

test('nothing bounds batches until one is stuck, and then less than it had', () => {
  const size = new BatchSize()
  expect(size.mostFrames).toBe(Number.POSITIVE_INFINITY)
  size.stuck(1400)
  expect(size.mostFrames).toBe(350)
})

test('a receiver that takes next to nothing gets single frames after a few rewinds', () => {
  const size = new BatchSize()
  let rewinds = 0
  for (; size.mostFrames > 1; rewinds++) size.stuck(4096)
  expect(rewinds).toBeLessThanOrEqual(6)
  size.stuck(1)
  expect(size.mostFrames).toBe(1)
})

test('what is settled lets them grow again until nothing bounds them', () => {
  const size = new BatchSize()
  size.stuck(4)
  size.settled(7)
  expect(size.mostFrames).toBe(1)
  size.settled(1)
  expect(size.mostFrames).toBe(2)
  for (let steps = 0; steps < 100; steps++) size.settled(4096)
  expect(size.mostFrames).toBe(Number.POSITIVE_INFINITY)
})

test('what was settled before does not count after a batch that is stuck', () => {
  const size = new BatchSize()
  size.stuck(8)
  size.settled(15)
  size.stuck(2)
  size.settled(7)
  expect(size.mostFrames).toBe(1)
})

test('eight batches in a row let them grow, and up to 4096 frames they stay bounded', () => {
  const size = new BatchSize()
  size.stuck(8192)
  size.settled(8 * 2048 - 1)
  expect(size.mostFrames).toBe(2048)
  size.settled(1)
  expect(size.mostFrames).toBe(4096)
  size.settled(8 * 4096)
  expect(size.mostFrames).toBe(Number.POSITIVE_INFINITY)
})
