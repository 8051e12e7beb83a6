/**
 * Batches on their way into a topic take turns: one goes out while the next is made ready. Where one fails, those that wait
 * behind it would go out in vain: they are not sent, and read again, too.
 */
import type { Batch } from '../../flow/batch.ts'
import { closed, type Outcome, type Sending, settledAs, type Unavailable } from '../../flow/delivery.ts'
import { pause } from '../../flow/pause.ts'
import { Arenas } from './arenas.ts'
import type { recordsOf } from './options.ts'
import { Taken } from './parts.ts'
import type { Fate, TopicProducer } from './producer.ts'
import type { TopicStatus } from './topic-status.ts'

/** One goes out while the next is made ready; each is a copy of a batch. */
const mostPending = 2
/** Of a usual batch of a mebibyte: its frames, and its records. */
const mostArenaBytes = 16 * 1024 * 1024
/** How long what is under way may take to be answered when it is closed. */
const closeGraceMs = 3000

/** What it works with. */
export interface TurnsOptions {
  readonly records: ReturnType<typeof recordsOf>
  readonly producer: Pick<TopicProducer, 'prepare' | 'deliver'>
  readonly status: Pick<TopicStatus, 'connected' | 'failed'>
  /** While it says no, nothing is sent. */
  readonly isReady?: () => boolean
  /** Hears of the first failure of those that wait for each other. */
  readonly onFailure?: (failure: Unavailable) => void
}

/** Hears what became of a batch in its turn; no other one begins before it is done. `settle`: tells the one who sent it. */
export type InTurn = (fate: Fate, settle: (outcome: Outcome) => void) => Promise<void>

export class Turns {
  readonly #options: TurnsOptions
  readonly #closing = new AbortController()
  readonly #givingUp = new AbortController()
  readonly #arenas = new Arenas(mostPending, mostArenaBytes)
  #last: Promise<void> = Promise.resolve()
  /** Turns of batches that are not over, oldest first. */
  readonly #pending: Promise<void>[] = []
  #failure: Unavailable | undefined
  #failures = 0

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  /** Aborts when it is closed: nothing new begins. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** Aborts when what is under way has had its time. */
  get givingUp(): AbortSignal {
    return this.#givingUp.signal
  }

  /** Takes the batch as soon as there is room, and sends it in its turn. A batch without events has its turn, too. */
  async send(batch: Batch, inTurn: InTurn): Promise<Sending> {
    const failures = this.#failures
    while (this.#pending.length >= mostPending) {
      await this.#pending[0]
      if (this.#failures > failures) return settledAs(this.#unsent())
    }
    if (this.#closing.signal.aborted) return settledAs(closed)
    const { records, producer } = this.#options
    const taken =
      batch.ends.length === 0 ? null : new Taken(batch, records, (bytes) => this.#arenas.open(bytes))
    if (taken !== null) producer.prepare(taken)
    const outcome = new Promise<Outcome>((settle) => {
      const turn = this.next(async () => {
        const fate = await this.#deliver(taken, failures)
        this.#pending.shift()
        await inTurn(fate, settle)
      })
      this.#pending.push(turn)
    })
    return { outcome }
  }

  /** Resolves when all that has or waits for a turn now is over. */
  get over(): Promise<void> {
    return this.#last
  }

  /** Has its turn behind all that was sent before; must not reject. */
  next(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work)
    return this.#last
  }

  /** What waits for its turn now is not sent any more. */
  fail(failure: Unavailable): void {
    const { status, onFailure } = this.#options
    this.#failure = failure
    this.#failures++
    onFailure?.(failure)
    if (!this.#givingUp.signal.aborted) status.failed(failure.reason)
  }

  /** Takes no more; resolves when all turns are over, `last` behind them, or given up after a while. */
  async close(last = async (): Promise<void> => {}): Promise<void> {
    this.#closing.abort()
    const over = new AbortController()
    const settled = this.next(last).then(() => over.abort())
    await pause(closeGraceMs, over.signal)
    this.#givingUp.abort()
    await settled
  }

  /** `failures`: so many there were when it came. */
  async #deliver(taken: Taken | null, failures: number): Promise<Fate> {
    const { producer, status, isReady } = this.#options
    if (this.#failures > failures || isReady?.() === false) return this.#unsent()
    if (taken === null) return { status: 'delivered' }
    const fate = await producer.deliver(taken, this.#givingUp.signal)
    if (fate.status === 'delivered') {
      // Of what was given up something may be on its way still.
      taken.done()
      await status.connected()
    } else this.fail(fate)
    return fate
  }

  #unsent(): Unavailable {
    return { ...(this.#failure ?? closed), unsent: true }
  }
}
