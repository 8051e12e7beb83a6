import { expect, test } from 'vitest'
import { SLACK_BYTES } from '../../../src/hot-loop/contract.ts'
import { WorkMemory } from '../../../src/hot-loop/memory.ts'

const megabyte = 1 << 20

test('what is spare lies behind what is reserved, and is made when it was missed', () => {
  const memory = new WorkMemory()
  const end = memory.bytesAt + megabyte
  memory.reserve(end)
  expect(memory.spare(megabyte)).toBeGreaterThanOrEqual(end)
  const size = 20 * megabyte
  expect(memory.spare(size)).toBeUndefined()
  for (const reserved of [end, end + 40 * megabyte]) {
    memory.reserve(reserved)
    const at = memory.spare(size) ?? 0
    expect(at).toBeGreaterThanOrEqual(reserved)
    expect(at % 16).toBe(0)
    expect(at + size).toBeLessThan(memory.bytes.length)
  }
})

test('there is no more of it than is good, and nothing is made larger but by reserving', () => {
  const memory = new WorkMemory()
  const { length } = memory.bytes
  expect(memory.spare(200 * megabyte)).toBeUndefined()
  expect(memory.spare(16 * megabyte)).toBeUndefined()
  expect(memory.bytes).toHaveLength(length)
  memory.reserve(memory.bytesAt + megabyte)
  expect(memory.bytes.length).toBeLessThan(length + 20 * megabyte)
  expect(memory.spare(200 * megabyte)).toBeUndefined()
})

test('what is kept stays until it is forgotten, up to the end of its room', () => {
  const memory = new WorkMemory()
  const [at, size] = memory.keepBytes(Buffer.from('host')) ?? [0, 0]
  const mark = memory.keptEnd
  const later = memory.keep(512 << 10)
  expect(later).toBe(mark)
  expect(memory.keep(512 << 10)).toBeUndefined()
  memory.forget(mark)
  expect(memory.keep(512 << 10)).toBe(mark)
  expect(memory.bytes.toString('latin1', at, at + size)).toBe('host')
})

test('frames and what is written ahead of them end before the bytes of the chunk', () => {
  const { framesAt, frameBytes, bytesAt } = new WorkMemory()
  expect(framesAt + frameBytes).toBe(bytesAt - SLACK_BYTES)
})

test('what is spare leaves what is read behind it, up to the last byte', () => {
  const memory = new WorkMemory()
  const at = memory.spare(16) as number
  const most = memory.bytes.length - SLACK_BYTES - at
  expect(memory.spare(most)).toBe(at)
  expect(memory.spare(most + 1)).toBeUndefined()
})

test('what is reserved leaves what is read behind it, wherever it ends', () => {
  const memory = new WorkMemory()
  for (let less = 3 * SLACK_BYTES; less >= 0; less--) {
    const end = memory.bytes.length - less
    memory.reserve(end)
    expect(memory.bytes.length).toBeGreaterThanOrEqual(end + SLACK_BYTES)
  }
})

test('the most that is made spare is there after the next reserving, wherever that ends', () => {
  const most = 32 * megabyte
  for (let more = 0; more <= 3; more++) {
    const memory = new WorkMemory()
    expect(memory.spare(most)).toBeUndefined()
    memory.reserve(memory.bytesAt + megabyte - more * SLACK_BYTES)
    expect(memory.spare(most)).toBeDefined()
  }
  const memory = new WorkMemory()
  expect(memory.spare(most + 1)).toBeUndefined()
  memory.reserve(memory.bytesAt + megabyte)
  expect(memory.spare(most + 1)).toBeUndefined()
})
