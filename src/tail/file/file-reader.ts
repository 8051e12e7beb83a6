/** One read of one file: it is opened, told from others, compared with last time, and cut. */
import type { Chunk, Position } from '../../flow/chunk.ts'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { FileInput } from '../bytes/byte-input.ts'
import { ChunkCutter, type ChunkLimits, type Cursor, type Cut } from '../bytes/chunk-cutter.ts'
import type { Folder } from '../folder/folder.ts'
import type { KnownIds } from './known-ids.ts'
import { emptyChunk, passOver, startCursor } from './start.ts'
import { identify, type Look, newsOf, type TrackedFile, tailOf } from './tracked-file.ts'

/** What a reading needs. */
export interface Reading extends ChunkLimits {
  /** Positions to go on from; moved along as chunks are read. */
  readonly reached: Map<string, Position>
  readonly follow: boolean
  /** Whether something looks at the folders when this reading has ended. */
  readonly isWatched: boolean
  readonly log: Log
  readonly signal: AbortSignal
  /** Hears of rows that were appended to a file which had been read to its end. */
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
    if (cut.isAtEnd) closeFile(file)
    return cut
  }

  /** Brings `head` and `log` of an open file up to date. */
  async identify(file: TrackedFile, input: FileInput): Promise<void> {
    const id = file.log === null ? this.#known.idOf(file.name) : null
    if (id !== null) file.log = { id, source: file.source, path: file.path }
    await identify(file, input, this.#look())
  }

  async #next(file: TrackedFile): Promise<Cut> {
    const isReopened = file.input === null
    file.input ??= await FileInput.open(file.path, this.#folder.lane)
    const { input } = file
    if (isReopened) file.openedAtMs = performance.now()
    await this.identify(file, input)
    let cursor = await this.#cursorOf(file)
    if (cursor !== null && isReopened) {
      const news = await newsOf(file, input, this.#look())
      if (news === 'none') return restAt(file, cursor)
      // The position must go back as well: it may be in the middle of whatever is appended now.
      if (news === 'again') return { chunk: startChunk(file), isAtEnd: false }
      cursor = await this.#cursorOf(file)
    }
    if (file.log === null) file.restingAt = 0
    if (file.log === null || cursor === null) return nothingMore
    const { id } = file.log
    // Any of these reads may fail: until all are done the file stays where it was, or a chunk that nobody got
    // would be behind it.
    const moved = { ...cursor }
    const cut = await this.#cutter.next(input, file.log, moved, false)
    // Copied over in the meantime, these bytes may be of the new content. Judged after the read, since nothing
    // else tells: as long as the old head is there, what was read before is old, too.
    if (cut.chunk !== null && (await this.#currentId(file, input)) !== id) return lookAgain
    const openSize = isReopened && !cut.isAtEnd ? await input.size() : file.extent.openSize
    file.cursor = moved
    // Read again after a rewind, what stands further on is known already.
    if (cut.chunk !== null && moved.offset >= (file.tail?.end ?? 0)) file.tail = tailOf(cut.chunk)
    if (cut.chunk !== null && file.restingAt >= 0) {
      file.grewAtMs = performance.now()
      this.#reading.events.appended?.(cut.chunk, file.grewAtMs - file.lookedAtMs)
    }
    const isShort = cut.isAtEnd && isShorter(file, moved)
    // What is to be made of that shows when it is opened again.
    if (isShort) closeFile(file)
    else if (cut.isAtEnd) restAt(file, moved)
    else goOn(file, moved, openSize)
    const chunk = cut.chunk === null ? null : passOver(cut.chunk, file)
    return { chunk, isAtEnd: cut.isAtEnd && !isShort }
  }

  async #currentId(file: TrackedFile, input: FileInput): Promise<string | null> {
    file.headCheckedAtMs = Number.NEGATIVE_INFINITY
    await this.identify(file, input)
    return file.head === null ? null : (file.log?.id ?? null)
  }

  #look(): Look {
    const { pace, losses } = this.#folder
    const { reached, log } = this.#reading
    return {
      nowMs: performance.now(),
      headCheckMs: pace.headCheckMs,
      log,
      lose: (file, cause, keptBytes) => losses.depart(file, cause, reached, this.#known, keptBytes),
      identified: (id) => losses.returned(id),
    }
  }

  /** Null when the file has no identity yet, is refused, or has no row late enough. */
  async #cursorOf(file: TrackedFile): Promise<Cursor | null> {
    if (file.log === null || file.head === null || file.head.refusal) return null
    if (file.cursor === null) {
      const startAt = this.#known.begun ?? this.#folder.options.startAt
      file.cursor = await startCursor(this.#folder, file, this.#reading.reached, startAt)
      if (file.cursor === null) file.condition = 'passed'
    }
    return file.cursor
  }
}

/** Closes a file if it is open. */
export function closeFile(file: TrackedFile): void {
  const { input } = file
  file.input = null
  void input?.close()
}

/** More is to be read of the file at once. */
function goOn(file: TrackedFile, { offset }: Cursor, openSize: number): void {
  const { extent } = file
  file.restingAt = -1
  if (offset > extent.fileEnd) extent.fileEnd = -1
  extent.rowsEnd = Math.max(extent.rowsEnd, offset)
  extent.openSize = openSize
}

/** All of the file was read. */
function restAt(file: TrackedFile, { offset, seenEnd }: Cursor): Cut {
  file.restingAt = offset
  file.extent = { ...file.extent, rowsEnd: offset, fileEnd: seenEnd, openSize: -1 }
  return nothingMore
}

/** True when the file ends before what was there already. */
function isShorter({ extent }: TrackedFile, { seenEnd }: Cursor): boolean {
  return seenEnd < Math.max(extent.rowsEnd, extent.openSize)
}

function startChunk({ log, source, path }: TrackedFile): Chunk | null {
  return log && emptyChunk(source, path, { fileId: log.id, offset: 0, header: -1 })
}
