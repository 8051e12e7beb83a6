import { expect, it } from 'vitest'
import { Arenas } from '../../../../src/destinations/kafka/arenas.ts'
import { type Key, Taken } from '../../../../src/destinations/kafka/parts.ts'
import { HEADER_BYTES } from '../../../../src/destinations/kafka/record-batch.ts'
import type { Batch } from '../../../../src/flow/batch.ts'
import { batchOf } from '../../../kafka/batches.ts'

const arenas = new Arenas(2, 2 ** 20)
const take = (batch: Batch, key: Key) =>
  new Taken(batch, { key, isOfRows: true }, (bytes) => arenas.open(bytes))

const layout = { columns: ['date-time'], version: '', header: Buffer.alloc(0) }
const events = Array.from({ length: 1000 }, (_, index) => ({
  text: `${index}`.padEnd(100, '.'),
  key: index % 3 === 0 ? '' : `mail-${index % 10}`,
}))

it('puts each event into one part, those of a key into one partition, in order', () => {
  const parts = take(batchOf(events), 'message').parts(5, 2)
  const placed = parts.flatMap(({ partition, runs }) =>
    runs.map(({ first, count }) => ({ partition, first, count })),
  )
  expect(placed.map(({ first }) => first).sort((a, b) => a - b)).toEqual(events.map((_, index) => index))
  expect(new Set(placed.map(({ count }) => count))).toEqual(new Set([1]))
  for (const { runs } of parts) {
    expect(runs.map(({ first }) => first)).toEqual(runs.map(({ first }) => first).sort((a, b) => a - b))
  }
  const partitionsOf = (key: string) =>
    new Set(placed.filter(({ first }) => events[first]?.key === key).map(({ partition }) => partition))
  for (const { key } of events) expect(partitionsOf(key).size).toBe(1)
  expect(partitionsOf('')).toEqual(new Set([2]))
})

it('divides down to a single event, in order', () => {
  const [part] = take(batchOf(events, { layout }), 'file').parts(1, 0)
  expect(part?.runs.length).toBeLessThan(10)
  const firsts: number[] = []
  const waiting = part === undefined ? [] : [part]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { halves, runs } = next
    if (halves === null) {
      expect(runs).toEqual([{ first: runs[0]?.first, count: 1 }])
      expect(next.line.toString()).toBe(events[runs[0]?.first ?? -1]?.text)
      firsts.push(runs[0]?.first ?? -1)
    } else waiting.push(halves[1], halves[0])
  }
  expect(firsts).toEqual(events.map((_, index) => index))
})

it('keeps to a size, unless a single record is larger', () => {
  const [part] = take(batchOf([...events, { text: 'x'.repeat(9000) }]), 'none').parts(1, 0)
  const parts = part?.within(4096) ?? []
  expect(parts.filter(({ mostBytes }) => mostBytes > 4096).map(({ runs }) => runs.length)).toEqual([1])
  expect(parts.flatMap(({ runs }) => runs.map(({ first }) => first))).toEqual([...events.keys(), 1000])
  for (const { mostBytes, encode } of parts.map((each) => ({
    mostBytes: each.mostBytes,
    encode: each.encode(),
  }))) {
    expect(encode.length).toBeLessThanOrEqual(HEADER_BYTES + mostBytes)
  }
})

it('outlives its batch', () => {
  const batch = batchOf(events.slice(0, 3))
  const taken = take(batch, 'message')
  const records = () => taken.parts(1, 0)[0]?.encode().toString('latin1', HEADER_BYTES)
  const before = records()
  batch.frames.fill(0)
  batch.ends.fill(0)
  batch.origins?.keys.fill(0)
  expect(records()).toBe(before)
})

it('has its memory from the one before, when that is done', () => {
  const spare = new Arenas(1, 2 ** 20)
  const open = () => new Taken(batchOf(events), { key: 'none', isOfRows: true }, (bytes) => spare.open(bytes))
  const first = open()
  const memory = first.frames.buffer
  const before = first.parts(1, 0)[0]?.encode().toString('latin1', HEADER_BYTES)
  expect(open().frames.buffer).not.toBe(memory)
  first.done()
  const third = open()
  expect(third.frames.buffer).toBe(memory)
  expect(third.parts(1, 0)[0]?.encode().toString('latin1', HEADER_BYTES)).toBe(before)
})
