/** How far one file is read, in this reading and in those before, and what was seen of its content. */
import type { Chunk, Position } from '../../flow/chunk.ts'
import { type Cursor, cursorAt } from '../bytes/cut.ts'

/** How much content of a file was seen, under its present identity. */
interface Extent {
  /** Where reading began the first time (`startAt` passes rows over). */
  readonly start: number
  /** End of the whole lines that were read, in this reading or in one before. */
  readonly rowsEnd: number
  /** End of the file, when all of it was read: `rowsEnd` and an unfinished line. Else null. */
  readonly fileEnd: number | null
  /** Its size when it was last opened with something to read; null when it was not, or all was read since. */
  readonly openSize: number | null
}

/** Bytes of a file before the offset `end`, one character a byte. */
interface Tail {
  readonly end: number
  readonly text: string
}

const unseen: Extent = { start: 0, rowsEnd: 0, fileEnd: null, openSize: null }
/** So much of the end of what was read is remembered. */
export const tailBytes = 64

/** The content of one file. */
export class Content {
  #cursor: Cursor | null = null
  #seek: string | null = null
  #restingAt: number | null = null
  #extent = unseen
  #tail: Tail | null = null
  #restartedFrom: number | null = null
  #longLineAt: number | null = null

  /** How far this reading is; null before it came to the file. */
  get cursor(): Readonly<Cursor> | null {
    return this.#cursor
  }

  /** Rows before this date-time are passed over (`startAt`). */
  get seek(): string | null {
    return this.#seek
  }

  /** Offset at which all was read; null while something is unread as far as known. */
  get restingAt(): number | null {
    return this.#restingAt
  }

  get extent(): Extent {
    return this.#extent
  }

  /** The last bytes of the rows that were read, to tell them from other content of the same length. */
  get tail(): Tail | null {
    return this.#tail
  }

  /** True before anything was read of it. */
  get isUnseen(): boolean {
    return this.#extent === unseen && this.#tail === null
  }

  /** True when reading stopped within a line whose end was not found yet. */
  get isWithinLine(): boolean {
    return this.#cursor !== null && this.#cursor.seenEnd > this.#cursor.offset
  }

  /** True when more was there already than what is seen of it now. */
  isLongerThan({ seenEnd }: Readonly<Cursor>): boolean {
    const { rowsEnd, openSize } = this.#extent
    return Math.max(rowsEnd, openSize ?? 0) > seenEnd
  }

  /** Reading begins here. */
  begin(cursor: Cursor): void {
    this.#cursor = cursor
  }

  /** Rows before this date-time are to be passed over. */
  seekFrom(time: string): void {
    this.#seek = time
  }

  /** Rows before this offset are passed over; `isFound`: the one there is the first that is not. */
  passTo(offset: number, isFound: boolean): void {
    this.#extent = { ...this.#extent, start: offset }
    if (isFound) this.#seek = null
  }

  /** Reading came to `cursor`, and gave `chunk`. */
  move(cursor: Cursor, chunk: Chunk | null): void {
    this.#cursor = cursor
    // Read again after a rewind, what stands further on is known already.
    if (chunk !== null && cursor.offset >= (this.#tail?.end ?? 0)) this.#tail = tailOf(chunk)
  }

  /** More is to be read at once from `cursor` on. */
  goOn({ offset }: Readonly<Cursor>, openSize: number | null): void {
    const { start, rowsEnd, fileEnd } = this.#extent
    this.#restingAt = null
    this.#extent = {
      start,
      rowsEnd: Math.max(rowsEnd, offset),
      fileEnd: fileEnd !== null && offset > fileEnd ? null : fileEnd,
      openSize,
    }
  }

  /** All was read, up to `cursor`. */
  rest({ offset, seenEnd }: Readonly<Cursor>): void {
    this.#restingAt = offset
    this.#extent = { ...this.#extent, rowsEnd: offset, fileEnd: seenEnd, openSize: null }
  }

  /** Nothing can be read before the file has an identity. */
  restUnidentified(): void {
    this.#restingAt = 0
  }

  /** Not read, but as large as what is settled of it. */
  restSettled(offset: number): void {
    this.#restingAt = offset
    this.#extent = { ...this.#extent, rowsEnd: offset, fileEnd: offset }
  }

  /** What stands before `end`. */
  knowTail(end: number, text: string): void {
    this.#tail = { end, text }
  }

  /** The unfinished line was cut off, perhaps. */
  forgetUnfinishedLine(): void {
    if (this.#cursor !== null) this.#cursor.seenEnd = this.#cursor.offset
  }

  /** What can be read again is not kept in memory: the layout, and all that `position` says as well. */
  putAway(position: Position | undefined): void {
    if (this.#cursor === null) return
    const { offset, header, seenEnd } = this.#cursor
    const isSaid = position?.offset === offset && position.header === header
    if (isSaid && seenEnd === offset && this.#seek === null) this.#cursor = null
    else this.#cursor.layout = undefined
  }

  /** A line without an end was met at `offset`. False when that was known. */
  meetLongLine(offset: number): boolean {
    const isNew = this.#longLineAt !== offset
    this.#longLineAt = offset
    return isNew
  }

  /** The file holds too little to tell what it is: where to read is to be found anew. */
  leave(): void {
    this.#cursor = null
  }

  /** Without an identity, it has so many bytes that are no whole line. */
  holdsNoLine(fileEnd: number): void {
    this.#extent = { ...this.#extent, fileEnd }
  }

  /** Another reading begins, which goes on from `settledTo`. True when the file rests just there. */
  rewind(settledTo: number | undefined): boolean {
    this.#cursor = null
    this.#seek = null
    return this.#restingAt !== null && this.#restingAt === settledTo
  }

  /** Something of it is to be read again. */
  wake(): void {
    this.#restingAt = null
  }

  /** It has changed and is read again from its start. False when that was so before, as far as this `offset`. */
  restart(offset: number): boolean {
    const isNew = this.#restartedFrom !== offset
    this.#cursor = cursorAt()
    this.#extent = unseen
    this.#tail = null
    this.#restartedFrom = offset
    return isNew
  }

  /** It is that of another file. */
  replace(): void {
    this.#cursor = null
    this.#seek = null
    this.#restingAt = null
    this.#extent = unseen
    this.#tail = null
    this.#restartedFrom = null
  }
}

/** What stands at the end of the rows of a chunk that was read. */
function tailOf({ end, bytes }: Chunk): Tail | null {
  return bytes.length === 0 ? null : { end, text: bytes.toString('latin1', bytes.length - tailBytes) }
}
