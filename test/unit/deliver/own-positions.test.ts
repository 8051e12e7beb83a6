/** A destination that keeps positions itself: what it says counts, and is asked before each reading. */
import { describe, expect, it } from 'vitest'
import { Gate } from '../../../src/deliver/gate.ts'
import { runPipeline } from '../../../src/deliver/pipeline.ts'
import type { PipelineOptions } from '../../../src/deliver/pipeline-options.ts'
import { PipelineStatistics } from '../../../src/deliver/statistics.ts'
import { DeliveryWindow } from '../../../src/deliver/window.ts'
import type { Batch } from '../../../src/flow/batch.ts'
import type { Positions } from '../../../src/flow/chunk.ts'
import type { OwnPositions, SavedPositions, Sending, WriteLetters } from '../../../src/flow/delivery.ts'
import type { Batches } from '../../../src/flow/in-parts.ts'
import { until } from '../../support/until.ts'
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
} from './doubles.ts'

type Told = Awaited<ReturnType<OwnPositions['load']>>

/** Tells what the test says, one answer after the other, the last one again and again. */
class Keeping extends ScriptedDestination {
  readonly asked: SavedPositions[] = []
  readonly forgotten: string[] = []
  readonly letters: (WriteLetters | undefined)[] = []
  readonly #answers: Told[]

  constructor(...answers: Told[]) {
    super()
    this.#answers = answers
  }

  readonly ownPositions: OwnPositions = {
    load: async (saved) => {
      this.asked.push(saved)
      const [answer] = this.#answers.length > 1 ? this.#answers.splice(0, 1) : this.#answers
      return answer ?? new Map()
    },
    forget: (fileIds) => void this.forgotten.push(...fileIds),
  }

  override async send(one: Batch, writeLetters?: WriteLetters): Promise<Sending> {
    this.letters.push(writeLetters)
    return super.send(one)
  }
}

class CopyingCheckpoint extends MemoryCheckpoint {
  copy: boolean | null = true
  async isCopy(): Promise<boolean | null> {
    return this.copy
  }
  underNewNames(positions: Positions): Positions {
    return positions
  }
}

const at = (offset: number): Positions => new Map([['ex01/a', { fileId: 'ex01/a', offset, header: 0 }]])

const asBatches: Batches = async function* (chunks) {
  for await (const { start, end } of chunks) yield batch(end, { start })
}

function setup(destination: Keeping, more: Partial<PipelineOptions> = {}) {
  const log = new MemoryLog()
  const checkpoint = new CopyingCheckpoint([{ fileId: 'ex01/a', offset: 10, header: 0 }])
  const source = new ScriptedSource([chunk(0, 10), chunk(10, 20), chunk(20, 30)])
  const stop = new AbortController()
  const options: PipelineOptions = {
    name: 'siem',
    source,
    batches: asBatches,
    destination,
    checkpoint,
    deadLetters: new MemoryDeadLetters(),
    log,
    stop: stop.signal,
    ...more,
  }
  return { log, checkpoint, source, stop, run: () => runPipeline(options) }
}

describe('a destination that keeps positions itself', () => {
  it('says where reading begins, whatever was saved, and that is saved before anything is sent', async () => {
    const destination = new Keeping(at(20))
    const { checkpoint, source, run } = setup(destination)
    destination.answer = () => {
      expect(checkpoint.saves[0]?.get('ex01/a')?.offset).toBe(20)
      return delivered
    }
    expect(await run()).toBe('settled')
    expect(
      destination.asked.map(({ positions, isCopy }) => [positions.get('ex01/a')?.offset, isCopy]),
    ).toEqual([[10, true]])
    expect(source.starts).toEqual([20])
    expect(checkpoint.offset).toBe(30)
  })

  it('is asked again before what failed is read again: it may be there all the same', async () => {
    const destination = new Keeping(at(0), at(20))
    let isFirst = true
    destination.answer = () => {
      const outcome = isFirst ? unavailable : delivered
      isFirst = false
      return outcome
    }
    const { source, run } = setup(destination)
    expect(await run()).toBe('settled')
    expect(source.starts).toEqual([0, 20])
  })

  it('is sent nothing while what it says can not be saved, where what is saved is no copy', async () => {
    const destination = new Keeping(at(0))
    const { checkpoint, source, stop, run } = setup(destination)
    checkpoint.copy = false
    checkpoint.failing = new Error('no space')
    const ended = run()
    await until(() => destination.asked.length > 1)
    stop.abort()
    await ended
    expect(source.starts).toEqual([])
    expect(destination.sent).toEqual([])
  })

  it('has the pipeline stop, once and loud, when another instance took over, until a person resumes it', async () => {
    const destination = new Keeping({ status: 'superseded', reason: 'one on b' }, at(20))
    destination.answer = () => delivered
    const gate = new Gate()
    const { log, source, run } = setup(destination, { gate })
    const ended = run()
    await until(() => gate.paused !== null)
    await idle()
    expect(gate.paused?.by).toBe('msgtrk itself: one on b')
    expect(destination.asked).toHaveLength(1)
    expect(log.lines.filter((line) => line.startsWith('error: Another instance'))).toHaveLength(1)
    gate.open()
    await ended
    expect(source.starts).toEqual([20])
  })

  it('ends unfinished then where nobody follows', async () => {
    const destination = new Keeping({ status: 'superseded', reason: 'one on b' })
    const { run } = setup(destination, { endsWhenHeld: true })
    expect(await run()).toBe('unfinished')
    expect(destination.sent).toEqual([])
  })

  it('hears of files that are no more', async () => {
    const destination = new Keeping(at(20))
    destination.answer = () => delivered
    await setup(destination, { gone: () => ['ex01/old'] }).run()
    expect(new Set(destination.forgotten)).toEqual(new Set(['ex01/old']))
  })

  it('is given batches without events, and writes dead letters before their outcome is known, once', async () => {
    const destination = new Keeping(at(0))
    const written: number[] = []
    const committed: number[] = []
    const window = new DeliveryWindow({
      destination,
      statistics: new PipelineStatistics(),
      commit: ({ position }) => committed.push(position.offset),
      writeLetters: async (letters) => {
        written.push(...letters.map(({ offset }) => offset))
        return true
      },
    })
    await window.send(batch(10, { events: 0, letters: [malformed(3)] }))
    expect(destination.offsets).toEqual([10])
    expect(await destination.letters[0]?.({ status: 'delivered' })).toBe(true)
    expect({ written, committed }).toEqual({ written: [3], committed: [] })
    destination.sent[0]?.settle(delivered)
    await window.settled()
    expect({ written, committed }).toEqual({ written: [3], committed: [10] })
  })
})
