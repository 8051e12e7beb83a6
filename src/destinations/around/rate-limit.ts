/**
 * Sends no more than so many events a second, whatever the destination. A token bucket that holds one second:
 * over any time t at most (t + 1 s) × rate events go out, and over a long time exactly the rate.
 *
 * A batch that holds more than a tenth of a second goes out in slices. While one waits, the window that it
 * belongs to may break; the rest must not be sent then, for it would overtake what is read again.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Batch, BatchCounts, Origins } from '../../flow/batch.ts'
import {
  closed,
  type Destination,
  type Outcome,
  type OwnPositions,
  type Sending,
  settledAs,
  type Unavailable,
  type WriteLetters,
} from '../../flow/delivery.ts'
import { pause } from '../../flow/pause.ts'
import { fateOfAll } from '../stream/slices.ts'

const bucketMs = 1000
const slicesPerSecond = 10

/** A destination that passes on at most `eventsPerSecond` to another. */
export class RateLimit implements Destination {
  readonly name: string
  readonly #destination: Destination
  readonly #eventMs: number
  readonly #sliceEvents: number
  readonly #closing = new AbortController()
  /** The bucket, as the monotonic time in ms at which it was, or will be, empty. */
  #emptyAt = Number.NEGATIVE_INFINITY
  /** The batch being sent; the next one waits for it. */
  #turn: Promise<unknown> = Promise.resolve()
  /** What broke the last window. Whatever was handed over before it belongs to a window that is no more. */
  #break: Unavailable | undefined

  constructor(destination: Destination, eventsPerSecond: number) {
    this.name = destination.name
    this.#destination = destination
    this.#eventMs = 1000 / eventsPerSecond
    this.#sliceEvents = Math.max(1, Math.floor(eventsPerSecond / slicesPerSecond))
  }

  get active(): string | undefined {
    return this.#destination.active
  }

  get ownPositions(): OwnPositions | undefined {
    return this.#destination.ownPositions
  }

  send(batch: Batch, writeLetters?: WriteLetters): Promise<Sending> {
    const lastBreak = this.#break
    const sent = this.#turn.then(() => this.#sendSlices(batch, lastBreak, writeLetters))
    // A fault of one batch is none of those after it.
    this.#turn = sent.catch(() => {})
    return sent
  }

  async connect(): Promise<string | null> {
    return (await this.#destination.connect?.()) ?? null
  }

  close(): Promise<void> {
    this.#closing.abort()
    return this.#destination.close()
  }

  /** `lastBreak`: the one before the batch was handed over. */
  async #sendSlices(
    batch: Batch,
    lastBreak: Unavailable | undefined,
    writeLetters: WriteLetters | undefined,
  ): Promise<Sending> {
    /** What is told of slices before their fate is known. */
    const early: Outcome[] = []
    const outcomes: Promise<Outcome>[] = []
    /** Slices that went out. */
    let sent = 0
    const fate = (outcome: Outcome): Outcome =>
      outcome.status === 'unavailable' ? { ...outcome, unsent: sent === 0 } : outcome
    for (const slice of slicesOf(batch, this.#sliceEvents)) {
      await this.#roomFor(slice.ends.length)
      // A whole turn, so that what is known of the last slice arrives first: this one would overtake it.
      if (outcomes.length > 0) await nextTurn()
      if (this.#closing.signal.aborted) return settledAs(fate(closed))
      if (this.#break !== undefined && this.#break !== lastBreak) return settledAs(fate(this.#break))
      this.#take(slice.ends.length)
      sent++
      const { outcome } = await this.#destination.send(
        slice,
        writeLetters &&
          (async (told) => {
            early.push(told)
            // With the last slice all is known.
            const all = slice.isPart ? undefined : await fateOfAll(early.map((one) => Promise.resolve(one)))
            return all === undefined || all.status === 'unavailable' || writeLetters(all)
          }),
      )
      const watched = this.#watched(outcome, lastBreak).then((known) => {
        if (known.status === 'unavailable' && known.unsent) sent--
        return known
      })
      outcomes.push(watched)
    }
    return { outcome: fateOfAll(outcomes).then(fate) }
  }

  /** Resolves when so many events may be sent, or as soon as this is closed. */
  async #roomFor(events: number): Promise<void> {
    const { signal } = this.#closing
    for (;;) {
      const waitMs = this.#emptyAt + events * this.#eventMs - performance.now()
      if (waitMs <= 0 || signal.aborted) return
      await pause(Math.ceil(waitMs), signal)
    }
  }

  #take(events: number): void {
    this.#emptyAt = Math.max(this.#emptyAt, performance.now() - bucketMs) + events * this.#eventMs
  }

  /** Late outcomes of an earlier window say nothing about the present one. */
  async #watched(sent: Promise<Outcome>, lastBreak: Unavailable | undefined): Promise<Outcome> {
    const outcome = await sent
    if (outcome.status === 'unavailable' && this.#break === lastBreak) this.#break = { ...outcome }
    return outcome
  }
}

/** The batch in parts of at most `events`; as it is when it has no more. */
function* slicesOf(batch: Batch, events: number): Iterable<Batch> {
  const { frames, ends, origins } = batch
  if (ends.length <= events) {
    yield batch
    return
  }
  for (let first = 0; first < ends.length; first += events) {
    const start = ends[first - 1] ?? 0
    const own = ends.slice(first, first + events)
    const end = own.at(-1) ?? start
    const isLast = first + events >= ends.length
    yield {
      ...batch,
      ...(!isLast && { isPart: true }),
      frames: frames.subarray(start, end),
      ends: own.map((offset) => offset - start),
      ...(origins !== undefined && { origins: originsOf(origins, first, first + own.length) }),
      counts: { ...none, events: own.length },
      malformed: [],
    }
  }
}

/** Those of the events from `first` up to `end`. */
function originsOf({ offsets, keys, keyEnds }: Origins, first: number, end: number): Origins {
  const start = keyEnds[first - 1] ?? 0
  return {
    offsets: offsets.slice(first, end),
    keys: keys.subarray(start, keyEnds[end - 1]),
    keyEnds: keyEnds.slice(first, end).map((offset) => offset - start),
  }
}

const none: BatchCounts = {
  events: 0,
  filtered: 0,
  malformed: 0,
  cut: 0,
  clamped: 0,
  invalid: 0,
  brokenHeaders: 0,
}
