/** One read of one file: it is opened, told from others, compared with last time, and cut. */
import type { Chunk, Position } from '../../flow/chunk.ts'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { FileInput, inputOf } from '../bytes/byte-input.ts'
import { ChunkCutter } from '../bytes/chunk-cutter.ts'
import type { ChunkLimits } from '../bytes/chunk-limits.ts'
import type { Cursor, Cut } from '../bytes/cut.ts'
import type { Folder } from '../folder/folder.ts'
import { identify, newsOf, replaceContent } from './identity.ts'
import type { KnownIds } from './known-ids.ts'
import { emptyChunk, passOver, startCursor } from './start.ts'
import type { TrackedFile } from './tracked-file.ts'

/** What a reading needs. */
export interface Reading extends ChunkLimits {
  /** Positions to go on from; moved along as chunks are read. */
  readonly reached: Map<string, Position>
  readonly follow: boolean
  /** Whether something looks at the folders when this reading has ended. */
  readonly isWatched: boolean
  /** Of the prefixes the one goes first of which the oldest rows were read last, and not each in turn. */
  readonly byTime: boolean
  readonly log: Log
  readonly signal: AbortSignal
  /** Hears of what is read, and which rows of it were appended to a file that had been read to its end. */
  readonly events: Listener
}

/** So many bytes of a log, a time among them as a rule, stand at the same place in no other one. */
const enoughTail = 32
/** Of a longer line that has no end yet not all is read again. */
const longestUnfinished = 64 * 1024
const nothingMore: Cut = { chunk: null, isAtEnd: true }
const lookAgain: Cut = { chunk: null, isAtEnd: false }

/** Reads files of one folder for one reading. */
export class FileReader {
  readonly #folder: Folder
  readonly #reading: Reading
  readonly #known: KnownIds
  readonly #cutter: ChunkCutter

  constructor(folder: Folder, reading: Reading, known: KnownIds) {
    this.#folder = folder
    this.#reading = reading
    this.#known = known
    this.#cutter = new ChunkCutter(reading)
  }

  /** The next chunk of the file, which stays open unless all was read. Rejects with the system's errors. */
  async next(file: TrackedFile): Promise<Cut> {
    const cut = (await this.#appended(file)) ?? (await this.#next(file))
    if (cut.isAtEnd && !this.#isLeftOpen(file)) file.close()
    return cut
  }

  /** Nothing is read for a while, or ever: gives memory back. */
  end(): void {
    this.#cutter.end()
  }

  /** Brings `head` and `log` of an open file up to date; returns all of it, if that was read with the head. */
  async identify(file: TrackedFile, input: FileInput): Promise<Buffer | null> {
    const id = file.id === null ? this.#known.idOf(file.name) : null
    if (id !== null) file.presume(id)
    const { pace, losses } = this.#folder
    const { reached, log } = this.#reading
    const { identity, whole } = await identify(file, input, pace.headCheckMs, log)
    if (identity === 'another' || identity === 'unknown') this.#cutter.forget(file.path)
    if (identity === 'another') {
      losses.depart(file, 'replaced', reached, this.#known)
      replaceContent(file, log)
    }
    if ((identity === 'same' || identity === 'another') && file.id !== null) losses.returned(file.id)
    return whole
  }

  /** A file that grows is looked at tens of times a second: to open it for each look costs more than its rows. */
  #isLeftOpen({ looks, openedAtMs, content, isLeftOut, input }: TrackedFile): boolean {
    const { pace } = this.#folder
    const nowMs = performance.now()
    return (
      this.#reading.follow &&
      input !== null &&
      this.#folder.isLocal(input.device) &&
      !isLeftOut &&
      content.tail !== null &&
      nowMs - looks.grewAtMs < pace.openMs / 2 &&
      nowMs - openedAtMs < pace.openMs
    )
  }

  /** What was appended to a file that was left open; null when it was not, or when it has to be looked at closely. */
  async #appended(file: TrackedFile): Promise<Cut | null> {
    const { input, log, content } = file
    const { cursor, tail, restingAt } = content
    if (input === null || restingAt === null) return null
    const moved = cursor && { ...cursor }
    const isKnown =
      moved?.layout !== undefined && moved.offset === tail?.end && tail.text.length >= enoughTail
    if (log === null || !isKnown || this.#isDoubtful(file)) {
      file.close()
      return null
    }
    const cut = await this.#cutter.appended(input, log, moved, tail.text)
    if (cut === null) {
      file.close()
      return null
    }
    const openSize = cut.isAtEnd ? null : await input.size()
    content.move(moved, cut.chunk)
    this.#heedGrowth(file, cut.chunk)
    if (cut.isAtEnd) content.rest(moved)
    else content.goOn(moved, openSize)
    return { chunk: cut.chunk && passOver(cut.chunk, content), isAtEnd: cut.isAtEnd }
  }

  async #next(file: TrackedFile): Promise<Cut> {
    const isReopened = file.input === null
    const { lane, pace } = this.#folder
    const isRegular = file.looks.isRegularAt(performance.now() - pace.tickMs)
    const input = file.input ?? (await FileInput.open(file.path, lane, isRegular))
    if (isReopened) file.opened(input)
    const whole = await this.identify(file, input)
    let cursor = await this.#cursorOf(file)
    const isNew = whole !== null && cursor?.offset === 0 && file.content.isUnseen
    if (cursor !== null && isReopened && !isNew) {
      const news = await newsOf(file, input)
      if (news === 'none') {
        file.content.rest(cursor)
        return nothingMore
      }
      // The position must go back as well: it may be in the middle of whatever is appended now.
      if (news === 'changed' && (await this.#restart(file, input, cursor))) {
        return { chunk: startChunk(file), isAtEnd: false }
      }
      cursor = await this.#cursorOf(file)
    }
    if (file.id === null) file.content.restUnidentified()
    if (file.log === null || cursor === null) return nothingMore
    const { id } = file.log
    // Any of these reads may fail: until all are done the file stays where it was, or a chunk that nobody got
    // would be behind it.
    const moved = { ...cursor }
    const cut = await this.#cutter.next(isNew ? inputOf(whole) : input, file.log, moved, false)
    // Copied over in the meantime, these bytes may be of the new content. Judged after the read, since nothing
    // else tells: as long as the old head is there, what was read before is old, too, and with it what was read ahead.
    if (cut.chunk !== null && !isNew && this.#cutter.hasRead && (await this.#currentId(file, input)) !== id) {
      this.#cutter.forget(file.path)
      return lookAgain
    }
    const { content } = file
    const openSize = isReopened && !cut.isAtEnd ? await input.size() : content.extent.openSize
    content.move(moved, cut.chunk)
    this.#heedGrowth(file, cut.chunk)
    const isShort = cut.isAtEnd && content.isLongerThan(moved)
    // What is to be made of that shows when it is opened again.
    if (isShort) file.close()
    else if (cut.isAtEnd) content.rest(moved)
    else content.goOn(moved, openSize)
    const chunk = cut.chunk === null ? null : passOver(cut.chunk, content)
    return { chunk, isAtEnd: cut.isAtEnd && !isShort }
  }

  /** Rows that were read of a file that rested were appended to it. */
  #heedGrowth({ content, looks }: TrackedFile, chunk: Chunk | null): void {
    if (chunk === null || content.restingAt === null) return
    looks.grew(performance.now())
    this.#reading.events.appended?.(chunk, looks.grewAtMs - looks.lookedAtMs)
  }

  #isDoubtful(file: TrackedFile): boolean {
    const { seenEnd = 0, offset = 0 } = file.content.cursor ?? {}
    return (
      file.needsHead(performance.now(), this.#folder.pace.headCheckMs) ||
      file.content.extent.rowsEnd !== offset ||
      seenEnd - offset > longestUnfinished
    )
  }

  async #currentId(file: TrackedFile, input: FileInput): Promise<string | null> {
    file.doubt()
    await this.identify(file, input)
    return file.head === null ? null : file.id
  }

  /**
   * What was read of the file is not there any more. When it is still the same file, all of it is read again: too much
   * rather than too little. False when it is another one, or empty: then its cursor is to be found first.
   */
  async #restart(file: TrackedFile, input: FileInput, { offset }: Readonly<Cursor>): Promise<boolean> {
    const { reached, log } = this.#reading
    this.#cutter.forget(file.path)
    file.doubt()
    await this.identify(file, input)
    if (file.content.cursor === null) return false
    this.#folder.losses.depart(file, 'shortened', reached, this.#known, await input.size())
    if (file.restart(offset)) {
      log.warn(
        'A log file is shorter than what was read of it, or was changed; it is read again from its start',
        { file: file.path, offset },
      )
    }
    return true
  }

  /** Null when the file has no identity yet, is refused, or has no row late enough. */
  async #cursorOf(file: TrackedFile): Promise<Readonly<Cursor> | null> {
    if (file.id === null || file.head === null || file.head.refusal) return null
    if (file.content.cursor !== null) return file.content.cursor
    const startAt = this.#known.begun ?? this.#folder.options.startAt
    const cursor = await startCursor(this.#folder, file, this.#reading.reached, startAt)
    if (cursor === null) file.pass()
    else file.content.begin(cursor)
    return cursor
  }
}

function startChunk({ id, source, path }: TrackedFile): Chunk | null {
  return id === null ? null : emptyChunk(source, path, { fileId: id, offset: 0, header: -1 })
}
