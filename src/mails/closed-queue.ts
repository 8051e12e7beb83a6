/**
 * Closed mails on their way, and lines for the dead letters between them: as the rows of a log without an end, in which an
 * offset is a position. What is not settled stays here, so that it can be sent again.
 *
 *   settled, forgotten │ mails  letters  mails … │ next
 *                      └ read from here after a rewind
 */
import type { Chunk, LogFile, Malformed } from '../flow/chunk.ts'
import { type ClosedMail, type MailFacts, mailLine } from './collector.ts'
import { mailLayout } from './layout.ts'
import type { LetterPlace } from './places.ts'

/** Name of that log. */
export const mailsId = 'mails'
/** Where it begins: at 0 a file would begin anew. */
export const firstOffset = 1

const MOST_CHUNK_BYTES = 256 * 1024
/** Of what is not settled. */
const MOST_BYTES = 16 * 1024 * 1024
const LETTER_BYTES = 512
const noBytes = Buffer.alloc(0)

interface Entry {
  readonly chunk: Chunk
  readonly mails: readonly MailFacts[]
  /** End of the line of each mail, and how many rows it has. */
  readonly ends: readonly number[]
  readonly rows: readonly number[]
  readonly letters: readonly LetterPlace[]
}

/** Mails that are closed and not settled. */
export class ClosedQueue {
  readonly #entries: Entry[] = []
  #end = firstOffset
  #bytes = 0

  /** So much is not settled that nothing more should come. */
  get isFull(): boolean {
    return this.#bytes >= MOST_BYTES
  }

  /** Takes mails that were closed when this source was read. */
  add(source: string, mails: readonly ClosedMail[]): void {
    let lines: string[] = []
    let size = 0
    let from = 0
    for (const [index, mail] of mails.entries()) {
      const line = mailLine(mail)
      lines.push(line)
      size += line.length
      if (size < MOST_CHUNK_BYTES && index < mails.length - 1) continue
      this.#push(source, lines, mails.slice(from, index + 1))
      lines = []
      size = 0
      from = index + 1
    }
  }

  /** Takes lines for the dead letters. */
  addLetters(source: string, malformed: readonly Malformed[], places: readonly LetterPlace[]): void {
    const chunk = this.#chunk(source, noBytes, 1, malformed)
    this.#entries.push({ chunk, mails: [], ends: [], rows: [], letters: places })
    this.#bytes += bytesOf(chunk)
  }

  /** A chunk of nothing, which lets positions be saved; all before `offset` was given, and what is behind it not yet. */
  tick(offset: number): Chunk {
    return { ...this.#chunk('', noBytes, 0, []), start: offset, end: offset }
  }

  /** What stands behind the offset, one by one, as long as there is something. */
  *from(offset: number): Generator<Chunk> {
    let next = offset
    for (;;) {
      const entry = this.#entries[this.#placeBehind(next)]
      if (entry === undefined) return
      const { chunk } = entry
      next = chunk.end
      yield chunk.start >= offset || chunk.bytes.length === 0
        ? chunk
        : { ...chunk, start: offset, bytes: chunk.bytes.subarray(offset - chunk.start) }
    }
  }

  /** Rows of the mails whose lines end behind `start` and not behind `end`. */
  rowsIn(start: number, end: number): number {
    let sum = 0
    for (let place = this.#placeBehind(start); place < this.#entries.length; place++) {
      const { chunk, ends, rows } = this.#entries[place] as Entry
      if (chunk.start >= end) break
      for (const [index, at] of ends.entries()) if (at > start && at <= end) sum += rows[index] ?? 0
    }
    return sum
  }

  /** All before this offset is settled. */
  settle(offset: number): void {
    const settled = this.#entries.splice(0, this.#placeBehind(offset))
    for (const { chunk } of settled) this.#bytes -= bytesOf(chunk)
  }

  /** What is not settled. */
  *mails(): Generator<MailFacts> {
    for (const { mails } of this.#entries) yield* mails
  }

  letters(): readonly LetterPlace[] {
    return this.#entries.flatMap(({ letters }) => letters)
  }

  /** Index of the first entry that ends behind the offset; one behind the last without any. */
  #placeBehind(offset: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle] as Entry).chunk.end > offset) high = middle
      else low = middle + 1
    }
    return low
  }

  #push(source: string, lines: readonly string[], closed: readonly ClosedMail[]): void {
    const start = this.#end
    const bytes = Buffer.from(lines.join(''))
    let end = start
    const ends = lines.map((line) => {
      end += Buffer.byteLength(line)
      return end
    })
    const chunk = this.#chunk(source, bytes, bytes.length, [])
    const mails = closed.map(({ key, continues, places }) => ({ key, continues, places }))
    this.#entries.push({ chunk, mails, ends, rows: closed.map(({ rows }) => rows), letters: [] })
    this.#bytes += bytesOf(chunk)
  }

  #chunk(source: string, bytes: Buffer, length: number, malformed: readonly Malformed[]): Chunk {
    const file: LogFile = { id: mailsId, source, path: mailsId }
    const start = this.#end
    this.#end += length
    return { file, layout: mailLayout, header: -1, start, end: this.#end, bytes, malformed }
  }
}

function bytesOf({ bytes, malformed }: Chunk): number {
  return malformed.reduce((sum, { line }) => sum + LETTER_BYTES + line.byteLength, bytes.length)
}
