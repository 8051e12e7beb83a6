/** Chunks transformed on threads, held against the same in one's own thread. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import type { Batch } from '../../src/flow/batch.ts'
import type { Chunk } from '../../src/flow/chunk.ts'
import { createEventTransform, type EventOptions } from '../../src/transform/event-transform.ts'
import { openStage, Stage } from '../../src/transform/threads.ts'
import { onlyBatch } from '../support/batches.ts'
import { chunkOf, csvRow, layoutOf } from '../support/records.ts'
import { part } from '../support/runs.ts'

const layout = layoutOf('2016')
const options: EventOptions = {
  mapping: 'auto',
  cefVersion: 0,
  additionalData: 'arcsight',
  events: ['SEND'],
  syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0', host: undefined },
  framing: 'lf',
  maxMessageBytes: 65_536,
}

function rowOf(values: Readonly<Record<string, string>>): Buffer {
  const all: typeof values = { 'date-time': '2026-11-20T14:00:00.000Z', ...values }
  return csvRow(layout.columns.map((name) => all[name] ?? ''))
}

const subject = '(subject)'
const sentRow = rowOf({ 'event-id': 'SEND', 'message-subject': subject }).toString()
const others = Buffer.concat([rowOf({ 'event-id': 'FAIL' }), Buffer.from('torn\r\n')])

/** Each stands behind the one before. */
const startOf = (number: number) => number * 10_000_000

function chunk(number: number): Chunk {
  // Small ones, which stay on the main thread, and large ones.
  const count = 1 + (number % 7) * 400
  const sent = Array.from({ length: count }, (_, index) => sentRow.replace(subject, `${number}.${index}`))
  return chunkOf(Buffer.concat([Buffer.from(sent.join('')), others]), layout, { start: startOf(number) })
}

const handedOver = vi.spyOn(Worker.prototype, 'postMessage')
afterEach(() => void handedOver.mockClear())
afterAll(() => handedOver.mockRestore())

/** Chunks until so many of them were handed to threads. */
async function* chunksUntilHandedOver(most: number): AsyncGenerator<Chunk> {
  for (let number = 0; handedOver.mock.calls.length < most; number++) {
    yield chunk(number)
    await nextTurn()
  }
}

async function* chunks(count: number): AsyncGenerator<Chunk> {
  for (let number = 0; number < count; number++) yield chunk(number)
}

/** What of a batch outlives it. */
function kept({ frames, ends, malformed, ...batch }: Batch) {
  const letters = malformed.map((letter) => ({ ...letter, line: Buffer.from(letter.line).toString() }))
  return { ...batch, frames: frames.toString(), ends: [...ends], letters }
}

/** Threads that carry out one transform, and what they make of chunks. */
function open(threads: number, work: Partial<EventOptions> = {}) {
  const transform = createEventTransform(options)
  const stage = openStage([{ transform, options: { ...options, ...work } }], threads)
  return { batches: stage.batchesOf(0), close: () => stage.close() }
}

test.each(part([2, 4]))('%i threads give the same batches in the same order as one', async (count) => {
  const transform = createEventTransform(options)
  const threads = open(count)
  let number = 0
  for await (const batch of threads.batches(chunksUntilHandedOver(20))) {
    expect(kept(batch)).toEqual(kept(onlyBatch(transform(chunk(number++)))))
  }
  expect(number).toBeGreaterThanOrEqual(20)
  await threads.close()
})

test('two readings share the threads', async () => {
  const other: EventOptions = { ...options, events: ['FAIL'] }
  const transforming = [options, other].map((each) => ({
    transform: createEventTransform(each),
    options: each,
  }))
  const stage = openStage(transforming, 2)
  const read = async (index: number) => {
    const events: number[] = []
    for await (const { counts } of stage.batchesOf(index)(chunksUntilHandedOver(20)))
      events.push(counts.events)
    return events
  }
  const [sends, fails] = await Promise.all([read(0), read(1)])
  expect(sends).toEqual(sends.map((_, number) => 1 + (number % 7) * 400))
  expect(fails).toEqual(fails.map(() => 1))
  await stage.close()
})

test('a batch does not wait for a chunk that comes late', async () => {
  const threads = open(3)
  let goOn: () => void = () => {}
  const later = new Promise<void>((resolve) => {
    goOn = resolve
  })
  async function* slowly(): AsyncGenerator<Chunk> {
    yield chunk(1)
    await later
    yield chunk(2)
  }
  const batches = threads.batches(slowly())[Symbol.asyncIterator]()
  expect((await batches.next()).value.start).toBe(startOf(1))
  goOn()
  expect((await batches.next()).value.start).toBe(startOf(2))
  expect((await batches.next()).done).toBe(true)
  await threads.close()
})

test('reading that ends early leaves nothing behind for the next reading', async () => {
  const threads = open(3)
  for await (const { start } of threads.batches(chunks(10))) if (start === startOf(2)) break
  const starts: number[] = []
  for await (const { start } of threads.batches(chunks(6))) starts.push(start)
  expect(starts).toEqual([0, 1, 2, 3, 4, 5].map(startOf))
  await threads.close()
})

test('transforms and threads come and go while chunks are transformed', async () => {
  const transforming = (each: EventOptions) => ({ transform: createEventTransform(each), options: each })
  const stage = openStage([transforming(options)], 1)
  const transform = createEventTransform(options)
  let number = 0
  for await (const batch of stage.batchesOf(0)(chunksUntilHandedOver(40))) {
    expect(kept(batch)).toEqual(kept(onlyBatch(transform(chunk(number++)))))
    if (number === 5) stage.setThreads(3)
    if (handedOver.mock.calls.length > 10) stage.setThreads(2)
    if (handedOver.mock.calls.length > 20) stage.setThreads(4)
  }
  const index = stage.add(transforming({ ...options, events: ['FAIL'] }))
  handedOver.mockClear()
  let fails = 0
  for await (const { counts } of stage.batchesOf(index)(chunksUntilHandedOver(20))) {
    expect(counts.events).toBe(1)
    // A reading that was given up may get chunks when its transform is gone.
    if (++fails === 10) stage.remove(index)
    if (fails === 20) break
  }
  expect(fails).toBe(20)
  await stage.close()
})

test('batches of many megabytes do not wait in numbers', async () => {
  const each: EventOptions = { ...options, recipients: 'each' }
  const stage = openStage([{ transform: createEventTransform(each), options: each }], 2)
  const values: Record<string, string> = {
    'event-id': 'SEND',
    'recipient-address': 'a@b.c;'.repeat(4000),
    'source-context': 'x'.repeat(4000),
  }
  const manyRecipients = rowOf(values)
  let asked = 0
  async function* chunksBehindOne(): AsyncGenerator<Chunk> {
    yield* chunksUntilHandedOver(1)
    // Without a turn of the event loop, so that the batch before them can't come yet.
    for (; asked < 20; asked++) yield chunkOf(manyRecipients, layout)
  }
  for await (const { frames } of stage.batchesOf(0)(chunksBehindOne())) {
    if (asked === 0) continue
    // It is of one of those before, the largest of which makes one megabyte.
    expect(frames.length).toBeLessThan(2_000_000)
    break
  }
  expect(asked).toBeLessThan(10)
  await stage.close()
})

test('a thread that fails fails the reading', async () => {
  const threads = open(2, { mapping: 'no-such-table' })
  const reading = (async () => {
    for await (const _ of threads.batches(chunksUntilHandedOver(1)));
  })()
  await expect(reading).rejects.toThrow('no-such-table')
  await threads.close()
})

test('a thread that has ended fails the reading, also while no other chunk comes', async () => {
  const threads = open(2)
  await threads.close()
  async function* one(): AsyncGenerator<Chunk> {
    yield chunk(6)
    await new Promise(() => {})
  }
  await expect(threads.batches(one())[Symbol.asyncIterator]().next()).rejects.toThrow('has ended')
})

test.each(part([1, 2, 3]))(
  'on %i threads destinations with the same events get the same as alone, made less often',
  async (count) => {
    const one = createEventTransform(options)
    let calls = 0
    const stage = new Stage((a, b) => a.options === b.options)
    const same = () => {
      const transform = createEventTransform(options)
      const counted: typeof transform = (...given) => {
        calls++
        return transform(...given)
      }
      return { transform: counted, options }
    }
    const indexes = [same(), same(), same()].map((each) => stage.add(each))
    const other: EventOptions = { ...options, events: ['FAIL'] }
    const index = stage.add({ transform: createEventTransform(other), options: other })
    expect(stage.different).toBe(2)
    stage.setThreads(count)
    const numbers = 60
    // At paces of their own, so that each is ahead at times.
    const read = async (each: number) => {
      let number = 0
      for await (const batch of stage.batchesOf(each)(chunks(numbers))) {
        for (let turn = (number + each * 2) % 5; turn > 0; turn--) await nextTurn()
        expect(kept(batch)).toEqual(kept(onlyBatch(one(chunk(number++)))))
      }
      return number
    }
    const readOther = async () => {
      const events: number[] = []
      for await (const { counts } of stage.batchesOf(index)(chunks(numbers))) events.push(counts.events)
      return events
    }
    const [fails, ...read3] = await Promise.all([readOther(), ...indexes.map(read)])
    expect(read3).toEqual([numbers, numbers, numbers])
    expect(fails).toEqual(Array.from({ length: numbers }, () => 1))
    if (count === 1) expect(calls).toBeLessThan(2 * numbers)
    await stage.close()
  },
)

test('batches with fewer frames are made for the one who asks for them', async () => {
  const stage = new Stage(() => true)
  const [usual, small] = [0, 0].map(() => stage.add({ transform: createEventTransform(options), options }))
  const read = async (index: number | undefined, most?: number) => {
    const frames: number[] = []
    for await (const { ends } of stage.batchesOf(index as number)(chunks(2), most ? () => most : undefined))
      frames.push(ends.length)
    return frames
  }
  expect(await read(usual)).toEqual([1, 401])
  expect(Math.max(...(await read(small, 100)))).toBe(100)
  expect(await read(usual)).toEqual([1, 401])
  await stage.close()
})
