/**
 * The loop that delivers: read, transform, send through the window, commit in order; when the destination
 * is unavailable forget what is in flight, wait, and read again from the last committed position.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Malformed } from '../flow/chunk.ts'
import type { Superseded, Unavailable } from '../flow/delivery.ts'
import { LoggedTrouble } from '../flow/trouble.ts'
import { Availability } from './availability.ts'
import { Backoff } from './backoff.ts'
import { BatchSize } from './batch-size.ts'
import { writeUntilDone } from './dead-letters.ts'
import { Gate } from './gate.ts'
import { goingOn } from './going-on.ts'
import { greet } from './greeting.ts'
import { Occasional } from './occasional.ts'
import { forgetting, OwnStanding, tellSuperseded } from './own-standing.ts'
import type { PipelineOptions } from './pipeline-options.ts'
import { Progress } from './progress.ts'
import { RepeatedEvents } from './repeated-events.ts'
import { Standstill } from './standstill.ts'
import { PipelineStatistics } from './statistics.ts'
import { DeliveryWindow, type SettledBatch } from './window.ts'

/** With the closing of the destination a stop stays below ten seconds. */
const SETTLE_MS = 6_500

/** Reason of a stop after which the same destination is delivered to again at once, with other settings. */
export const startsAgain = 'starts again'

/**
 * Delivers until the source ends or `stop` aborts, closes the destination and saves the positions.
 * `settled`: all that was read is settled and saved, or lost; `unfinished`: the rest follows after the next start.
 * Rejects with a `ProblemsError` when the checkpoint can't be read.
 */
export async function runPipeline(options: PipelineOptions): Promise<'settled' | 'unfinished'> {
  const { name, destination, checkpoint, log, stop, lastLook, events, onProgress } = options
  const gone = forgetting(destination, options.gone)
  const statistics = options.statistics ?? new PipelineStatistics()
  let saved = true
  let progress: Progress | undefined
  let delivery: Delivery | undefined
  try {
    progress = new Progress({ name, checkpoint, positions: await checkpoint.load(), log, gone, events })
    onProgress?.(progress)
    delivery = new Delivery(options, progress, statistics)
    if (options.greets && (options.gate?.paused ?? null) === null) delivery.greet()
    await delivery.run()
  } finally {
    try {
      await (delivery ?? destination).close()
    } finally {
      saved = (await progress?.close()) ?? true
    }
  }
  statistics.ended()
  const missing = (await lastLook?.(progress.positions)) ?? 0
  const rows = statistics.snapshot().inFlight
  if (rows === 0 && saved && !progress.isInsideRow && !delivery.wasHeld) return 'settled'
  const butFor = missing === 0 ? '' : ', but for the files that are missing'
  const fields = { pipeline: name, destination: destination.name, rows, positionsSaved: saved }
  if (stop.reason === startsAgain) {
    log.info(`Stopped before all was settled; the rest follows with the new settings${butFor}`, fields)
  } else {
    log.warn(`Stopped before all was settled; the rest follows after the next start${butFor}`, fields)
  }
  return 'unfinished'
}

/** The loop over windows, with what outlives one of them. */
class Delivery {
  readonly #options: PipelineOptions
  readonly #progress: Progress
  readonly #statistics: PipelineStatistics
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #gate: Gate
  readonly #standing: OwnStanding | undefined
  readonly #backoff = new Backoff()
  readonly #size = new BatchSize()
  readonly #standstill: Standstill
  readonly #availability: Availability
  readonly #rejected: LoggedTrouble
  readonly #lettersStuck: LoggedTrouble
  readonly #malformed: Occasional<Malformed>
  readonly #repeated: RepeatedEvents
  #hasSent = false
  #closing: Promise<void> | undefined
  /** Ended since another instance delivers in its place. */
  wasHeld = false

  constructor(options: PipelineOptions, progress: Progress, statistics: PipelineStatistics) {
    const { log, name, destination } = options
    this.#options = options
    this.#progress = progress
    this.#statistics = statistics
    this.#fields = { pipeline: name, destination: destination.name }
    this.#gate = options.gate ?? new Gate()
    const { ownPositions } = destination
    this.#standing = ownPositions && new OwnStanding({ ...options, ownPositions, progress })
    this.#standstill = new Standstill(log, this.#fields, options.unconfirmedRemedy)
    this.#availability = new Availability(log, this.#fields, options.events)
    this.#rejected = new LoggedTrouble(
      log,
      'error',
      'The destination rejected events; they are noted in the dead letters',
      'The destination accepts events again',
    )
    this.#lettersStuck = new LoggedTrouble(
      log,
      'error',
      'Dead letters can not be written; positions wait for them',
      'Dead letters are written again',
    )
    this.#malformed = new Occasional((lines, { path, offset, reason }) =>
      log.warn('Lines that are no record went to the dead letters', {
        ...this.#fields,
        lines,
        file: path,
        offset,
        reason,
      }),
    )
    this.#repeated = new RepeatedEvents(statistics, log, this.#fields)
  }

  /** Connects before there is anything to deliver; once there is, its outcome says how the destination fares. */
  greet(): void {
    const { destination, stop } = this.#options
    void greet(destination, stop, (failure) => {
      if (this.#hasSent) return
      if (failure === null) this.#availability.returned()
      else this.#availability.lacks(failure)
    })
  }

  /** Resolves when the source ended with all settled, or after the stop. */
  async run(): Promise<void> {
    try {
      await this.#deliver()
    } finally {
      this.#malformed.end()
      this.#repeated.end()
    }
  }

  async #deliver(): Promise<void> {
    const { stop } = this.#options
    for (;;) {
      await this.#gate.opened(stop)
      if (stop.aborted) break
      const lacking = await this.#standing?.learn()
      if (stop.aborted) break
      if (lacking !== undefined) {
        this.#availability.lacks(lacking.reason)
        if (lacking.status === 'unavailable') {
          await this.#gate.pause(this.#backoff.failed(lacking.next), stop)
        } else if (this.#isHeld(lacking)) break
        continue
      }
      const window = this.#openWindow()
      this.#standstill.begin()
      const wasPaused = await this.#deliverThrough(window)
      if (!window.broken.aborted && wasPaused) continue
      if (!window.broken.aborted) break
      const { reason, next }: Unavailable = window.broken.reason
      if (stop.aborted) {
        this.#repeated.read({ events: window.repeats, reason }, 'info')
        break
      }
      if (window.stuckFrames > 0) {
        this.#size.stuck(window.stuckFrames)
        this.#standstill.stuck(reason)
      }
      const retryMs = this.#backoff.failed(next)
      this.#statistics.rewound()
      const news = this.#availability.lacks(reason)
      this.#repeated.read({ events: window.repeats, reason }, news === null ? 'debug' : 'info')
      // Who pauses it waits for no try, and who resumes it tries at once.
      if (!wasPaused) await this.#gate.pause(retryMs, stop)
    }
  }

  /** Nothing more is tried until a person wants it; true where nobody can. */
  #isHeld({ reason }: Superseded): boolean {
    const { log, name, endsWhenHeld = false } = this.#options
    tellSuperseded(log, this.#fields, reason, endsWhenHeld ? null : name)
    this.wasHeld = true
    if (!endsWhenHeld) this.#gate.close(`msgtrk itself: ${reason}`)
    return endsWhenHeld
  }

  /** Closes the destination, once. */
  close(): Promise<void> {
    this.#closing ??= this.#options.destination.close()
    return this.#closing
  }

  #openWindow(): DeliveryWindow {
    const { destination, deadLetters, events } = this.#options
    return new DeliveryWindow({
      destination,
      statistics: this.#statistics,
      commit: (batch) => this.#commit(batch),
      sends: (batch) => events?.sending?.(batch),
      resent: (repeats) => this.#repeated.resent(repeats),
      writeLetters: (letters, giveUp) =>
        writeUntilDone(deadLetters, letters, (failure) => this.#lettersWritten(failure), giveUp),
    })
  }

  #lettersWritten(failure: string | null): void {
    if (failure === null) this.#lettersStuck.over(this.#fields)
    else this.#lettersStuck.report(failure, this.#fields)
    this.#options.events?.lettersWritten?.(failure)
  }

  /**
   * Resolves when the window is settled; after `stop` no later than `settleMs` plus the closing. True when it was paused:
   * there may be more to read.
   */
  async #deliverThrough(window: DeliveryWindow): Promise<boolean> {
    const { stop, settleMs = SETTLE_MS } = this.#options
    // By hand rather than AbortSignal.any: `stop` lives as long as the process and would collect signals.
    const reading = new AbortController()
    let wasPaused = false
    const hearNoMore = this.#gate.listen(() => {
      wasPaused = true
      reading.abort()
    })
    let timer: NodeJS.Timeout | undefined
    let onStop = (): void => undefined
    const graceOver = new Promise<'grace over'>((resolve) => {
      onStop = () => {
        reading.abort()
        timer = setTimeout(resolve, settleMs, 'grace over')
      }
    })
    stop.addEventListener('abort', onStop)
    window.broken.addEventListener('abort', () => reading.abort())
    try {
      const first = await Promise.race([graceOver, this.#readInto(window, reading.signal)])
      if (first !== 'grace over') return wasPaused
      // The source may hang on a dead share: from here on only the window is waited for.
      await this.close()
      await nextTurn() // What closing settled is counted first.
      window.abandon('stopped')
      await window.settled()
      return wasPaused
    } finally {
      // A transform that failed did not wait for its source.
      reading.abort()
      stop.removeEventListener('abort', onStop)
      hearNoMore()
      clearTimeout(timer)
    }
  }

  async #readInto(window: DeliveryWindow, reading: AbortSignal): Promise<void> {
    const { source, batches } = this.#options
    const { positions } = this.#progress
    const chunks = goingOn(source.read(positions, reading), positions)
    for await (const batch of batches(chunks, () => this.#size.mostFrames)) {
      if (reading.aborted) break
      if (batch.frames.length > 0) {
        this.#hasSent = true
        this.#standstill.sent()
      }
      await window.send(batch)
    }
    await window.settled()
  }

  #commit({ position, frames, malformed, outcome }: SettledBatch): void {
    const { events } = this.#options
    this.#progress.commit(position)
    const [first] = malformed
    if (first !== undefined) {
      events?.malformed?.(malformed)
      this.#malformed.happened(malformed.length, first)
    }
    if (frames === 0) return
    this.#size.settled(frames)
    this.#standstill.settled()
    const isRejected = outcome.status === 'rejected'
    if (!isRejected) {
      this.#backoff.succeeded()
      this.#availability.returned()
    }
    const reason = isRejected ? outcome.reason : outcome.except?.[0]?.reason
    if (reason === undefined) return void this.#rejected.over(this.#fields)
    this.#rejected.report(reason, this.#fields)
    events?.rejected?.(reason)
  }
}
