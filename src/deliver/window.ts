/**
 * The batches between "read" and "committed", in reading order:
 *
 *      committed │ 1 ✓   2 …   3 ✓   4 ✗   5 ✓   6 …
 *                └ 1 commits now; 2 holds back 3; 4 breaks the window; 5 and 6 will be read again
 *
 * A position is committed only when its batch and all before it are settled. The first unavailable outcome
 * breaks the window: nothing more is sent, what lies before the failed batch may still commit, and what lies
 * behind it never does, whatever became of it. Committing in any other order loses records.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Batch, BatchCounts } from '../flow/batch.ts'
import type { Malformed, Position } from '../flow/chunk.ts'
import {
  type Destination,
  type Outcome,
  type Repeats,
  type Sending,
  settledAs,
  type Unavailable,
} from '../flow/delivery.ts'
import { counted } from '../mistakes/counted.ts'
import type { PipelineStatistics } from './statistics.ts'

/** Enough for ten seconds at full speed until time confirms them; an entry is a few hundred bytes. */
const MAX_BATCHES = 16_384
/** Dead letters hold copies of lines, so they are bounded by size; what one takes beside its line counts, too. */
const MAX_LETTER_BYTES = 4 * 1024 * 1024
const LETTER_BYTES = 512

/** A batch whose turn to be committed has come. */
export interface SettledBatch {
  readonly position: Position
  readonly frames: number
  readonly counts: BatchCounts
  /** Its dead letters but for that of a rejection; they are on disk. */
  readonly malformed: readonly Malformed[]
  readonly outcome: Exclude<Outcome, Unavailable>
}

/** What a window works with. */
export interface DeliveryWindowOptions {
  readonly destination: Destination
  readonly statistics: PipelineStatistics
  /** Called in reading order, once the dead letters of the batch are on disk. */
  readonly commit: (batch: SettledBatch) => void
  /** Hears of each batch that is handed to the destination, before that. */
  readonly sends?: (batch: Batch) => void
  /** Hears of events that the destination sent again by itself. */
  readonly resent?: (repeats: Repeats) => void
  /** Puts letters on disk (true), trying until `giveUp` aborts (false). */
  readonly writeLetters: (letters: readonly Malformed[], giveUp: AbortSignal) => Promise<boolean>
  /** Most batches that may be unsettled before `send` waits. */
  readonly maxBatches?: number
}

/** What is kept of a batch: never its frames. */
interface Entry {
  readonly position: Position
  readonly path: string
  readonly start: number
  readonly rows: string | undefined
  readonly frames: number
  readonly counts: BatchCounts
  readonly malformed: readonly Malformed[]
  readonly letterBytes: number
  /** When it was taken, by the clock of the process. */
  readonly takenAtMs: number
  /** Sent again, the receiver may have it twice. */
  mayRepeat: boolean
  /** Its dead letters were written before its outcome was known. */
  lettersWritten: boolean
  outcome: Outcome | undefined
  next: Entry | undefined
}

/** One run of reading between two rewinds: bounded sending, commits in reading order. */
export class DeliveryWindow {
  readonly #options: DeliveryWindowOptions
  readonly #maxBatches: number
  readonly #broken = new AbortController()
  #first: Entry | undefined
  #last: Entry | undefined
  /** Batches taken and not committed, and the bytes of their dead letters. */
  #unsettled = 0
  #letterBytes = 0
  /** Batches whose fate is not known. */
  #pending = 0
  /** Frames of batches that were handed to the destination and not committed. */
  #sentFrames = 0
  #hasCommitted = false
  #stuckFrames = 0
  #committing = false
  #abandoned = false
  #waiters: (() => void)[] = []

  constructor(options: DeliveryWindowOptions) {
    this.#options = options
    this.#maxBatches = options.maxBatches ?? MAX_BATCHES
  }

  /** Aborts with the first `Unavailable` as its reason. */
  get broken(): AbortSignal {
    return this.#broken.signal
  }

  /** Batches taken and not committed. */
  get unsettled(): number {
    return this.#unsettled
  }

  /** Frames of the first batch if nothing was committed before the window broke and the receiver may have them; or else 0. */
  get stuckFrames(): number {
    return this.#stuckFrames
  }

  /** Events that the receiver may have though they are not committed; once settled, those that it gets again. */
  get repeats(): number {
    return this.#sentFrames
  }

  /**
   * Takes a batch; resolves when there is room for more and its
   * frames may be reused. A broken window takes nothing.
   */
  async send(batch: Batch): Promise<void> {
    while (this.#isFull && !this.broken.aborted) await this.#change()
    // A whole turn, so that an outcome already known arrives first: a batch that goes out on a new
    // connection before the window notices the break would overtake the failed one.
    await nextTurn()
    if (this.broken.aborted) return
    const { destination, statistics, sends } = this.#options
    const entry = this.#take(batch)
    // Who keeps positions itself takes those with nothing to deliver, too.
    if (batch.frames.length === 0 && destination.ownPositions === undefined) {
      this.#settle(entry, { status: 'delivered' })
      return
    }
    const bytes = batch.frames.length
    this.#sentFrames += entry.frames
    entry.mayRepeat = true
    if (bytes > 0) sends?.(batch)
    const sending = await destination
      .send(batch, (outcome) => this.#writeLettersBefore(entry, outcome))
      .catch(notSent)
    void sending.outcome.catch(asUnavailable).then((outcome) => {
      if (outcome.status !== 'unavailable' || !outcome.unsent) statistics.sent(bytes)
      this.#settle(entry, outcome)
    })
  }

  /** Resolves when the fate of all that was sent is known and all that may be committed is. */
  async settled(): Promise<void> {
    while (this.#committing || (this.#pending > 0 && !this.#abandoned)) await this.#change()
  }

  /** Waits no longer for fates that are not known. */
  abandon(reason: string): void {
    this.#abandoned = true
    if (this.#unsettled > 0) this.#broken.abort({ status: 'unavailable', reason } satisfies Unavailable)
    this.#notify()
  }

  get #isFull(): boolean {
    return this.#unsettled >= this.#maxBatches || this.#letterBytes >= MAX_LETTER_BYTES
  }

  #take({ start, rows, position, file, ends, counts, malformed }: Batch): Entry {
    const letterBytes = malformed.reduce((sum, letter) => sum + LETTER_BYTES + letter.line.byteLength, 0)
    const entry: Entry = {
      position,
      path: file.path,
      start,
      rows,
      frames: ends.length,
      counts,
      malformed,
      letterBytes,
      takenAtMs: performance.now(),
      mayRepeat: false,
      lettersWritten: false,
      outcome: undefined,
      next: undefined,
    }
    if (this.#last === undefined) this.#first = entry
    else this.#last.next = entry
    this.#last = entry
    this.#unsettled++
    this.#pending++
    this.#letterBytes += letterBytes
    const { statistics } = this.#options
    // The reader begins anew with a file that was changed.
    if (position.offset === 0) statistics.restarted(position.fileId)
    statistics.took(position.fileId, counts)
    return entry
  }

  #settle(entry: Entry, outcome: Outcome): void {
    entry.outcome = outcome
    this.#pending--
    if (outcome.status === 'rejected' || (outcome.status === 'unavailable' && outcome.unsent)) {
      this.#notRepeated(entry)
    }
    if (outcome.status !== 'rejected' && outcome.repeats) this.#options.resent?.(outcome.repeats)
    if (outcome.status === 'unavailable') this.#broken.abort(outcome)
    if (this.#committing) this.#notify()
    else void this.#commitInOrder()
  }

  async #commitInOrder(): Promise<void> {
    this.#committing = true
    for (let entry = this.#first; entry?.outcome !== undefined; entry = this.#first) {
      const { outcome } = entry
      if (outcome.status === 'unavailable' || !(await this.#writeLetters(entry, outcome))) {
        if (!this.#hasCommitted && entry.mayRepeat) this.#stuckFrames = entry.frames
        // The window is broken, so nothing comes in any more: forgotten, these can never commit.
        this.#first = undefined
        this.#last = undefined
      } else {
        this.#commit(entry, outcome)
      }
    }
    this.#committing = false
    this.#notify()
  }

  /** For who keeps its position before the outcome is known here. */
  async #writeLettersBefore(entry: Entry, outcome: SettledBatch['outcome']): Promise<boolean> {
    entry.lettersWritten ||= await this.#writeLetters(entry, outcome)
    return entry.lettersWritten
  }

  /** Synchronous when there is nothing to write, which is nearly always. */
  #writeLetters(entry: Entry, outcome: SettledBatch['outcome']): Promise<boolean> | true {
    if (entry.lettersWritten) return true
    const letters = [...entry.malformed, ...rejectedLetters(entry, this.#options.destination.name, outcome)]
    return letters.length === 0 || this.#options.writeLetters(letters, this.broken)
  }

  #commit(entry: Entry, outcome: SettledBatch['outcome']): void {
    this.#first = entry.next
    if (this.#first === undefined) this.#last = undefined
    this.#unsettled--
    this.#letterBytes -= entry.letterBytes
    this.#notRepeated(entry)
    const { position, frames, counts, malformed, takenAtMs } = entry
    const { statistics } = this.#options
    statistics.settled(position.fileId, counts, outcome)
    if (frames > 0 && outcome.status === 'delivered') {
      statistics.latency.took((performance.now() - takenAtMs) / 1000)
    }
    this.#hasCommitted ||= frames > 0
    this.#options.commit({ position, frames, counts, malformed, outcome })
  }

  /** It is not sent again, or is new to the receiver then. */
  #notRepeated(entry: Entry): void {
    if (entry.mayRepeat) this.#sentFrames -= entry.frames
    entry.mayRepeat = false
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  #notify(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }
}

/** Where the rows of a batch stand in the log is all that is known of each of them. */
function rejectedLetters(
  { path, start, rows: stand, frames, position }: Entry,
  destination: string,
  outcome: SettledBatch['outcome'],
): readonly Malformed[] {
  const rows =
    stand ?? (position.offset > start ? `from bytes ${start} to ${position.offset} of the file` : '')
  const row =
    position.settledEvents === undefined ? '' : `of the row at byte ${position.offset}, not its last ones`
  const place = [rows, row].filter((part) => part !== '').join(' and ')
  const letter = (reason: string, events: string, line: Uint8Array): Malformed => {
    return { path, offset: start, reason: `rejected by ${destination}: ${reason} (${events} ${place})`, line }
  }
  if (outcome.status === 'rejected')
    return [letter(outcome.reason, counted(frames, 'event'), new Uint8Array())]
  const { except = [] } = outcome
  return except.map(({ reason, line }) => letter(reason, `one of ${counted(frames, 'event')}`, line))
}

/** A destination that throws has a bug; the default is "not delivered". */
function asUnavailable(error: unknown): Unavailable {
  return { status: 'unavailable', reason: error instanceof Error ? error.message : String(error) }
}

function notSent(error: unknown): Sending {
  return settledAs(asUnavailable(error))
}
