import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Batch } from '../../../src/flow/batch.ts'
import type { Chunk } from '../../../src/flow/chunk.ts'
import { SharedBatches, type Sharer } from '../../../src/transform/shared-batches.ts'
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
const chunk = chunkOf('1,SEND\r\n2,RECEIVE\r\n', layout, { start: 100 })

function at(number: number): Chunk {
  return chunkOf(`${number},SEND\r\n`, layout, { start: number * 1000 })
}

function batchOf({ start, end, file, header, bytes }: Chunk): Batch {
  return {
    start,
    position: { fileId: file.id, offset: end, header },
    file,
    frames: Buffer.from(`of ${bytes}`),
    ends: Uint32Array.of(3 + bytes.length),
    counts: { events: 1, filtered: 0, malformed: 0, cut: 0, clamped: 0, invalid: 0, brokenHeaders: 0 },
    malformed: [],
  }
}

/** The first of so many makes, the others look for what is made. */
function sharedBy(members: number) {
  const shared = new SharedBatches()
  const first = shared.join()
  const others = Array.from({ length: members - 1 }, () => shared.join())
  const other = (which: number) => others[which] as Sharer
  return {
    begin: (chunk: Chunk) => shared.begin(first, chunk),
    pace: (chunk: Chunk) => shared.pace(first, chunk),
    isAhead: () => shared.isAhead(first),
    find: (chunk: Chunk, which = 0) => shared.find(other(which), chunk),
    leave: (which = 0) => shared.leave(other(which)),
    /** What the first one does otherwise. */
    paceOther: (chunk: Chunk, which = 0) => shared.pace(other(which), chunk),
    beginOther: (chunk: Chunk, which = 0) => shared.begin(other(which), chunk),
  }
}

type Sharing = ReturnType<typeof sharedBy>

function textOf(shared: Sharing, of: Chunk, which = 0): string | undefined {
  const found = shared.find(of, which)
  const text = (found?.batch as Batch | undefined)?.frames.toString()
  found?.done()
  return text
}

test('what one has made of a chunk another takes, whatever becomes of the memory it was made in', () => {
  const shared = sharedBy(2)
  const [mine, batch] = [{ ...chunk, bytes: Buffer.from(chunk.bytes) }, batchOf(chunk)]
  shared.begin(mine)?.(batch)
  mine.bytes.fill(0)
  batch.frames.fill(0)
  batch.ends.fill(0)
  const found = shared.find({ ...chunk })
  expect(found?.batch).toEqual(batchOf(chunk))
  expect(found?.bytes).toEqual(chunk.bytes)
})

test('dead letters are taken as well', () => {
  const shared = sharedBy(2)
  const line = Buffer.from('torn')
  shared.begin(chunk)?.({ ...batchOf(chunk), malformed: [{ ...letter, line }] })
  line.fill(0)
  const found = shared.find(chunk)?.batch as Batch
  expect(found.malformed.map((each) => Buffer.from(each.line).toString())).toEqual(['torn'])
})

test('one alone keeps nothing, also when the other one has left', () => {
  expect(sharedBy(1).begin(chunk)).toBeNull()
  const shared = sharedBy(2)
  shared.leave()
  expect(shared.begin(chunk)).toBeNull()
})

const otherColumns = { ...layout, columns: ['event-id', 'date-time'] }
const letter = { path: logFile.path, offset: 100, reason: 'torn', line: Buffer.from('x') }

test.each<[string, Partial<Chunk>]>([
  ['other bytes', { bytes: Buffer.from('1,SEND\r\n2,RECEIVE\r\r') }],
  ['another start', { start: 101 }],
  ['another end', { end: chunk.end + 1 }],
  ['another header', { header: 7 }],
  ['another file', { file: { ...logFile, id: 'ex01/other' } }],
  ['another path', { file: { ...logFile, path: '/elsewhere/MSGTRK.LOG' } }],
  ['another source', { file: { ...logFile, source: 'ex02' } }],
  ['no columns', { layout: null }],
  ['other columns', { layout: otherColumns }],
  ['another version', { layout: { ...layout, version: '14.03' } }],
  ['another header block', { layout: { ...layout, header: Buffer.from('#Fields: date-time\r\n') } }],
  ['lines that the reader could not pass on', { malformed: [letter] }],
  ['events that are settled', { settledEvents: 1 }],
])('with %s it is another chunk', (_, difference) => {
  const shared = sharedBy(2)
  shared.begin(chunk)?.(batchOf(chunk))
  expect(shared.find({ ...chunk, ...difference })).toBeNull()
  expect(shared.find({ ...chunk, layout: { ...layout } })).not.toBeNull()
})

test.each<[string, Partial<Chunk>]>([
  ['lines that the reader could not pass on', { malformed: [letter] }],
  ['events that are settled', { settledEvents: 1 }],
])('a chunk with %s is not kept', (_, special) => {
  expect(sharedBy(2).begin({ ...chunk, ...special })).toBeNull()
})

test('whoever asks while it is being made gets it when it is', async () => {
  const shared = sharedBy(2)
  const making = shared.begin(chunk)
  const found = shared.find(chunk)
  making?.(batchOf(chunk))
  expect(await found?.batch).toEqual(batchOf(chunk))
})

test('who waits for more than one batch is told to make it, of bytes that stay', async () => {
  const shared = sharedBy(2)
  const making = shared.begin(chunk)
  const found = shared.find(chunk)
  making?.(null)
  expect(await found?.batch).toBeNull()
  expect(shared.find(chunk)).toBeNull()
  for (let number = 1; number <= 20; number++) shared.begin(at(number))?.(batchOf(at(number)))
  expect(found?.bytes).toEqual(chunk.bytes)
})

test('what is in use stays as it is, however many come after it', () => {
  const shared = sharedBy(2)
  shared.begin(chunk)?.(batchOf(chunk))
  const found = shared.find(chunk)
  for (let number = 1; number <= 20; number++) {
    shared.begin(at(number))?.(batchOf(at(number)))
    textOf(shared, at(number))
  }
  expect(found?.batch).toEqual(batchOf(chunk))
  found?.done()
  shared.begin(at(21))?.(batchOf(at(21)))
  expect(shared.find(chunk)).toBeNull()
})

test('of many chunks the last eight are kept', () => {
  const shared = sharedBy(2)
  for (let number = 1; number <= 8; number++) shared.begin(at(number))?.(batchOf(at(number)))
  expect(textOf(shared, at(1))).toBe('of 1,SEND\r\n')
  shared.begin(at(9))?.(batchOf(at(9)))
  expect(textOf(shared, at(1))).toBeUndefined()
  expect(textOf(shared, at(2))).toBe('of 2,SEND\r\n')
})

test('while nobody takes them few are kept, and all again once somebody does', () => {
  const shared = sharedBy(2)
  const keptOf = (first: number, count: number) => {
    let kept = 0
    for (let number = first; number < first + count; number++) {
      const making = shared.begin(at(number))
      making?.(batchOf(at(number)))
      if (making !== null) kept++
    }
    return kept
  }
  keptOf(0, 32)
  expect(keptOf(32, 160)).toBe(10)
  const followed = Array.from({ length: 192 }, (_, number) => number).filter(
    (number) => textOf(shared, at(number)) !== undefined,
  )
  expect(followed).toHaveLength(8)
  expect(keptOf(192, 8)).toBe(8)
})

test('nothing is kept for long: headers may tell the time of sending', () => {
  const shared = sharedBy(2)
  shared.begin(chunk)?.(batchOf(chunk))
  vi.advanceTimersByTime(1000)
  expect(shared.find(chunk)).toBeNull()
  shared.begin(at(1))?.(batchOf(at(1)))
  expect(textOf(shared, at(1))).toBe('of 1,SEND\r\n')
  vi.advanceTimersByTime(2000)
  expect(vi.getTimerCount()).toBe(0)
})

/** Keeps chunks until one more would take the place of one that nobody has taken. */
function goAhead(shared: Sharing): number {
  let number = 0
  while (!shared.isAhead()) shared.begin(at(++number))?.(batchOf(at(number)))
  return number
}

test('who is ahead waits until all others have taken what is kept longest, also when they take their time', async () => {
  const shared = sharedBy(3)
  const next = at(goAhead(shared) + 1)
  const went = vi.fn()
  void shared.pace(next)?.then(went)
  await vi.advanceTimersByTimeAsync(90)
  expect(textOf(shared, at(1))).toBeDefined()
  await vi.advanceTimersByTimeAsync(90)
  await turn()
  expect(went).not.toHaveBeenCalled()
  expect(textOf(shared, at(1), 1)).toBeDefined()
  await vi.advanceTimersByTimeAsync(0)
  expect(went).toHaveBeenCalled()
  expect(shared.pace(next)).toBeUndefined()
})

test('another one that has caught up waits as well, and takes what the first one makes then', async () => {
  const shared = sharedBy(3)
  const last = goAhead(shared)
  const next = at(last + 1)
  const waiting = shared.pace(next)
  for (let number = 1; number <= last; number++) textOf(shared, at(number))
  expect(shared.find(next)).toBeNull()
  const alsoWaiting = shared.paceOther(next)
  expect(alsoWaiting).toBeDefined()
  textOf(shared, at(1), 1)
  await waiting
  shared.begin(next)?.(batchOf(next))
  await alsoWaiting
  expect(textOf(shared, next)).toBeDefined()
})

test('who is behind waits for nobody, and takes the place of nothing', async () => {
  const shared = sharedBy(2)
  const last = goAhead(shared)
  const waiting = shared.pace(at(last + 1))
  expect(shared.find(at(0))).toBeNull()
  expect(shared.paceOther(at(0))).toBeUndefined()
  expect(shared.beginOther(at(0))).toBeNull()
  for (let number = 1; number <= last; number++) expect(textOf(shared, at(number))).toBeDefined()
  await waiting
})

test('others that take nothing are waited for ever more rarely, and not for long', async () => {
  const shared = sharedBy(2)
  let number = goAhead(shared)
  const waits: number[] = []
  for (let made = 0; made < 200; made++) {
    number++
    const waiting = shared.pace(at(number))
    if (waiting !== undefined) {
      waits.push(made)
      await vi.advanceTimersByTimeAsync(100)
      await waiting
    }
    shared.begin(at(number))?.(batchOf(at(number)))
  }
  expect(waits).toEqual([0, 32, 96])
})

test('what one has that stands still is kept for the others no longer, and stays as it is for that one', async () => {
  const shared = sharedBy(3)
  let number = 0
  const held = []
  while (!shared.isAhead()) {
    number++
    shared.begin(at(number))?.(batchOf(at(number)))
    textOf(shared, at(number))
    held.push(shared.find(at(number), 1))
  }
  const goOn = async () => {
    number++
    const waiting = shared.pace(at(number))
    await vi.advanceTimersByTimeAsync(100)
    await waiting
    shared.begin(at(number))?.(batchOf(at(number)))
    return textOf(shared, at(number))
  }
  for (let made = 0; made < 24; made++) expect(await goOn()).toBeDefined()
  for (const [index, found] of held.entries()) {
    expect(found?.batch).toEqual(batchOf(at(index + 1)))
    found?.done()
  }
})

test('nobody waits for one that has left', async () => {
  const shared = sharedBy(2)
  const next = at(goAhead(shared) + 1)
  const waiting = shared.pace(next)
  shared.leave()
  await waiting
  expect(shared.pace(next)).toBeUndefined()
})

test('nor for one whose chunks are cut elsewhere, as long as they are', async () => {
  const shared = sharedBy(3)
  shared.begin(at(1))?.(batchOf(at(1)))
  textOf(shared, at(1))
  // It passes by what another one took.
  expect(shared.find({ ...at(1), start: at(1).start + 1 }, 1)).toBeNull()
  for (let number = 2; number <= 30; number++) {
    shared.begin(at(number))?.(batchOf(at(number)))
    textOf(shared, at(number))
  }
  expect(shared.isAhead()).toBe(false)
  expect(textOf(shared, at(30), 1)).toBeDefined()
  // It is in step again.
  for (let number = 31; number <= 38; number++) {
    shared.begin(at(number))?.(batchOf(at(number)))
    textOf(shared, at(number))
  }
  expect(shared.isAhead()).toBe(true)
})
