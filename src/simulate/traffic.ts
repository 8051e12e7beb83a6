/**
 * The stream of rows of one server: many mails under way at once, their rows in order of time.
 *
 *   next mail ──► journey ──► planned rows ──► heap by time ──► next row
 *                                              (mails overlap)
 */
import { commonJourneys } from './journeys.ts'
import { MailFactory } from './mails.ts'
import { type Organisation, organisationOf } from './organisation.ts'
import { Deck, Random } from './random.ts'
import { rareJourneys } from './rare-journeys.ts'
import { type Journey, type PlannedRow, Scene } from './scene.ts'

/** What a stream depends on, and nothing else. */
export interface TrafficOptions {
  readonly seed: number
  /** Name of the server that writes the logs, e.g. `EX01`. */
  readonly server: string
  readonly startMs: number
  /** Rows per second on average. */
  readonly rowsPerSecond: number
}

const rareShare = 0.04

export class Traffic {
  readonly #random: Random
  readonly #organisation: Organisation
  readonly #mails: MailFactory
  readonly #rare: Deck<Journey>
  readonly #pending = new TimeHeap()
  readonly #rowsPerSecond: number
  #nextMailMs: number
  #startedMails = 0
  #startedRows = 0

  constructor({ seed, server, startMs, rowsPerSecond }: TrafficOptions) {
    this.#random = new Random(`${seed} ${server}`)
    this.#organisation = organisationOf(server, new Random(String(seed)))
    this.#mails = new MailFactory(this.#organisation, this.#random)
    this.#rare = new Deck(this.#random, rareJourneys)
    this.#nextMailMs = startMs
    this.#rowsPerSecond = rowsPerSecond
  }

  /** The earliest row that is left; starts mails as they become due. */
  next(): PlannedRow {
    while (this.#pending.firstMs >= this.#nextMailMs) this.#startMail()
    return this.#pending.take()
  }

  /** Lets the next mail start at this time: keeps the stream in step with a real clock. */
  advanceTo(timeMs: number): void {
    this.#nextMailMs = timeMs
  }

  #startMail(): void {
    const scene = new Scene(this.#organisation, this.#mails, this.#random, this.#nextMailMs)
    this.#journey()(scene)
    for (const row of scene.rows) this.#pending.add(row)
    this.#startedMails++
    this.#startedRows += scene.rows.length
    const rowsPerMail = this.#startedRows / this.#startedMails
    this.#nextMailMs += this.#random.gap((rowsPerMail / this.#rowsPerSecond) * 1000)
  }

  #journey(): Journey {
    if (this.#random.chance(rareShare)) return this.#rare.deal()
    let draw = this.#random.integer(1, totalParts)
    const found = commonJourneys.find(([parts]) => {
      draw -= parts
      return draw <= 0
    })
    return found![1]
  }
}

const totalParts = commonJourneys.reduce((sum, [parts]) => sum + parts, 0)

/** A binary heap; rows of the same time come out in the order they went in. */
class TimeHeap {
  readonly #entries: { readonly row: PlannedRow; readonly order: number }[] = []
  #order = 0

  /** Time of the earliest row, Infinity without one. */
  get firstMs(): number {
    return this.#entries[0]?.row.timeMs ?? Number.POSITIVE_INFINITY
  }

  add(row: PlannedRow): void {
    const entries = this.#entries
    entries.push({ row, order: this.#order++ })
    for (let child = entries.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1
      if (!this.#isBefore(child, parent)) return
      this.#swap(child, parent)
      child = parent
    }
  }

  take(): PlannedRow {
    const entries = this.#entries
    this.#swap(0, entries.length - 1)
    const { row } = entries.pop()!
    for (let parent = 0; ; ) {
      let child = parent * 2 + 1
      if (child + 1 < entries.length && this.#isBefore(child + 1, child)) child++
      if (child >= entries.length || !this.#isBefore(child, parent)) return row
      this.#swap(child, parent)
      parent = child
    }
  }

  #isBefore(left: number, right: number): boolean {
    const [a, b] = [this.#entries[left]!, this.#entries[right]!]
    return a.row.timeMs === b.row.timeMs ? a.order < b.order : a.row.timeMs < b.row.timeMs
  }

  #swap(left: number, right: number): void {
    const entries = this.#entries
    const kept = entries[left]!
    entries[left] = entries[right]!
    entries[right] = kept
  }
}
