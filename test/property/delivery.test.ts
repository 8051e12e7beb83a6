/** The delivery loop under random schedules, with two wrong rules as controls that must be caught. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { runPipeline } from '../../src/deliver/pipeline.ts'
import type { DeliveryWindowOptions } from '../../src/deliver/window.ts'
import type { Batch } from '../../src/flow/batch.ts'
import type { Outcome, Unavailable } from '../../src/flow/delivery.ts'
import { runs } from '../support/runs.ts'
import { type Action, actionWeights, simulate, type WorldOptions } from './delivery-world.ts'

const actions = Object.entries(actionWeights).flatMap(([kind, weight]) =>
  new Array<Action['kind']>(weight).fill(kind as Action['kind']),
)
const schedules = fc.array(
  fc.record<Action>({ kind: fc.constantFrom(...actions), a: fc.nat(999), b: fc.nat(999) }),
  { minLength: 50, maxLength: 300, size: 'max' },
)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function violations(options: WorldOptions, schedule: readonly Action[]): Promise<readonly string[]> {
  return [...(await simulate(options, schedule))].sort()
}

describe('whatever breaks, and whenever the process crashes', () => {
  test('nothing is lost, nothing is out of order, no position runs ahead: one connection at a time', async () => {
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        expect(await violations({ run: runPipeline, receiver: 'stream' }, schedule)).toEqual([])
      }),
      { numRuns: runs(300) },
    )
  })

  test('nothing is lost, no position runs ahead: many connections, rejected batches', async () => {
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        const found = await violations({ run: runPipeline, receiver: 'any' }, schedule)
        // Connections side by side overtake each other; that is theirs to answer for.
        expect(found.filter((violation) => violation !== 'out of order')).toEqual([])
      }),
      { numRuns: runs(300) },
    )
  })
})

interface Taken {
  readonly batch: Batch
  outcome: Outcome | undefined
}

/** A window whose rule of what may be committed is open: the controls of the experiment. */
abstract class OpenWindow {
  readonly #options: DeliveryWindowOptions
  readonly #broken = new AbortController()
  readonly #pending = new Set<Promise<void>>()
  protected readonly taken: Taken[] = []

  constructor(options: DeliveryWindowOptions) {
    this.#options = options
  }

  get broken(): AbortSignal {
    return this.#broken.signal
  }

  get unsettled(): number {
    return this.taken.length
  }

  async send(batch: Batch): Promise<void> {
    const { writeLetters } = this.#options
    if (batch.malformed.length > 0) await writeLetters(batch.malformed, this.broken)
    if (this.broken.aborted) return
    const entry: Taken = { batch, outcome: undefined }
    this.taken.push(entry)
    this.#options.statistics.took(batch.position.fileId, batch.counts)
    if (batch.frames.length === 0) {
      this.#settle(entry, { status: 'delivered' })
      return
    }
    const { outcome } = await this.#options.destination.send(batch)
    const settled = outcome.then((fate) => this.#settle(entry, fate))
    this.#pending.add(settled)
    void settled.then(() => this.#pending.delete(settled))
  }

  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  abandon(reason: string): void {
    if (this.taken.length > 0) this.#broken.abort({ status: 'unavailable', reason } satisfies Unavailable)
  }

  protected abstract ready(): readonly Taken[]

  #settle(entry: Taken, outcome: Outcome): void {
    entry.outcome = outcome
    if (outcome.status === 'unavailable') this.#broken.abort(outcome)
    for (const next of this.ready()) {
      this.taken.splice(this.taken.indexOf(next), 1)
      const { position, ends, counts, malformed } = next.batch
      const outcome = { status: 'delivered' } as const
      this.#options.statistics.settled(position.fileId, counts, outcome)
      this.#options.commit({ position, frames: ends.length, counts, malformed, outcome })
    }
  }
}

class CommitInOrder extends OpenWindow {
  protected ready(): readonly Taken[] {
    const end = this.taken.findIndex(({ outcome }) => outcome?.status !== 'delivered')
    return this.taken.slice(0, end < 0 ? undefined : end)
  }
}

class CommitInAnyOrder extends OpenWindow {
  protected ready(): readonly Taken[] {
    return this.taken.filter(({ outcome }) => outcome?.status === 'delivered')
  }
}

class PassOverFailed extends OpenWindow {
  protected ready(): readonly Taken[] {
    const firstUnknown = this.taken.findIndex(({ outcome }) => outcome === undefined)
    const known = firstUnknown < 0 ? this.taken : this.taken.slice(0, firstUnknown)
    const lastDelivered = known.findLastIndex(({ outcome }) => outcome?.status === 'delivered')
    return known.slice(0, lastDelivered + 1)
  }
}

describe('the simulation tells a wrong rule from the right one', () => {
  test.each([
    ['commit in order', CommitInOrder, 'keeps all'],
    ['commit in any order', CommitInAnyOrder, 'loses'],
    ['pass over a failed batch once a later one is delivered', PassOverFailed, 'loses'],
  ])('%s', async (_rule, Window, expected) => {
    vi.resetModules()
    vi.doMock('../../src/deliver/window.ts', () => ({ DeliveryWindow: Window }))
    try {
      const { runPipeline: run } = await import('../../src/deliver/pipeline.ts')
      const losesNothing = fc.asyncProperty(schedules, async (schedule) => {
        const accepted = schedule.filter(({ kind }) => kind !== 'reject')
        return !(await violations({ run, receiver: 'any' }, accepted)).includes('lost')
      })
      const { failed } = await fc.check(losesNothing, { seed: 1, numRuns: 300, endOnFailure: true })
      expect(failed ? 'loses' : 'keeps all').toBe(expected)
    } finally {
      vi.doUnmock('../../src/deliver/window.ts')
    }
  })
})
