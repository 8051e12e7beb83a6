import { expect, test } from 'vitest'
import type { Batch } from '../../../src/flow/batch.ts'
import { copyBatch, SpareMemory, usualBytes } from '../../../src/transform/batch-copy.ts'

function batchOf(frames: string): Batch {
  const file = { id: 'EX01|a.LOG', source: 'EX01', path: 'a.LOG' }
  return {
    file,
    start: 0,
    position: { fileId: file.id, offset: 10, header: 0 },
    frames: Buffer.from(frames),
    ends: Uint32Array.of(frames.length),
    counts: { events: 1, filtered: 0, malformed: 1, cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 },
    malformed: [{ path: 'a.LOG', offset: 3, reason: 'torn', line: Buffer.from('torn') }],
  }
}

test('a copy says the same when the batch is overwritten', () => {
  const batch = batchOf('frames')
  const copy = copyBatch(batch, undefined)
  batch.frames.fill(0)
  batch.ends.fill(0)
  expect(copy).toMatchObject({ position: batch.position, counts: batch.counts })
  expect(copy.frames.toString()).toBe('frames')
  expect([...copy.ends]).toEqual([6])
})

test('it takes nothing along that lies beside it in memory', () => {
  const { malformed } = copyBatch(batchOf('frames'), undefined)
  expect(malformed.map(({ line }) => line.buffer.byteLength)).toEqual(['torn'.length])
})

test('it lies in the spare memory if that is large enough', () => {
  const spare = new ArrayBuffer(6)
  expect(copyBatch(batchOf('frames'), spare).frames.buffer).toBe(spare)
  expect(copyBatch(batchOf('frames!'), spare).frames.toString()).toBe('frames!')
})

test('spare memory is kept up to its limit', () => {
  const spare = new SpareMemory(1)
  expect(spare.take()).toBeUndefined()
  const buffers = [new ArrayBuffer(1), new ArrayBuffer(2)] as const
  for (const buffer of buffers) spare.put(buffer)
  expect([spare.take(), spare.take()]).toEqual([buffers[0], undefined])
})

test('spare memory that is unusually large is let go', () => {
  const spare = new SpareMemory(1)
  spare.put(new ArrayBuffer(usualBytes + 1))
  expect(spare.take()).toBeUndefined()
})
