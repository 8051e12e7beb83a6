import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RateLimit } from '../../../../src/destinations/around/rate-limit.ts'
import type { Batch } from '../../../../src/flow/batch.ts'
import type { Outcome, Sending } from '../../../../src/flow/delivery.ts'
import { delivered, idle, ScriptedDestination, unavailable, unsent } from '../../deliver/doubles.ts'
import { batchOf } from '../receiver.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const events = (count: number): Batch => batchOf(...Array.from({ length: count }, (_, i) => `event ${i}\n`))

/** Notes when how many events went out. */
class Meter extends ScriptedDestination {
  readonly passed: { readonly at: number; readonly events: number }[] = []

  override send(batch: Batch): Promise<Sending> {
    this.passed.push({ at: performance.now(), events: batch.ends.length })
    return super.send(batch)
  }

  get total(): number {
    return this.passed.reduce((sum, slice) => sum + slice.events, 0)
  }
}

/** Lets `ms` of time go by, a millisecond at a time, so that whoever waits goes on at the right moment. */
async function elapse(ms: number, step = 10): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    await vi.advanceTimersByTimeAsync(step)
    await idle(2)
  }
}

/** Sends as the pipeline does, one batch after another, until told to end. */
function pump(limit: RateLimit, batch: () => Batch): { end(): void; readonly ended: Promise<void> } {
  let going = true
  const run = async (): Promise<void> => {
    while (going) await limit.send(batch())
  }
  return {
    end: () => {
      going = false
    },
    ended: run(),
  }
}

describe('the rate', () => {
  it.each([
    [1, 1],
    [7, 1000],
    [500, 30],
    [500, 1000],
    [20_000, 900],
  ])('is %i events a second over a long time, with batches of %i', async (rate, size) => {
    const meter = new Meter()
    meter.answer = () => delivered
    const limit = new RateLimit(meter, rate)
    const source = pump(limit, () => events(size))
    await elapse(20_000)
    const slice = Math.max(1, rate / 10)
    expect(meter.total).toBeLessThanOrEqual(rate * 21)
    expect(meter.total).toBeGreaterThanOrEqual(rate * 21 - slice - rate / 50)
    source.end()
    await limit.close()
    await source.ended
  })

  it('is never passed by more than one second in any stretch of time, also after a pause', async () => {
    const rate = 200
    const meter = new Meter()
    meter.answer = () => delivered
    const limit = new RateLimit(meter, rate)
    for (let i = 0; i < 5; i++) {
      const source = pump(limit, () => events(90))
      await elapse(1500)
      source.end()
      await elapse(700)
      await source.ended
      await elapse(i * 900)
    }
    for (const [first, { at }] of meter.passed.entries()) {
      let sum = 0
      for (const slice of meter.passed.slice(first)) {
        sum += slice.events
        expect(sum).toBeLessThanOrEqual(rate * (1 + (slice.at - at) / 1000) + 1e-6)
      }
    }
  })
})

describe('a batch', () => {
  it('within the rate is passed on at once and as it is', async () => {
    const meter = new Meter()
    meter.answer = () => delivered
    const limit = new RateLimit(meter, 1000)
    const batch = events(100)
    const { outcome } = await limit.send(batch)
    expect(await outcome).toEqual(delivered)
    expect(meter.sent[0]?.batch).toBe(batch)
    await limit.close()
  })

  it('that a fault ends does not end those after it', async () => {
    const meter = new Meter()
    meter.answer = () => {
      if (meter.sent.length === 1) throw new Error('a fault')
      return delivered
    }
    const limit = new RateLimit(meter, 1000)
    await expect(limit.send(events(1))).rejects.toThrow('a fault')
    expect(await (await limit.send(events(1))).outcome).toEqual(delivered)
    await limit.close()
  })

  it('larger than a second goes out whole, in slices and in order', async () => {
    const meter = new Meter()
    meter.answer = () => delivered
    const frames: string[] = []
    const limit = new RateLimit(meter, 30)
    const batch = events(100)
    const sending = limit.send(batch)
    await elapse(2000)
    expect(meter.total).toBeLessThan(100)
    await elapse(1000)
    expect(await (await sending).outcome).toEqual(delivered)
    for (const { batch: slice } of meter.sent) {
      expect(slice.counts.events).toBe(slice.ends.length)
      slice.ends.forEach((end, i) => {
        frames.push(slice.frames.toString('latin1', slice.ends[i - 1] ?? 0, end))
      })
    }
    expect(frames).toEqual(Array.from({ length: 100 }, (_, i) => `event ${i}\n`))
    await limit.close()
  })

  it.each<[string, Outcome[], Outcome]>([
    ['delivered when all of it is', [delivered, delivered, delivered], delivered],
    [
      'rejected when a part is',
      [delivered, { status: 'rejected', reason: 'too long' }, delivered],
      { status: 'rejected', reason: 'too long' },
    ],
  ])('is %s', async (_, fates, expected) => {
    const meter = new Meter()
    meter.answer = () => fates[meter.sent.length - 1]
    const limit = new RateLimit(meter, 10)
    const sending = limit.send(events(3))
    expect(await (await sending).outcome).toEqual(expected)
    await limit.close()
  })

  it('is unavailable as soon as a part is, whatever is known of the others', async () => {
    const meter = new Meter()
    const limit = new RateLimit(meter, 10)
    const { outcome } = await limit.send(events(3))
    meter.sent[2]?.settle(unavailable)
    expect(await outcome).toEqual({ ...unavailable, unsent: false })
    await limit.close()
  })
})

describe('a batch that did not go out', () => {
  it('is unsent when no part of it went out', async () => {
    const meter = new Meter()
    meter.answer = () => unsent
    const limit = new RateLimit(meter, 100)
    for (const size of [3, 30]) {
      const sending = limit.send(events(size))
      await elapse(500)
      expect(await (await sending).outcome).toEqual(unsent)
    }
    await limit.close()
    expect(await (await limit.send(events(3))).outcome).toMatchObject({ unsent: true })
  })

  it('is not unsent when a part of it did', async () => {
    const meter = new Meter()
    const limit = new RateLimit(meter, 10)
    const { outcome } = await limit.send(events(3))
    meter.sent[2]?.settle(unsent)
    expect(await outcome).toEqual({ ...unavailable, unsent: false })
    await limit.close()
  })
})

describe('a window that breaks', () => {
  it('gets nothing more sent of the batch that waits', async () => {
    const meter = new Meter()
    const limit = new RateLimit(meter, 10)
    const first = await limit.send(events(10))
    const second = limit.send(events(5))
    await elapse(250)
    expect(meter.total).toBe(12)
    meter.sent[0]?.settle(unavailable)
    expect(await first.outcome).toEqual({ ...unavailable, unsent: false })
    await elapse(1000)
    expect(await (await second).outcome).toEqual({ ...unavailable, unsent: false })
    expect(meter.total).toBe(12)
    await limit.close()
  })

  it('does not hold up the next one, nor do its late outcomes', async () => {
    const meter = new Meter()
    const limit = new RateLimit(meter, 10)
    await limit.send(events(2))
    meter.sent[0]?.settle(unavailable)
    await idle()
    const next = limit.send(events(12))
    await idle()
    expect(meter.total).toBe(10)
    meter.sent[1]?.settle({ status: 'unavailable', reason: 'late' })
    await elapse(400)
    expect(meter.total).toBe(14)
    for (const { settle } of meter.sent.slice(2)) settle(delivered)
    expect(await (await next).outcome).toEqual(delivered)
    await limit.close()
  })
})

it('closing ends the wait and closes the destination', async () => {
  const meter = new Meter()
  meter.answer = () => delivered
  const limit = new RateLimit(meter, 1)
  await limit.send(events(1))
  const waiting = limit.send(events(1))
  await idle()
  await limit.close()
  expect(await (await waiting).outcome).toMatchObject({ status: 'unavailable' })
  expect(meter.total).toBe(1)
  expect(meter.closed).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
})

it('slices say where their events come from', async () => {
  const keys = ['', 'mail 1', 'mail 22', '', 'mail 333']
  let end = 0
  const origins = {
    offsets: Float64Array.from(keys, (_, event) => 100 * event),
    keys: Buffer.from(keys.join('')),
    keyEnds: Uint32Array.from(keys, (key) => {
      end += key.length
      return end
    }),
  }
  const told: (readonly [number, string])[] = []
  class Listening extends ScriptedDestination {
    override send(batch: Batch): Promise<Sending> {
      const { offsets, keys, keyEnds } = batch.origins ?? origins
      for (const [event, offset] of offsets.entries()) {
        told.push([offset, keys.toString('latin1', keyEnds[event - 1] ?? 0, keyEnds[event])])
      }
      return super.send(batch)
    }
  }
  const limit = new RateLimit(new Listening(), 20)
  void limit.send({ ...events(5), origins })
  await elapse(1000)
  expect(told).toEqual(keys.map((key, event) => [100 * event, key]))
})

describe('slices of a destination that keeps positions itself', () => {
  it('but the last hold no position, and dead letters are written with the last, for all of them', async () => {
    const letters: (
      | ((outcome: Exclude<Outcome, { status: 'unavailable' }>) => Promise<boolean>)
      | undefined
    )[] = []
    class Keeping extends ScriptedDestination {
      override send(batch: Batch, writeLetters?: (typeof letters)[0]): Promise<Sending> {
        letters.push(writeLetters)
        return super.send(batch)
      }
    }
    const destination = new Keeping()
    const limit = new RateLimit(destination, 50)
    const written: Outcome[] = []
    void limit.send(events(12), async (outcome) => written.push(outcome) > 0)
    await elapse(1000)
    expect(destination.sent.map(({ batch }) => [batch.ends.length, batch.isPart ?? false])).toEqual([
      [5, true],
      [5, true],
      [2, false],
    ])
    const rejected = { reason: 'too large', line: new Uint8Array() }
    expect(await letters[0]?.({ status: 'delivered', except: [rejected] })).toBe(true)
    expect(await letters[1]?.({ status: 'delivered' })).toBe(true)
    expect(written).toEqual([])
    expect(await letters[2]?.({ status: 'delivered' })).toBe(true)
    expect(written).toEqual([{ status: 'delivered', except: [rejected] }])
  })
})
