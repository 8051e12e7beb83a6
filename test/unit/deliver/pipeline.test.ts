import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { runPipeline } from '../../../src/deliver/pipeline.ts'
import { PipelineStatistics } from '../../../src/deliver/statistics.ts'
import type { Chunk, Malformed, Source } from '../../../src/flow/chunk.ts'
import type { Listener } from '../../../src/flow/events.ts'
import type { Transform } from '../../../src/flow/in-parts.ts'
import { inTurn } from '../../../src/transform/chunk-to-batch.ts'
import {
  batch,
  chunk,
  delivered,
  idle,
  MemoryCheckpoint,
  MemoryDeadLetters,
  MemoryLog,
  malformed,
  ScriptedDestination,
  ScriptedSource,
  unavailable,
  unsent,
} from './doubles.ts'

const chunks = [chunk(0, 10), chunk(10, 20), chunk(20, 30)]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function setUp(source: Source, { transform, events }: { transform?: Transform; events?: Listener } = {}) {
  const stop = new AbortController()
  const parts = {
    destination: new ScriptedDestination(),
    checkpoint: new MemoryCheckpoint(),
    deadLetters: new MemoryDeadLetters(),
    log: new MemoryLog(),
    statistics: new PipelineStatistics(),
  }
  const start = () =>
    runPipeline({
      name: 'main',
      source,
      batches: inTurn(transform ?? (({ end }) => [batch(end)])),
      stop: stop.signal,
      ...(events && { events }),
      ...parts,
    })
  return { ...parts, start, stop: () => stop.abort() }
}

/** Lets `ms` pass, and all that follows from it. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms)
  await idle()
}

describe('a source that ends', () => {
  test('is settled when all is delivered and saved', async () => {
    const { start, destination, checkpoint, statistics } = setUp(new ScriptedSource(chunks))
    const result = start()
    await idle()
    expect(destination.offsets).toEqual([10, 20, 30])
    expect(destination.closed).toBe(0)
    for (const { settle } of destination.sent) settle(delivered)
    expect(await result).toBe('settled')
    expect(destination.closed).toBe(1)
    expect(checkpoint.offset).toBe(30)
    expect(statistics.snapshot()).toMatchObject({
      read: 3,
      delivered: 3,
      inFlight: 0,
      sentBytes: 24,
      rewinds: 0,
    })
  })

  test('goes on from the checkpoint', async () => {
    const source = new ScriptedSource(chunks)
    const { start, destination, checkpoint } = setUp(source)
    await checkpoint.save(new Map([['ex01/a', { fileId: 'ex01/a', offset: 10, header: 0 }]]))
    destination.answer = () => delivered
    expect(await start()).toBe('settled')
    expect(destination.offsets).toEqual([20, 30])
  })

  test('is retried from the last committed position until all is delivered', async () => {
    const source = new ScriptedSource(chunks)
    const { start, destination, checkpoint, log, statistics } = setUp(source)
    let failures = 5
    destination.answer = ({ position }) =>
      position.offset === 20 && failures-- > 0 ? unavailable : delivered
    const result = start()
    for (let round = 0; round < 10; round++) {
      await idle()
      await pass(30_000)
    }
    expect(await result).toBe('settled')
    expect(source.starts).toEqual([0, 10, 10, 10, 10, 10])
    expect(destination.offsets.filter((offset) => offset === 10)).toHaveLength(1)
    expect(checkpoint.offset).toBe(30)
    expect(log.lines).toEqual([
      expect.stringMatching(/^debug: The destination is not available/),
      ...['info', 'debug', 'debug', 'debug', 'debug'].map((level) =>
        expect.stringMatching(new RegExp(`^${level}: Sent events were not confirmed`)),
      ),
      expect.stringMatching(/^debug: The destination is available again/),
    ])
    expect(statistics.snapshot()).toMatchObject({
      read: 3,
      delivered: 3,
      inFlight: 0,
      rewinds: 5,
      repeated: destination.sent.length - 3,
    })
  })

  test('says how many events come again, and nothing of those that never went out', async () => {
    const { start, destination, log, statistics } = setUp(new ScriptedSource(chunks), {
      transform: ({ end }) => [batch(end, { events: end })],
    })
    const told = vi.spyOn(log, 'info')
    const result = start()
    await idle()
    destination.sent[0]?.settle(delivered)
    destination.sent[1]?.settle(unavailable)
    destination.sent[2]?.settle(unsent)
    await idle()
    const sentence = 'Sent events were not confirmed and are sent again; the receiver may have them twice'
    const fields = { pipeline: 'main', destination: 'siem', repeated: 20, reason: 'connection refused' }
    expect(told.mock.calls).toEqual([[sentence, fields]])
    destination.answer = () => unsent
    await pass(30_000)
    destination.answer = () => delivered
    await pass(30_000)
    expect(await result).toBe('settled')
    expect(statistics.snapshot()).toMatchObject({ rewinds: 2, repeated: 20 })
    expect(told).toHaveBeenCalledOnce()
  })

  test('says how many events its destination sent again by itself, without reading again', async () => {
    const { start, destination, log, statistics } = setUp(new ScriptedSource(chunks))
    const told = vi.spyOn(log, 'info')
    destination.answer = () => ({ status: 'delivered', repeats: { events: 5, reason: 'connection reset' } })
    expect(await start()).toBe('settled')
    expect(statistics.snapshot()).toMatchObject({ rewinds: 0, repeated: 15 })
    const sentence = 'Sent events were not confirmed and are sent again; the receiver may have them twice'
    const fields = { pipeline: 'main', destination: 'siem', reason: 'connection reset' }
    // At once, and then from time to time.
    expect(told.mock.calls).toEqual([
      [sentence, { ...fields, repeated: 5 }],
      [sentence, { ...fields, repeated: 10 }],
    ])
  })

  test('waits as long as the destination asks', async () => {
    const { start, destination } = setUp(new ScriptedSource(chunks))
    destination.answer = () => ({ status: 'unavailable', reason: 'slow down', next: { afterMs: 60_000 } })
    const result = start()
    await idle()
    destination.answer = () => delivered
    await pass(59_999)
    expect(destination.sent).toHaveLength(1)
    await pass(1)
    expect(await result).toBe('settled')
  })

  test('commits chunks that hold nothing to send', async () => {
    const transform: Transform = ({ end }) => [
      batch(end, { events: 0, letters: end === 20 ? [malformed(12)] : [] }),
    ]
    const { start, destination, checkpoint, deadLetters } = setUp(new ScriptedSource(chunks), { transform })
    expect(await start()).toBe('settled')
    expect(destination.sent).toEqual([])
    expect(deadLetters.letters).toEqual([malformed(12)])
    expect(checkpoint.offset).toBe(30)
  })

  test('is unfinished when the positions could not be saved', async () => {
    const { start, destination, checkpoint, log } = setUp(new ScriptedSource(chunks))
    destination.answer = () => delivered
    checkpoint.failing = new Error('ENOSPC')
    expect(await start()).toBe('unfinished')
    expect(log.lines.at(-1)).toMatch(/^warn: Stopped before all was settled/)
  })

  test('says that a destination rejects, once', async () => {
    const { start, destination, log, deadLetters } = setUp(new ScriptedSource(chunks))
    destination.answer = () => ({ status: 'rejected', reason: 'not understood' })
    expect(await start()).toBe('settled')
    expect(log.lines).toEqual([expect.stringMatching(/^error: The destination rejected events/)])
    expect(deadLetters.letters).toHaveLength(3)
  })

  test('says that a destination rejects single events, until it takes all again', async () => {
    const { start, destination, log, deadLetters } = setUp(new ScriptedSource(chunks))
    const except = [{ reason: 'not understood', line: new Uint8Array() }]
    destination.answer = ({ position }) =>
      position.offset < 30 ? { status: 'delivered', except } : { status: 'delivered' }
    expect(await start()).toBe('settled')
    expect(log.lines).toEqual([
      expect.stringMatching(/^error: The destination rejected events/),
      expect.stringMatching(/^info: The destination accepts events again/),
    ])
    expect(deadLetters.letters).toHaveLength(2)
  })
})

describe('a listener', () => {
  test('is told once that the destination is unavailable, for each reason, and once that it is back', async () => {
    const heard: string[] = []
    const events: Listener = {
      unavailable: ({ reason }) => heard.push(reason),
      available: () => heard.push('available'),
      malformed: () => heard.push('malformed'),
    }
    const { start, destination } = setUp(new ScriptedSource(chunks), { events })
    const outcomes = [unavailable, unavailable, { ...unavailable, reason: 'timed out' }]
    destination.answer = () => outcomes.shift() ?? delivered
    const result = start()
    for (let round = 0; round < 5; round++) {
      await idle()
      await pass(30_000)
    }
    expect(await result).toBe('settled')
    expect(heard).toEqual(['connection refused', 'timed out', 'available'])
  })

  test('is told of dead letters once they are on disk and their turn has come', async () => {
    const heard: (readonly Malformed[])[] = []
    const events: Listener = {
      unavailable: () => {},
      available: () => {},
      malformed: (lines) => heard.push(lines),
    }
    const transform: Transform = ({ end }) => [batch(end, { letters: end === 20 ? [malformed(12)] : [] })]
    const { start, destination, deadLetters } = setUp(new ScriptedSource(chunks), { transform, events })
    deadLetters.failing = new Error('ENOSPC')
    const result = start()
    await idle()
    for (const { settle } of destination.sent) settle(delivered)
    await idle()
    expect(heard).toEqual([])
    deadLetters.failing = undefined
    await pass(30_000)
    expect(await result).toBe('settled')
    expect(heard).toEqual([[malformed(12)]])
  })
})

describe('a stop', () => {
  test('ends reading, waits for what is in flight and closes', async () => {
    const { start, stop, destination, checkpoint } = setUp(new ScriptedSource(chunks, { follows: true }))
    const result = start()
    await idle()
    stop()
    await pass(6_499)
    expect(destination.closed).toBe(0)
    for (const { settle } of destination.sent) settle(delivered)
    expect(await result).toBe('settled')
    expect(destination.closed).toBe(1)
    expect(checkpoint.offset).toBe(30)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('waits no longer than settleMs, and keeps what was delivered', async () => {
    const { start, stop, destination, checkpoint, statistics, log } = setUp(
      new ScriptedSource(chunks, { follows: true }),
    )
    const result = start()
    await idle()
    destination.sent[0]?.settle(delivered)
    stop()
    await pass(6_500)
    expect(await result).toBe('unfinished')
    expect(checkpoint.offset).toBe(10)
    expect(statistics.snapshot()).toMatchObject({ read: 3, delivered: 1, inFlight: 2, repeated: 2 })
    expect(log.lines).toContainEqual(expect.stringMatching(/^info: Sent events were not confirmed/))
  })

  test('counts what closing still settled', async () => {
    const { start, stop, destination, checkpoint } = setUp(new ScriptedSource(chunks, { follows: true }))
    destination.close = async () => {
      for (const { settle } of destination.sent) settle(delivered)
    }
    const result = start()
    await idle()
    stop()
    await pass(10_000)
    expect(await result).toBe('settled')
    expect(checkpoint.offset).toBe(30)
  })

  test('ends a send that is stalled', async () => {
    const { start, stop, destination } = setUp(new ScriptedSource(chunks, { follows: true }))
    destination.stalled = true
    const result = start()
    await idle()
    expect(destination.offsets).toEqual([10])
    stop()
    await pass(10_000)
    expect(await result).toBe('unfinished')
    expect(destination.closed).toBe(1)
  })

  test('does not wait for a source that hangs', async () => {
    const hanging: Source = {
      read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }),
    }
    const { start, stop } = setUp(hanging)
    const result = start()
    await idle()
    stop()
    await pass(10_000)
    expect(await result).toBe('settled')
  })

  test('does not wait for dead letters that a full disk refuses', async () => {
    const transform: Transform = ({ end }) => [batch(end, { letters: [malformed(end)] })]
    const { start, stop, destination, deadLetters, checkpoint } = setUp(
      new ScriptedSource(chunks, { follows: true }),
      { transform },
    )
    destination.answer = () => delivered
    deadLetters.failing = new Error('ENOSPC')
    const result = start()
    await pass(5_000)
    stop()
    await pass(10_000)
    expect(await result).toBe('unfinished')
    expect(checkpoint.offset).toBeUndefined()
  })

  test('ends the pause before a retry', async () => {
    const { start, stop, destination } = setUp(new ScriptedSource(chunks))
    destination.answer = () => ({ ...unavailable, next: { afterMs: 3_600_000 } }) as typeof unavailable
    const result = start()
    await idle()
    stop()
    expect(await result).toBe('unfinished')
  })

  test('before the start reads nothing', async () => {
    const source = new ScriptedSource(chunks)
    const { start, stop } = setUp(source)
    stop()
    expect(await start()).toBe('settled')
    expect(source.starts).toEqual([])
  })

  test('does not send a chunk that came too late', async () => {
    let give: (result: IteratorResult<Chunk>) => void = () => undefined
    const late: Source = {
      read: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () =>
            new Promise((resolve) => {
              give = resolve
            }),
        }),
      }),
    }
    const { start, stop, destination } = setUp(late)
    const result = start()
    await idle()
    stop()
    give({ done: false, value: chunk(0, 10) })
    expect(await result).toBe('settled')
    expect(destination.sent).toEqual([])
  })
})

describe('failing parts', () => {
  test('a checkpoint that can not be read ends the run before anything is sent', async () => {
    const source = new ScriptedSource(chunks)
    const { start, destination, checkpoint } = setUp(source)
    checkpoint.load = async () => {
      throw new Error('damaged')
    }
    await expect(start()).rejects.toThrow('damaged')
    expect(source.starts).toEqual([])
    expect(destination.closed).toBe(1)
  })

  test('a source that throws ends the run; what was delivered is saved', async () => {
    const source: Source = {
      async *read() {
        yield chunk(0, 10)
        throw new Error('a bug')
      },
    }
    const { start, destination, checkpoint } = setUp(source)
    destination.answer = () => delivered
    await expect(start()).rejects.toThrow('a bug')
    expect(destination.closed).toBe(1)
    expect(checkpoint.offset).toBe(10)
  })

  test('a transform that throws ends the reading that it was asked for', async () => {
    const signals: AbortSignal[] = []
    const source: Source = {
      async *read(_from, signal) {
        signals.push(signal)
        yield chunk(0, 10)
      },
    }
    const transform = () => {
      throw new Error('a thread has ended')
    }
    const { start } = setUp(source, { transform })
    await expect(start()).rejects.toThrow('a thread has ended')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  test('a destination that takes a batch and fails at once is tried ever more rarely', async () => {
    const source = new ScriptedSource(chunks)
    const { start, stop, destination } = setUp(source)
    let answers = 0
    destination.answer = () => (answers++ % 2 === 0 ? delivered : unavailable)
    vi.spyOn(source, 'read').mockImplementation(async function* (from) {
      source.starts.push(from.get('ex01/a')?.offset ?? 0)
      yield chunk(0, 10)
      yield chunk(10, 20)
    })
    const result = start()
    for (let tick = 0; tick < 60; tick++) await pass(1_000)
    expect(source.starts.length).toBeLessThan(12)
    stop()
    await result
  })
})
