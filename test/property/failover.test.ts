/** Receivers that break at any moment, behind failover and a rate limit, under the real delivery loop. */

import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { runPipeline } from '../../src/deliver/pipeline.ts'
import { Failover } from '../../src/destinations/around/failover.ts'
import { RateLimit } from '../../src/destinations/around/rate-limit.ts'
import type { Batch } from '../../src/flow/batch.ts'
import type { Destination, Outcome, Sending } from '../../src/flow/delivery.ts'
import { inTurn } from '../../src/transform/chunk-to-batch.ts'
import { runs } from '../support/runs.ts'
import {
  batch,
  chunk,
  idle,
  MemoryCheckpoint,
  MemoryDeadLetters,
  MemoryLog,
  ScriptedSource,
} from '../unit/deliver/doubles.ts'

const chunks = 30
const eventsPerChunk = 3

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  // The pauses of the pipeline: the same schedule gives the same run.
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** All that the receivers took, in the order in which they did, over all of them. */
type Taken = number[]

interface Unsettled {
  readonly events: readonly number[]
  readonly settle: (outcome: Outcome) => void
}

/** A stream: it settles in order. When it breaks nobody knows whether it took what is unsettled. */
class Receiver implements Destination {
  readonly name = 'siem'
  readonly #taken: Taken
  readonly #unsettled: Unsettled[] = []
  #down = false

  constructor(taken: Taken) {
    this.#taken = taken
  }

  async send({ frames, ends }: Batch): Promise<Sending> {
    if (this.#down) return { outcome: Promise.resolve({ status: 'unavailable', reason: 'down' }) }
    const events = Array.from(ends, (end) => frames.readUInt32BE(end - 8))
    return { outcome: new Promise((settle) => this.#unsettled.push({ events, settle })) }
  }

  settle(): void {
    const first = this.#unsettled.shift()
    if (first === undefined) return
    this.#taken.push(...first.events)
    first.settle({ status: 'delivered' })
  }

  /** The peer goes away, with or without what it had not confirmed, or comes back. */
  turn(took: boolean): void {
    this.#down = !this.#down
    for (const { events, settle } of this.#unsettled.splice(0)) {
      if (took) this.#taken.push(...events)
      settle({ status: 'unavailable', reason: 'reset' })
    }
  }

  restore(): void {
    if (this.#down) this.turn(false)
  }

  get reachable(): boolean {
    return !this.#down
  }

  async close(): Promise<void> {
    if (!this.#down) this.turn(false)
  }
}

/** A batch of events numbered by where they stand, for the chunk that ends at `end`. */
function numbered(end: number): Batch {
  const made = batch(end, { events: eventsPerChunk })
  for (let i = 0; i < eventsPerChunk; i++) made.frames.writeUInt32BE((end - 1) * eventsPerChunk + i, i * 8)
  return made
}

interface Step {
  readonly kind: 'settle' | 'time' | 'turn'
  readonly receiver: number
  readonly took: boolean
}

const kinds = ['settle', 'settle', 'settle', 'time', 'time', 'turn'] as const
const action: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...kinds),
  receiver: fc.nat(2),
  took: fc.boolean(),
})

it('loses nothing, and brings what is new in order, whoever breaks when', async () => {
  let over = 0
  let back = 0
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 60, maxLength: 200 }), async (schedule) => {
      const taken: Taken = []
      const receivers = [new Receiver(taken), new Receiver(taken), new Receiver(taken)]
      const targets = receivers.map((destination, index) => ({
        to: `tcp://${index}`,
        destination,
        probe: async () => (destination.reachable ? null : 'down'),
      }))
      const log = new MemoryLog()
      const failover = new Failover('siem', targets, { probes: 1, everyMs: 100 }, log)
      const checkpoint = new MemoryCheckpoint()
      let ended: string | undefined
      void runPipeline({
        name: 'siem',
        source: new ScriptedSource(Array.from({ length: chunks }, (_, i) => chunk(i, i + 1))),
        batches: inTurn(({ end }) => [numbered(end)]),
        // A tenth of it is less than a batch, so that each goes out in slices.
        destination: new RateLimit(failover, 20),
        checkpoint,
        deadLetters: new MemoryDeadLetters(),
        log,
        stop: new AbortController().signal,
      }).then((result) => {
        ended = result
      })
      const step = async (kind: Step['kind'], index: number, took = false): Promise<void> => {
        if (kind === 'time') vi.advanceTimersByTime(120)
        else receivers[index]?.[kind](took)
        await idle(3)
      }
      await idle()
      for (const { kind, receiver, took } of schedule) await step(kind, receiver, took)
      for (const receiver of receivers) receiver.restore()
      for (let round = 0; ended === undefined && round < 3000; round++) {
        for (const index of receivers.keys()) await step('settle', index)
        await step('time', 0)
      }
      expect(ended).toBe('settled')
      expect(checkpoint.offset).toBe(chunks)
      // What comes for the first time comes in order: nothing overtakes what is sent again.
      const all = Array.from({ length: chunks * eventsPerChunk }, (_, i) => i)
      expect([...new Set(taken)]).toEqual(all)
      over += log.lines.filter((line) => line.includes('Failing over')).length
      back += log.lines.filter((line) => line.includes('Failing back')).length
    }),
    { numRuns: runs(100) },
  )
  expect(Math.min(over, back)).toBeGreaterThan(runs(50))
})
