/**
 * The source and the checkpoint of a destination of mails, around those of rows:
 *
 *   rows ─▶ collector ─▶ closed mails ─▶ batches ─▶ destination
 *            open         not settled ◀─ rewind ──┘
 *              └────────────┴──▶ positions before all their rows ──▶ checkpoint
 *
 * Rows are read once: what is open, or closed and not settled, stays in memory when the destination is unavailable. Only a
 * start reads it again, from positions that lie before the first row of each of them. These are worked out when they are
 * saved, and so hold at that moment for all rows at once.
 */
import type { Batch } from '../flow/batch.ts'
import type { Chunk, LogFile, Malformed, Positions, Source } from '../flow/chunk.ts'
import type { Checkpoint } from '../flow/delivery.ts'
import type { Batches } from '../flow/in-parts.ts'
import { Arrivals } from './arrivals.ts'
import { ClosedQueue, firstOffset, mailsId } from './closed-queue.ts'
import { type ClosedMail, MailCollector } from './collector.ts'
import { LogClock, type LogClockOptions } from './log-clock.ts'
import type { Closed, MailRow } from './mail.ts'
import { mailKey } from './mail-key.ts'
import type { MailSettings } from './options.ts'
import { Places } from './places.ts'
import type { Organisation } from './read-row.ts'

/** What stands in a chunk of rows. */
export interface MailRows {
  readonly rows: readonly RowOfMail[]
  readonly filtered: number
  readonly filteredBy: readonly number[]
  readonly malformed: readonly Malformed[]
  /** When the last row was written, whether it is left out or not; NaN where that is not known. */
  readonly lastMs: number
}

/** A row of a mail, where it begins in its file, and when it was written: NaN where its time is none. */
export interface RowOfMail {
  readonly id: string
  readonly row: MailRow
  readonly offset: number
  readonly atMs: number
}

/** Who counts rows. */
interface RowCounter {
  /** So many rows of a file were read, and wait in mails. */
  held(fileId: string, rows: number): void
  leftOut(fileId: string, rows: number, by: readonly number[]): void
}

export interface MailSourceOptions {
  readonly rows: Source
  readonly rowsIn: (chunk: Chunk) => MailRows
  readonly checkpoint: Checkpoint
  readonly settings: MailSettings
  readonly organisation?: Organisation | undefined
  readonly sources: LogClockOptions['sources']
  readonly behind: LogClockOptions['behind']
  readonly counter: RowCounter
  /** Ids of files that are no more. */
  readonly gone: () => readonly string[]
  /** Hears of each mail that is closed. */
  readonly closed?: (why: Closed) => void
  readonly now?: () => number
}

/** How open mails fare. */
export interface OpenMails {
  readonly open: number
  readonly bytes: number
}

/** Mails are closed as time passes, also where no rows come. */
const TICK_MS = 1_000
/** Positions move on at least so often while rows come of which none becomes a record. */
const SAVE_MS = 60_000
/** Mails closed at a time when the logs end. */
const MOST_AT_END = 1_000

export class MailSource implements Source, Checkpoint {
  readonly #options: MailSourceOptions
  readonly #collector: MailCollector
  readonly #clock: LogClock
  readonly #queue = new ClosedQueue()
  readonly #now: () => number
  #places: Places
  #settled = firstOffset
  #savedAtMs: number
  #lastLogMs = Number.NEGATIVE_INFINITY
  #hasNews = false

  constructor(options: MailSourceOptions) {
    const { settings, organisation, sources, behind, now = Date.now } = options
    const { quietMinutes, openMinutes, maxMegabytes } = settings
    this.#options = options
    this.#now = now
    this.#savedAtMs = now()
    this.#clock = new LogClock({ sources, behind, now })
    this.#collector = new MailCollector({
      quietMs: quietMinutes * 60_000,
      longestMs: openMinutes * 60_000,
      mostBytes: maxMegabytes * 1e6,
      organisation,
    })
    this.#places = this.#placesFrom(new Map())
  }

  get open(): OpenMails {
    return { open: this.#collector.count, bytes: this.#collector.bytes }
  }

  /** How far rows are read, whatever became of their mails. */
  get reached(): Positions {
    return this.#places.reached
  }

  async load(): Promise<Positions> {
    this.#places = this.#placesFrom(await this.#options.checkpoint.load())
    return this.#settledPositions()
  }

  /** Closed mails up to the position are settled. */
  async save(positions: Positions): Promise<void> {
    this.#settled = positions.get(mailsId)?.offset ?? firstOffset
    this.#queue.settle(this.#settled)
    for (const id of this.#options.gone()) this.#places.forget(id)
    const logMs = this.#logMs
    await this.#options.checkpoint.save(
      this.#places.positions(this.#unsettledMails(), this.#queue.letters(), logMs),
    )
  }

  /** Before the first row of all that is not settled. */
  get unsettled(): Positions {
    return this.#places.unsettled(this.#unsettledMails(), this.#queue.letters())
  }

  /** Chunks of closed mails: first those that are not settled, then what rows that are read now give. */
  async *read(from: Positions, signal: AbortSignal): AsyncGenerator<Chunk> {
    if (signal.aborted) return
    let next = from.get(mailsId)?.offset ?? firstOffset
    this.#clock.begin()
    const rows = new Arrivals(this.#options.rows, this.#places.reached, signal)
    let idleSinceMs = this.#now()
    try {
      for (let hasEnded = false; ; ) {
        for (const chunk of this.#queue.from(next)) {
          next = chunk.end
          yield chunk
          if (signal.aborted) return
        }
        if (hasEnded && this.#collector.count === 0) {
          yield this.#queue.tick(next)
          return
        }
        const mayRead: boolean = !this.#queue.isFull && !hasEnded
        if (mayRead) this.#clock.passOver(Math.max(0, this.#now() - idleSinceMs))
        const result: IteratorResult<Chunk> | undefined =
          hasEnded && !this.#queue.isFull ? undefined : await rows.next(mayRead, TICK_MS)
        if (signal.aborted) return
        if (result?.done === false) this.#take(result.value)
        if (mayRead) idleSinceMs = this.#now()
        hasEnded ||= result?.done === true
        // What is not settled must not become more.
        if (this.#queue.isFull) continue
        this.#close(hasEnded ? this.#collector.end(MOST_AT_END) : this.#collector.close(this.#logMs))
        // A clock that is set back was wrong, and then nobody knows how long ago it was.
        if (this.#hasNews && Math.abs(this.#now() - this.#savedAtMs) >= SAVE_MS) {
          this.#savedAtMs = this.#now()
          this.#hasNews = false
          yield this.#queue.tick(next)
        }
      }
    } finally {
      await rows.end()
    }
  }

  /** Batches of mails count the rows of which the mails were made. */
  batches(batches: Batches): Batches {
    const rowsOf = ({ start, position }: Batch): number => this.#queue.rowsIn(start, position.offset)
    return async function* (chunks, mostFrames) {
      for await (const batch of batches(chunks, mostFrames)) {
        const { counts } = batch
        const events = rowsOf(batch)
        yield { ...batch, counts: { ...counts, events, held: events + counts.malformed } }
      }
    }
  }

  /** The time of the logs; with it goes back what knows times. */
  get #logMs(): number {
    const { nowMs } = this.#clock
    if (nowMs < this.#lastLogMs) {
      this.#collector.setBack(nowMs)
      this.#places.setBack(nowMs)
    }
    this.#lastLogMs = nowMs
    return nowMs
  }

  #placesFrom(positions: Positions): Places {
    return new Places(positions, this.#options.settings.openMinutes * 60_000)
  }

  #settledPositions(): Positions {
    return new Map([[mailsId, { fileId: mailsId, offset: this.#settled, header: -1 }]])
  }

  *#unsettledMails() {
    yield* this.#collector.facts()
    yield* this.#queue.mails()
  }

  #take(chunk: Chunk): void {
    const { file } = chunk
    const { rows, filtered, filteredBy, malformed, lastMs } = this.#options.rowsIn(chunk)
    const number = this.#places.numberOf(chunk)
    let held = 0
    for (const { id, row, offset, atMs } of rows) {
      const key = mailKey(id)
      if (this.#places.isSettled(file.id, offset, key)) {
        this.#collector.remember(key)
        continue
      }
      held++
      const continues = this.#places.isContinued(key)
      const placed = { id, row, file: number, offset, atMs: this.#clock.believed(atMs), continues }
      this.#close(this.#collector.add(placed))
    }
    const letters = malformed.filter(({ offset }) => !this.#places.isSettled(file.id, offset, null))
    if (letters.length > 0) this.#addLetters(file, letters, chunk.header)
    this.#clock.took(file, lastMs)
    // What a server's clock says that is slow or fast is no time after which mails are forgotten.
    this.#places.took(chunk, Math.max(this.#logMs, this.#clock.believed(lastMs)))
    this.#hasNews = true
    const { counter } = this.#options
    counter.held(file.id, held + letters.length)
    if (filtered > 0) counter.leftOut(file.id, filtered, filteredBy)
  }

  #addLetters({ id, source }: LogFile, letters: readonly Malformed[], header: number): void {
    const places = letters.map(({ offset }) => ({ fileId: id, offset, header }))
    this.#queue.addLetters(source, letters, places)
  }

  #close(mails: readonly ClosedMail[]): void {
    const bySource = new Map<string, ClosedMail[]>()
    for (const mail of mails) {
      this.#places.closed(mail.key)
      this.#options.closed?.(mail.closed)
      const source = this.#places.sourceOf(mail)
      const others = bySource.get(source)
      if (others === undefined) bySource.set(source, [mail])
      else others.push(mail)
    }
    for (const [source, some] of bySource) this.#queue.add(source, some)
  }
}
