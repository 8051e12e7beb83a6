/** One read of one file: it is opened, told from others, compared with last time, and cut. */
import type { Chunk, Position } from '../../flow/chunk.ts'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { FileInput } from '../bytes/byte-input.ts'
import { ChunkCutter, type Cursor, type Cut } from '../bytes/chunk-cutter.ts'
import type { ChunkLimits } from '../bytes/chunk-limits.ts'
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
    const cut = await this.#next(file)
    if (cut.isAtEnd) file.close()
    return cut
  }

  /** Nothing is read for a while, or ever: gives memory back. */
  end(): void {
    this.#cutter.end()
  }

  /** Brings `head` and `log` of an open file up to date. */
  async identify(file: TrackedFile, input: FileInput): Promise<void> {
    const id = file.log === null ? this.#known.idOf(file.name) : null
    if (id !== null) file.presume(id)
    const { pace, losses } = this.#folder
    const { reached, log } = this.#reading
    const identity = await identify(file, input, pace.headCheckMs, log)
    if (identity === 'another' || identity === 'unknown') this.#cutter.forget()
    if (identity === 'another') {
      losses.depart(file, 'replaced', reached, this.#known)
      replaceContent(file, log)
    }
    if ((identity === 'same' || identity === 'another') && file.log !== null) losses.returned(file.log.id)
  }

  async #next(file: TrackedFile): Promise<Cut> {
    const isReopened = file.input === null
    const input = file.input ?? (await FileInput.open(file.path, this.#folder.lane))
    if (isReopened) file.opened(input)
    await this.identify(file, input)
    let cursor = await this.#cursorOf(file)
    if (cursor !== null && isReopened) {
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
    if (file.log === null) file.content.restUnidentified()
    if (file.log === null || cursor === null) return nothingMore
    const { id } = file.log
    // Any of these reads may fail: until all are done the file stays where it was, or a chunk that nobody got
    // would be behind it.
    const moved = { ...cursor }
    const cut = await this.#cutter.next(input, file.log, moved, false)
    // Copied over in the meantime, these bytes may be of the new content. Judged after the read, since nothing
    // else tells: as long as the old head is there, what was read before is old, too, and with it what was read ahead.
    if (cut.chunk !== null && this.#cutter.hasRead && (await this.#currentId(file, input)) !== id) {
      this.#cutter.forget()
      return lookAgain
    }
    const { content, looks } = file
    const openSize = isReopened && !cut.isAtEnd ? await input.size() : content.extent.openSize
    content.move(moved, cut.chunk)
    if (cut.chunk !== null && content.restingAt !== null) {
      looks.grew(performance.now())
      this.#reading.events.appended?.(cut.chunk, looks.grewAtMs - looks.lookedAtMs)
    }
    const isShort = cut.isAtEnd && content.isLongerThan(moved)
    // What is to be made of that shows when it is opened again.
    if (isShort) file.close()
    else if (cut.isAtEnd) content.rest(moved)
    else content.goOn(moved, openSize)
    const chunk = cut.chunk === null ? null : passOver(cut.chunk, content)
    return { chunk, isAtEnd: cut.isAtEnd && !isShort }
  }

  async #currentId(file: TrackedFile, input: FileInput): Promise<string | null> {
    file.doubt()
    await this.identify(file, input)
    return file.head === null ? null : (file.log?.id ?? null)
  }

  /**
   * What was read of the file is not there any more. When it is still the same file, all of it is read again: too much
   * rather than too little. False when it is another one, or empty: then its cursor is to be found first.
   */
  async #restart(file: TrackedFile, input: FileInput, { offset }: Readonly<Cursor>): Promise<boolean> {
    const { reached, log } = this.#reading
    this.#cutter.forget()
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
    if (file.log === null || file.head === null || file.head.refusal) return null
    if (file.content.cursor !== null) return file.content.cursor
    const startAt = this.#known.begun ?? this.#folder.options.startAt
    const cursor = await startCursor(this.#folder, file, this.#reading.reached, startAt)
    if (cursor === null) file.pass()
    else file.content.begin(cursor)
    return cursor
  }
}

function startChunk({ log, source, path }: TrackedFile): Chunk | null {
  return log && emptyChunk(source, path, { fileId: log.id, offset: 0, header: -1 })
}
