import { expect, onTestFinished, test, vi } from 'vitest'
import { Tap, type TapLine } from '../../../src/app/tap.ts'
import type { Batch } from '../../../src/flow/batch.ts'
import { batchOf } from './batches.ts'

function numbered(count: number, bytes = 8): Batch {
  return batchOf(...Array.from({ length: count }, (_, index) => String(index).padStart(bytes, '0')))
}

/** All that is told until it ends. */
async function told(tap: Tap): Promise<readonly TapLine[]> {
  tap.end('over')
  const lines: TapLine[] = []
  for await (const line of tap.lines(new AbortController().signal)) lines.push(line)
  return lines
}

const framesIn = (lines: readonly TapLine[]) => lines.flatMap((line) => ('frame' in line ? [line.frame] : []))
const leftOutIn = (lines: readonly TapLine[]) =>
  lines.reduce((sum, line) => sum + ('leftOut' in line ? line.leftOut : 0), 0)

test('each frame comes without what tells it apart from the next', async () => {
  const tap = new Tap()
  tap.take('a', 'lf', batchOf('<1>one\n', '<1>ü two\n'))
  tap.take('b', 'octet-counting', batchOf('5 <2>on', '10 <2>two 10 '))
  tap.take('c', 'datagram', batchOf('<3>one'))
  expect(await told(tap)).toEqual([
    { destination: 'a', frame: '<1>one' },
    { destination: 'a', frame: '<1>ü two' },
    { destination: 'b', frame: '<2>on' },
    { destination: 'b', frame: '<2>two 10 ' },
    { destination: 'c', frame: '<3>one' },
    { ended: 'over' },
  ])
})

test('of a batch that is too much, frames from all over it are taken, and the others counted', async () => {
  const tap = new Tap(() => 0)
  tap.take('a', 'datagram', numbered(4000))
  const lines = await told(tap)
  const numbers = framesIn(lines).map(Number)
  expect(numbers).toEqual(Array.from({ length: 1000 }, (_, index) => index * 4))
  expect(leftOutIn(lines)).toBe(3000)
})

test.each([8, 2000])(
  'who never reads holds a second of samples, however much goes out (%i bytes each)',
  async (bytes) => {
    let nowMs = 0
    const tap = new Tap(() => nowMs)
    const batch = numbered(1000, bytes)
    for (let batches = 0; batches < 200; batches++) {
      nowMs += 500
      tap.take('a', 'datagram', batch)
    }
    const lines = await told(tap)
    const frames = framesIn(lines)
    expect(frames.length).toBeLessThanOrEqual(1000)
    expect(frames.join('').length).toBeLessThanOrEqual(1_000_000)
    expect(frames.length + leftOutIn(lines)).toBe(200_000)
  },
)

test('what may be copied comes back with time', async () => {
  let nowMs = 0
  const tap = new Tap(() => nowMs)
  const lines = tap.lines(new AbortController().signal)
  const take = async (count: number) => {
    tap.take('a', 'datagram', numbered(count))
    let frames = 0
    for (;;) {
      const { value } = await lines.next()
      if (value === undefined || 'ended' in value) throw new Error('it ended')
      if ('leftOut' in value) return frames
      frames++
    }
  }
  expect(await take(1100)).toBe(1000)
  nowMs += 2000
  expect(await take(1100)).toBe(1000)
})

test('it ends when nobody asks any more, though nothing comes', async () => {
  const gone = new AbortController()
  const next = new Tap().lines(gone.signal).next()
  gone.abort()
  expect(await next).toEqual({ done: true, value: undefined })
})

test('how a destination has changed is told once, as it is now, before what goes out', async () => {
  const tap = new Tap()
  tap.tell({ destination: 'a', unavailable: 'refused' })
  tap.take('a', 'datagram', batchOf('<3>one'))
  tap.tell({ destination: 'a', unavailable: 'no route' })
  tap.tell({ destination: 'b', isPaused: true })
  for (let changes = 0; changes < 1000; changes++) tap.tell({ destination: 'a', isPaused: changes % 2 === 0 })
  expect(await told(tap)).toEqual([
    { destination: 'a', unavailable: 'no route' },
    { destination: 'b', isPaused: true },
    { destination: 'a', isPaused: false },
    { destination: 'a', frame: '<3>one' },
    { ended: 'over' },
  ])
})

test('what goes out in many batches is given ten times a second, and what comes after a rest at once', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const tap = new Tap()
  const gone = new AbortController()
  const givenAtMs: number[] = []
  let frames = 0
  const reading = (async () => {
    for await (const line of tap.lines(gone.signal)) {
      if (givenAtMs.at(-1) !== performance.now()) givenAtMs.push(performance.now())
      if ('frame' in line) frames++
    }
  })()
  const beganMs = performance.now()
  tap.take('a', 'datagram', numbered(1))
  await vi.advanceTimersByTimeAsync(0)
  expect(givenAtMs).toEqual([beganMs])
  for (let batches = 0; batches < 500; batches++) {
    await vi.advanceTimersByTimeAsync(2)
    tap.take('a', 'datagram', numbered(1000))
  }
  await vi.advanceTimersByTimeAsync(100)
  // Frames in bursts, and once a second how many were left out.
  expect(givenAtMs.length).toBeLessThanOrEqual(1 + 11 + 2)
  expect(frames).toBeGreaterThan(1500)
  gone.abort()
  await reading
})
