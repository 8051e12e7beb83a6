/** A pipeline whose gate is closed and opened. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Gate } from '../../../src/deliver/gate.ts'
import { runPipeline } from '../../../src/deliver/pipeline.ts'
import { PipelineStatistics } from '../../../src/deliver/statistics.ts'
import { inTurn } from '../../../src/transform/chunk-to-batch.ts'
import {
  batch,
  chunk,
  delivered,
  idle,
  MemoryCheckpoint,
  MemoryDeadLetters,
  MemoryLog,
  ScriptedDestination,
  ScriptedSource,
  unavailable,
} from './doubles.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function setUp({ follows = true } = {}) {
  const stop = new AbortController()
  const parts = {
    source: new ScriptedSource([chunk(0, 10), chunk(10, 20), chunk(20, 30)], { follows }),
    destination: new ScriptedDestination(),
    checkpoint: new MemoryCheckpoint(),
    deadLetters: new MemoryDeadLetters(),
    log: new MemoryLog(),
    statistics: new PipelineStatistics(),
    gate: new Gate(),
  }
  const start = () =>
    runPipeline({
      name: 'main',
      batches: inTurn(({ end }) => [batch(end)]),
      stop: stop.signal,
      ...parts,
    })
  return { ...parts, start, stop: () => stop.abort() }
}

describe('a pipeline that is paused', () => {
  test('reads nothing more, settles what is in flight, and goes on from there', async () => {
    const { start, stop, gate, source, destination, statistics } = setUp()
    destination.stalled = true
    const result = start()
    await idle()
    expect(destination.offsets).toEqual([10])
    expect(gate.close('ann')).toBe(true)
    expect(gate.close('bob')).toBe(false)
    expect(gate.paused).toMatchObject({ by: 'ann' })
    destination.stalled = false
    destination.unstick()
    destination.sent[0]?.settle(delivered)
    await idle()
    vi.advanceTimersByTime(3_600_000)
    await idle()
    expect(destination.offsets).toEqual([10])
    expect(source.starts).toEqual([0])
    expect(statistics.snapshot()).toMatchObject({ delivered: 1, inFlight: 0, rewinds: 0, repeated: 0 })
    destination.answer = () => delivered
    expect(gate.open()).toMatchObject({ by: 'ann' })
    expect(gate.open()).toBeNull()
    await idle()
    expect(destination.offsets).toEqual([10, 20, 30])
    expect(source.starts).toEqual([0, 10])
    expect(destination.closed).toBe(0)
    stop()
    expect(await result).toBe('settled')
  })

  test('before it begins does not even connect, and can be stopped', async () => {
    const { start, stop, gate, source, destination } = setUp()
    gate.close('ann')
    const connect = vi.fn(async () => null)
    Object.assign(destination, { connect })
    const result = start()
    await idle()
    expect(source.starts).toEqual([])
    stop()
    expect(await result).toBe('settled')
    expect(connect).not.toHaveBeenCalled()
  })

  test('and resumed before its reading has ended reads again', async () => {
    const { start, stop, gate, destination, checkpoint } = setUp()
    destination.answer = () => delivered
    const result = start()
    await idle()
    gate.close('ann')
    gate.open()
    await idle()
    stop()
    expect(await result).toBe('settled')
    expect(destination.offsets).toEqual([10, 20, 30])
    expect(checkpoint.offset).toBe(30)
  })

  test('whose source ends by itself ends once it is resumed, with all delivered', async () => {
    const { start, gate, destination } = setUp({ follows: false })
    gate.close('ann')
    destination.answer = () => delivered
    const result = start()
    await idle()
    expect(destination.offsets).toEqual([])
    gate.open()
    expect(await result).toBe('settled')
    expect(destination.offsets).toEqual([10, 20, 30])
  })

  test('while the destination is away is tried when it is resumed, at once', async () => {
    const { start, stop, gate, destination } = setUp()
    destination.answer = () => unavailable
    const result = start()
    await idle()
    const tries = destination.sent.length
    gate.close('ann')
    await idle()
    vi.advanceTimersByTime(3_600_000)
    await idle()
    expect(destination.sent.length).toBe(tries)
    destination.answer = () => delivered
    gate.open()
    await idle()
    expect(destination.offsets.slice(tries)).toEqual([10, 20, 30])
    stop()
    expect(await result).toBe('settled')
  })
})

test('a gate tells its listeners of each change, until they hear no more', () => {
  const gate = new Gate()
  const heard = vi.fn()
  const hearNoMore = gate.listen(heard)
  gate.close('ann')
  gate.close('ann')
  gate.open()
  expect(heard).toHaveBeenCalledTimes(2)
  hearNoMore()
  gate.close('ann')
  expect(heard).toHaveBeenCalledTimes(2)
})
