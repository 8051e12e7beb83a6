/** Several readings of the same chunks at different speeds, through a stage as destinations use it: what is made in all. */
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Batch } from '../../../src/flow/batch.ts'
import type { Chunk } from '../../../src/flow/chunk.ts'
import { Stage } from '../../../src/transform/threads.ts'
import { chunkOf, layoutOf, logFile } from '../../support/records.ts'

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    }),
)
afterEach(() => void vi.useRealTimers())

const layout = {
  ...layoutOf(['date-time', 'event-id']),
  header: Buffer.from('#Fields: date-time,event-id\r\n'),
}
const count = 200

/** Chunks of one file, each as long as the others. */
function chunksOf(texts: readonly string[], file = logFile): readonly Chunk[] {
  let start = 100
  return texts.map((text) => {
    const chunk = { ...chunkOf(text, layout, { start }), file }
    start = chunk.end
    return chunk
  })
}

const usual = chunksOf(Array.from({ length: count }, (_, number) => `${1000 + number},SEND\r\n`))

function batchOf({ start, end, file, header, bytes }: Chunk): Batch {
  return {
    start,
    position: { fileId: file.id, offset: end, header },
    file,
    frames: Buffer.from(bytes),
    ends: Uint32Array.of(bytes.length),
    counts: { events: 1, filtered: 0, malformed: 0, cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 },
    malformed: [],
  }
}

interface Reading {
  /** After each batch it is busy for so many milliseconds. */
  readonly ms: (number: number) => number
  readonly chunks?: readonly Chunk[]
  /** Leaves before this batch. */
  readonly leaves?: number
}

/** How many batches were made in all, and when each reading was at its end. Each gets all that it reads, in order. */
async function read(readings: readonly Reading[]): Promise<{ made: number; ends: readonly number[] }> {
  const stage = new Stage(() => true)
  let made = 0
  const transform = (chunk: Chunk) => {
    made++
    return [batchOf(chunk)]
  }
  const indexes = readings.map(() => stage.add({ transform, options: {} as never }))
  stage.setThreads(1)
  const began = performance.now()
  const follow = async ({ ms, chunks = usual, leaves }: Reading, index: number) => {
    async function* source() {
      for (const chunk of chunks) yield { ...chunk, bytes: Buffer.from(chunk.bytes) }
    }
    const got: string[] = []
    for await (const batch of stage.batchesOf(index)(source())) {
      if (got.length === leaves) break
      await new Promise((resolve) => setTimeout(resolve, ms(got.length)))
      got.push(batch.frames.toString('latin1', 0, 20))
    }
    stage.remove(index)
    expect(got).toEqual(chunks.slice(0, leaves).map(({ bytes }) => bytes.toString('latin1', 0, 20)))
    return performance.now() - began
  }
  let isDone = false
  const all = Promise.all(readings.map((each, member) => follow(each, indexes[member] as number))).finally(
    () => {
      isDone = true
    },
  )
  all.catch(() => {})
  while (!isDone) {
    for (let turns = 0; turns < 3; turns++) await turn()
    await vi.advanceTimersByTimeAsync(1)
  }
  return { made, ends: await all }
}

const steady = (ms: number) => () => ms
/** 1 to `most`, in an order that looks like none. */
const uneven = (seed: number, most: number) => (number: number) =>
  1 + ((Math.imul((number + 1) * 31 + seed, 2654435761) >>> 16) % most)

test.each([2, 3, 4, 5, 9])(
  'of %i that move each chunk is made once, whatever their speeds',
  async (members) => {
    const byItself = Array.from({ length: members }, (_, member) => ({ ms: steady(1 + member) }))
    expect((await read(byItself)).made).toBe(count)
    const mixed = Array.from({ length: members }, (_, member) => ({ ms: uneven(member, 8) }))
    expect((await read(mixed)).made).toBe(count)
  },
)

test('nor more often where few large ones are kept, and the slowest is no slower for it', async () => {
  const line = `${'x'.repeat(1023)}\n`
  const chunks = chunksOf(Array.from({ length: 40 }, (_, number) => `${1000 + number},${line.repeat(2040)}`))
  const { made, ends } = await read([1, 3, 6, 10, 30].map((ms) => ({ ms: steady(ms), chunks })))
  expect(made).toBe(40)
  expect(Math.max(...ends)).toBeLessThan(40 * 30 * 1.2)
})

test('one that is slow, but moves, is waited for by all', async () => {
  const { made } = await read([1, 2, 2, 90].map((ms) => ({ ms: steady(ms) })))
  expect(made).toBe(count)
})

test('one that stands still holds up the others once, and they go on sharing', async () => {
  const stalled = (number: number) => (number === 50 ? 60_000 : 2)
  const { made, ends } = await read([
    { ms: steady(2) },
    { ms: stalled },
    { ms: steady(3) },
    { ms: steady(4) },
  ])
  const [first = 0, , third = 0, fourth = 0] = ends
  // It makes for itself what the others went through meanwhile.
  expect(made).toBeLessThanOrEqual(count + 150)
  // A tenth of a second at once, and another one after 32 chunks more, 64 more.
  for (const end of [first, third, fourth]) expect(end).toBeLessThan(count * 4 + 500)
})

test('two that stand still hold up the others no longer', async () => {
  const stalled = (number: number) => (number === 50 ? 60_000 : 2)
  const { ends } = await read([{ ms: steady(2) }, { ms: stalled }, { ms: stalled }, { ms: steady(4) }])
  expect(Math.max(ends[0] ?? 0, ends[3] ?? 0)).toBeLessThan(count * 4 + 500)
})

test('one that leaves is waited for no longer', async () => {
  const { made, ends } = await read([{ ms: steady(1) }, { ms: steady(30), leaves: 20 }, { ms: steady(2) }])
  expect(made).toBe(count)
  expect(ends[0]).toBeLessThan(20 * 30 + count * 2 + 50)
})

test('one that goes back makes again what is not kept any more, and no more than that is lost for the others', async () => {
  const back = [...usual.slice(0, 100), ...usual.slice(60)]
  const { made } = await read([{ ms: steady(2) }, { ms: steady(2), chunks: back }, { ms: steady(3) }])
  // Forty again, and what it could not catch up with.
  expect(made).toBeLessThanOrEqual(count + 40 + 100)
})

test('one whose chunks are cut elsewhere holds up nobody, and the others share', async () => {
  const elsewhere = usual.slice(1).map((chunk) => ({ ...chunk, start: chunk.start - 3, end: chunk.end - 3 }))
  const { made, ends } = await read([
    { ms: steady(1) },
    { ms: steady(40), chunks: elsewhere },
    { ms: steady(2) },
    { ms: steady(3) },
  ])
  expect(made).toBe(count + elsewhere.length)
  expect(Math.max(ends[0] ?? 0, ends[2] ?? 0, ends[3] ?? 0)).toBeLessThan(count * 3 + 1000)
})

test('one that reads another file holds them up no longer than one that stands still', async () => {
  const other = chunksOf(
    Array.from({ length: count }, (_, number) => `${1000 + number},FAIL\r\n`),
    {
      ...logFile,
      id: 'ex01/other',
    },
  )
  const { made, ends } = await read([{ ms: steady(1) }, { ms: steady(3), chunks: other }, { ms: steady(2) }])
  expect(made).toBeLessThan(count * 2 + 100)
  expect(Math.max(...ends)).toBeLessThan(count * 3 + 1000)
})

test('from one file to the next they stay in step', async () => {
  const files = Array.from({ length: 50 }, (_, file) =>
    chunksOf(['1,SEND\r\n', '2,SEND\r\n', '3,SEND\r\n', '4,SEND\r\n'], { ...logFile, id: `ex01/${file}` }),
  ).flat()
  const { made } = await read([1, 2, 3, 4, 5].map((ms) => ({ ms: steady(ms), chunks: files })))
  expect(made).toBe(files.length)
})

test('what one can not make holds up nobody: the others make it themselves', async () => {
  const stage = new Stage(() => true)
  const failing = () => {
    throw new TypeError('can not be made')
  }
  const [broken, whole] = [failing, (chunk: Chunk) => [batchOf(chunk)]].map((transform) =>
    stage.add({ transform, options: {} as never }),
  ) as [number, number]
  stage.setThreads(1)
  async function* source() {
    yield* usual.slice(0, 2)
  }
  await expect(async () => {
    for await (const _ of stage.batchesOf(broken)(source())) expect.unreachable()
  }).rejects.toThrow('can not be made')
  const got: number[] = []
  for await (const { start } of stage.batchesOf(whole)(source())) got.push(start)
  expect(got).toEqual(usual.slice(0, 2).map(({ start }) => start))
})
