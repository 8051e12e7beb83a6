import { describe, expect, test } from 'vitest'
import { PipelineStatistics } from '../../../src/deliver/statistics.ts'
import { DeliveryWindow, type SettledBatch } from '../../../src/deliver/window.ts'
import type { Malformed } from '../../../src/flow/chunk.ts'
import type { Outcome } from '../../../src/flow/delivery.ts'
import { batch, delivered, idle, malformed, ScriptedDestination, unavailable, unsent } from './doubles.ts'

function setUp({ maxBatches }: { maxBatches?: number } = {}) {
  const destination = new ScriptedDestination()
  const statistics = new PipelineStatistics()
  const commits: SettledBatch[] = []
  const letters: Malformed[] = []
  const disk = { write: async (_giveUp: AbortSignal): Promise<boolean> => true }
  const window = new DeliveryWindow({
    destination,
    statistics,
    commit: (settled) => commits.push(settled),
    async writeLetters(written, giveUp) {
      const done = await disk.write(giveUp)
      if (done) letters.push(...written)
      return done
    },
    ...(maxBatches === undefined ? {} : { maxBatches }),
  })
  const settle = async (index: number, outcome = delivered): Promise<void> => {
    destination.sent[index]?.settle(outcome)
    await idle()
  }
  return {
    window,
    destination,
    statistics,
    commits,
    letters,
    disk,
    settle,
    committed: () => commits.map((c) => c.position.offset),
  }
}

describe('committing', () => {
  test('happens in reading order, whatever the order of outcomes', async () => {
    const { window, settle, committed } = setUp()
    for (const offset of [10, 20, 30]) await window.send(batch(offset))
    await settle(2)
    await settle(1)
    expect(committed()).toEqual([])
    await settle(0)
    expect(committed()).toEqual([10, 20, 30])
    expect(window.unsettled).toBe(0)
  })

  test('a batch without frames is not sent but waits for its turn', async () => {
    const { window, destination, settle, committed } = setUp()
    await window.send(batch(10))
    await window.send(batch(20, { events: 0, filtered: 4 }))
    await idle()
    expect(destination.offsets).toEqual([10])
    expect(committed()).toEqual([])
    await settle(0)
    expect(committed()).toEqual([10, 20])
  })

  test('waits until the dead letters are on disk', async () => {
    const { window, settle, committed, letters, disk } = setUp()
    let finish: (done: boolean) => void = () => undefined
    disk.write = () =>
      new Promise((resolve) => {
        finish = resolve
      })
    await window.send(batch(10, { letters: [malformed(3)] }))
    await window.send(batch(20))
    await settle(1)
    expect(letters).toEqual([])
    await settle(0)
    expect(committed()).toEqual([])
    finish(true)
    await idle()
    expect(letters).toEqual([malformed(3)])
    expect(committed()).toEqual([10, 20])
  })

  test('a rejected batch becomes one dead letter and does not hold up the rest', async () => {
    const { window, statistics, settle, committed, letters } = setUp()
    await window.send(batch(10, { start: 4, events: 2, letters: [malformed(3)] }))
    await window.send(batch(20))
    await settle(0, { status: 'rejected', reason: 'too big' })
    await settle(1)
    expect(committed()).toEqual([10, 20])
    expect(letters).toEqual([
      malformed(3),
      {
        path: '/logs/a.LOG',
        offset: 4,
        reason: 'rejected by siem: too big (2 events from bytes 4 to 10 of the file)',
        line: new Uint8Array(),
      },
    ])
    expect(statistics.snapshot()).toMatchObject({ read: 4, rejected: 2, malformed: 1, delivered: 1 })
  })
})

describe('a batch that is delivered but for some events', () => {
  test('leaves a dead letter for each of them, and the others count as delivered', async () => {
    const { window, statistics, settle, committed, letters } = setUp()
    await window.send(batch(10, { start: 4, events: 3 }))
    const line = Buffer.from('{"eventId":"SEND"}')
    await settle(0, { status: 'delivered', except: [{ reason: 'too large', line }] })
    expect(committed()).toEqual([10])
    const reason = 'rejected by siem: too large (one of 3 events from bytes 4 to 10 of the file)'
    expect(letters).toEqual([{ path: '/logs/a.LOG', offset: 4, reason, line }])
    expect(statistics.snapshot()).toMatchObject({ read: 3, delivered: 2, rejected: 1, inFlight: 0 })
  })

  test('is not committed before its letters are on disk', async () => {
    const { window, settle, committed, disk } = setUp()
    disk.write = async () => false
    await window.send(batch(10))
    await settle(0, { status: 'delivered', except: [{ reason: 'too large', line: new Uint8Array() }] })
    expect(committed()).toEqual([])
  })
})

describe('a window that goes on', () => {
  test('commits what was sent before and after a commit, none left out', async () => {
    const { window, settle, committed } = setUp()
    for (const offset of [10, 20]) await window.send(batch(offset))
    await settle(0)
    await window.send(batch(30))
    await settle(2)
    await settle(1)
    expect(committed()).toEqual([10, 20, 30])
    // Nothing is in it any more.
    await window.send(batch(40))
    await settle(3)
    expect(committed()).toEqual([10, 20, 30, 40])
    expect(window.unsettled).toBe(0)
  })

  test('writes letters once, though more is settled meanwhile', async () => {
    const { window, settle, committed, letters, disk } = setUp()
    const finish: ((done: boolean) => void)[] = []
    disk.write = () => new Promise((resolve) => finish.push(resolve))
    await window.send(batch(10, { letters: [malformed(3)] }))
    await window.send(batch(20))
    await settle(0)
    await settle(1)
    expect(finish).toHaveLength(1)
    finish[0]?.(true)
    await idle()
    expect(letters).toEqual([malformed(3)])
    expect(committed()).toEqual([10, 20])
  })

  test('counts rows anew when their file is read again from its start', async () => {
    const { window, statistics } = setUp()
    await window.send(batch(10))
    await window.send(batch(0))
    await window.send(batch(10))
    statistics.rewound()
    expect(statistics.snapshot()).toMatchObject({ read: 2, inFlight: 2 })
  })
})

describe('what is stuck', () => {
  test.each<[string, number, readonly Outcome[]]>([
    ['is the first batch when nothing was committed before the break', 3, [unavailable]],
    ['is nothing once events were committed', 0, [delivered, unavailable]],
    ['is nothing that never went out', 0, [unsent]],
  ])('%s', async (_what, frames, outcomes) => {
    const { window, settle } = setUp()
    await window.send(batch(5, { events: 0, filtered: 1 }))
    for (const offset of [10, 20]) await window.send(batch(offset, { events: 3 }))
    for (const [index, outcome] of outcomes.entries()) await settle(index, outcome)
    expect(window.stuckFrames).toBe(frames)
  })
})

describe('breaking', () => {
  test('commits what lies before the failed batch and nothing behind it', async () => {
    const { window, settle, committed } = setUp()
    for (const offset of [10, 20, 30, 40]) await window.send(batch(offset))
    await settle(3)
    await settle(2, unavailable)
    expect(window.broken.aborted).toBe(true)
    expect(window.broken.reason).toEqual(unavailable)
    await settle(1)
    expect(committed()).toEqual([])
    await settle(0)
    expect(committed()).toEqual([10, 20])
    expect(window.unsettled).toBe(2)
  })

  test('keeps the first reason', async () => {
    const { window, settle } = setUp()
    for (const offset of [10, 20]) await window.send(batch(offset))
    await settle(1, unavailable)
    await settle(0, { status: 'unavailable', reason: 'later' })
    expect(window.broken.reason).toEqual(unavailable)
  })

  test('takes nothing more, and sends nothing behind a batch that failed while it was handed over', async () => {
    const { window, destination } = setUp()
    destination.answer = () => unavailable
    await window.send(batch(10))
    await window.send(batch(20))
    expect(destination.offsets).toEqual([10])
  })

  test('a destination that throws counts as unavailable', async () => {
    const { window, destination } = setUp()
    destination.send = async () => {
      throw new Error('a bug')
    }
    await window.send(batch(10))
    await window.settled()
    expect(window.broken.reason).toEqual({ status: 'unavailable', reason: 'a bug' })
    const other = setUp()
    other.destination.send = async () => ({ outcome: Promise.reject(new Error('another')) })
    await other.window.send(batch(10))
    await other.window.settled()
    expect(other.window.broken.reason).toEqual({ status: 'unavailable', reason: 'another' })
  })

  test('letters that can not be written end the commits of a broken window', async () => {
    const { window, settle, committed, disk } = setUp()
    disk.write = (giveUp) =>
      new Promise((resolve) => giveUp.addEventListener('abort', () => resolve(false), { once: true }))
    await window.send(batch(10))
    await window.send(batch(20, { letters: [malformed(13)] }))
    await window.send(batch(30))
    await settle(0)
    await settle(1)
    await settle(2, unavailable)
    await window.settled()
    expect(committed()).toEqual([10])
  })
})

describe('waiting', () => {
  test('send waits for room, in order', async () => {
    const { window, destination, settle } = setUp({ maxBatches: 2 })
    for (const offset of [10, 20]) await window.send(batch(offset))
    const third = window.send(batch(30))
    await settle(1)
    expect(destination.offsets).toEqual([10, 20])
    await settle(0)
    await third
    expect(destination.offsets).toEqual([10, 20, 30])
  })

  test('send waits for room when dead letters hold too much', async () => {
    const { window, destination, settle } = setUp()
    const line = Buffer.alloc(16 * 1024 * 1024)
    await window.send(batch(10, { letters: [{ ...malformed(0), line }] }))
    const second = window.send(batch(20))
    await idle()
    expect(destination.offsets).toEqual([10])
    await settle(0)
    await second
    expect(destination.offsets).toEqual([10, 20])
  })

  test('a break ends the wait for room', async () => {
    const { window, destination, settle } = setUp({ maxBatches: 1 })
    await window.send(batch(10))
    const second = window.send(batch(20))
    await settle(0, unavailable)
    await second
    expect(destination.offsets).toEqual([10])
  })

  test('settled waits for every outcome, also behind a break', async () => {
    const { window, settle } = setUp()
    let settled = false
    for (const offset of [10, 20]) await window.send(batch(offset))
    void window.settled().then(() => {
      settled = true
    })
    await settle(0, unavailable)
    expect(settled).toBe(false)
    await settle(1)
    expect(settled).toBe(true)
  })

  test('an abandoned window waits no longer', async () => {
    const { window, committed, settle } = setUp()
    for (const offset of [10, 20]) await window.send(batch(offset))
    await settle(0)
    window.abandon('stopped')
    await window.settled()
    expect(committed()).toEqual([10])
    expect(window.broken.reason).toEqual({ status: 'unavailable', reason: 'stopped' })
    const done = setUp()
    done.window.abandon('stopped')
    expect(done.window.broken.aborted).toBe(false)
  })
})

test('how long a batch took is known of those that were delivered, once each', async () => {
  const { window, settle, statistics } = setUp()
  for (const offset of [10, 20, 30]) await window.send(batch(offset))
  await window.send(batch(40, { events: 0, filtered: 4 }))
  await settle(1)
  await settle(2, { status: 'rejected', reason: 'no' })
  const observed = () => statistics.latency.snapshot().counts.reduce((sum, count) => sum + count)
  expect(observed()).toBe(0) // the first holds back the others
  await settle(0)
  expect(observed()).toBe(2)
})

test('bytes count as sent when they went out, also those of a batch that is lost then', async () => {
  const { window, statistics, settle } = setUp()
  for (const offset of [10, 20, 30]) await window.send(batch(offset))
  await settle(0)
  await settle(1, unavailable)
  await settle(2, unsent)
  expect(statistics.snapshot().sentBytes).toBe(16)
})

describe('events that the receiver gets again', () => {
  const rejected: Outcome = { status: 'rejected', reason: 'too long' }

  test('are those sent and not committed: neither filtered ones nor those that never went out', async () => {
    const { window, settle } = setUp()
    await window.send(batch(10, { events: 2, filtered: 5 }))
    await window.send(batch(20, { events: 3 }))
    await window.send(batch(30, { events: 0, filtered: 4 }))
    await window.send(batch(40, { events: 7 }))
    await window.send(batch(50, { events: 11 }))
    await settle(0)
    expect(window.repeats).toBe(3 + 7 + 11)
    await settle(1, unavailable)
    await settle(2, unavailable)
    await settle(3, unsent)
    await window.settled()
    expect(window.repeats).toBe(3 + 7)
  })

  test('are also those delivered behind one that was not, but not rejected ones', async () => {
    const { window, settle } = setUp()
    for (const offset of [10, 20, 30]) await window.send(batch(offset, { events: offset }))
    await settle(2, rejected)
    await settle(1)
    await settle(0, unsent)
    await window.settled()
    expect(window.repeats).toBe(20)
  })

  test('are none when all is committed', async () => {
    const { window, settle } = setUp()
    for (const offset of [10, 20]) await window.send(batch(offset, { events: 2 }))
    await settle(0)
    await settle(1, rejected)
    await window.settled()
    expect(window.repeats).toBe(0)
  })
})
