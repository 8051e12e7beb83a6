import { expect, test } from 'vitest'
import type { Chunk, Positions } from '../../../src/flow/chunk.ts'
import { ReportQueue } from '../../../src/report/queue.ts'
import { batchFor, decoded, report } from './reports.ts'

function queueOf(capacity?: number): ReportQueue {
  return new ReportQueue({ host: 'collector', ...(capacity !== undefined && { capacity }) })
}

const messages = (chunks: readonly Chunk[]) =>
  chunks.flatMap((chunk) => decoded(batchFor(chunk)).map(({ extension }) => extension.get('msg')))

function positionBehind({ file, end }: Chunk): Positions {
  return new Map([[file.id, { fileId: file.id, offset: end, header: -1 }]])
}

async function readAll(queue: ReportQueue, from: Positions = new Map()): Promise<readonly Chunk[]> {
  queue.end()
  const chunks: Chunk[] = []
  for await (const chunk of queue.read(from, new AbortController().signal)) chunks.push(chunk)
  return chunks
}

test('gives the reports in their order, and those that come while it is read', async () => {
  const queue = queueOf()
  queue.add(report('started', { message: 'one' }))
  const reading = queue.read(new Map(), new AbortController().signal)
  const first = await reading.next()
  const second = reading.next()
  queue.add(report('stopping', { message: 'two' }))
  expect(messages([first.value, (await second).value])).toEqual(['one', 'two'])
  const last = reading.next()
  queue.end()
  expect((await last).done).toBe(true)
})

test('ends reading when that is aborted', async () => {
  const stop = new AbortController()
  const next = queueOf().read(new Map(), stop.signal).next()
  stop.abort()
  expect((await next).done).toBe(true)
})

test('reads again what is not settled, and forgets what is', async () => {
  const queue = queueOf()
  queue.add(report('started', { message: 'one' }))
  const first = await queue.read(new Map(), new AbortController().signal).next()
  queue.add(report('dataLost', { message: 'two' }))
  expect(queue.waiting).toBe(2)
  await queue.save(positionBehind(first.value))
  expect(queue.waiting).toBe(1)
  expect(messages(await readAll(queue, await queue.load()))).toEqual(['two'])
})

test('of too many drops the oldest that is not important, and the next statistics say how many', async () => {
  const queue = queueOf(3)
  for (const [kind, message] of [
    ['started', 'one'],
    ['statistics', 'two'],
    ['malformed', 'three'],
    ['dataLost', 'four'],
    ['statistics', 'five'],
  ] as const) {
    queue.add(report(kind, { message }))
  }
  const chunks = await readAll(queue)
  expect(messages(chunks)).toEqual(['one', 'four', 'five'])
  const events = chunks.flatMap((chunk) => decoded(batchFor(chunk)))
  expect(events.map(({ extension }) => extension.get('cs6'))).toEqual([undefined, undefined, '1'])
})

test('drops the oldest when all are important', async () => {
  const queue = queueOf(2)
  for (const message of ['one', 'two', 'three']) queue.add(report('dataLost', { message }))
  expect(messages(await readAll(queue))).toEqual(['two', 'three'])
})

test('takes nothing after its end', async () => {
  const queue = queueOf()
  queue.end()
  queue.add(report('dataLost'))
  expect(await readAll(queue)).toEqual([])
})

test('gives many in several chunks, none twice', async () => {
  const queue = queueOf()
  const numbers = Array.from({ length: 120 }, (_, index) => String(index))
  for (const message of numbers) queue.add(report('dataLost', { message }))
  const chunks = await readAll(queue)
  expect(chunks.length).toBeGreaterThan(1)
  expect(messages(chunks)).toEqual(numbers)
})
