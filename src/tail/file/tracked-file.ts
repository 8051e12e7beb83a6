/** What is known of one file of a followed folder. Kept from one reading to the next. */
import { join } from 'node:path'
import type { Chunk, LogFile } from '../../flow/chunk.ts'
import type { Log } from '../../flow/log.ts'
import type { FileInput } from '../bytes/byte-input.ts'
import { type Cursor, cursorAt } from '../bytes/chunk-cutter.ts'
import { type Head, headBytes, parseHead } from '../bytes/head.ts'
import type { Refusal } from '../bytes/header.ts'
import type { FileOrder } from '../folder/file-order.ts'
import { fileId } from './known-ids.ts'

/** How much content of a file was seen, under its present identity; -1 where it was not. */
interface Extent {
  /** Where reading began the first time (`startAt` passes rows over). */
  start: number
  /** End of the whole lines that were read, in this reading or in one before. */
  rowsEnd: number
  /** End of the file, when all of it was read: `rowsEnd` and an unfinished line. */
  fileEnd: number
  /** Its size when it was last opened with something to read. */
  openSize: number
}

/** Bytes of a file before the offset `end`, one character a byte. */
interface Tail {
  readonly end: number
  readonly text: string
}

const tailBytes = 64
const lineFeed = 0x0a

/** One file under one name. All times are of `performance.now()`: the clock of the machine may jump. */
export interface TrackedFile {
  readonly name: string
  readonly path: string
  readonly order: FileOrder
  readonly source: string
  head: Head | null
  headCheckedAtMs: number
  /**
   * Null until it is known which file it is: without one whole line a file has no identity and is not read.
   * What a position says of the name counts until the head was read.
   */
  log: LogFile | null
  /** How far this reading is; null before it came to the file. */
  cursor: Cursor | null
  /** Rows before this date-time are passed over (`startAt`). */
  seek: string | null
  /** Open while more is to be read at once. */
  input: FileInput | null
  /** Offset at which all was read, -1 while something is unread as far as known. */
  restingAt: number
  extent: Extent
  /** The last bytes of the rows that were read, to tell them from other content of the same length. */
  tail: Tail | null
  /** What the folder says; -1 before it was asked. */
  size: number
  modifiedAtMs: number
  surveyedAtMs: number
  /** When it was found, when its end was seen last, read or asked of the folder, and whether it was the newest then. */
  foundAtMs: number
  seenAtMs: number
  wasNewest: boolean
  openedAtMs: number
  /** Since when listings of the folder lack the file; null while they have it. */
  missingSinceMs: number | null
  dueAtMs: number
  lookedAtMs: number
  grewAtMs: number
  /** `passed`: all its rows are before `startAt`. */
  condition: 'readable' | 'unreadable' | 'refused' | 'passed'
  failures: number
  /** Offset from which it last had to be read again, so that this is said once. */
  restartedFrom: number
  /** Where the line stands that was last said to have no end. */
  longLineAt: number
}

/** What those who look at a file share. */
export interface Look {
  readonly nowMs: number
  readonly headCheckMs: number
  readonly log: Log
  /** Called before the content of a file is forgotten, of which the first `keptBytes` are still there. */
  lose(file: TrackedFile, cause: 'replaced' | 'shortened', keptBytes: number): void
  /** Called with the id of a file that is there. */
  identified(id: string): void
}

/** A file just found. `grewAtMs` says how lively it is taken to be. */
export function trackFile(source: string, folder: string, order: FileOrder, grewAtMs: number): TrackedFile {
  return {
    name: order.name,
    path: join(folder, order.name),
    order,
    source,
    head: null,
    headCheckedAtMs: Number.NEGATIVE_INFINITY,
    log: null,
    cursor: null,
    seek: null,
    input: null,
    restingAt: -1,
    extent: unseen(),
    tail: null,
    size: -1,
    modifiedAtMs: -1,
    surveyedAtMs: Number.NEGATIVE_INFINITY,
    foundAtMs: performance.now(),
    seenAtMs: Number.NEGATIVE_INFINITY,
    wasNewest: false,
    openedAtMs: Number.NEGATIVE_INFINITY,
    missingSinceMs: null,
    dueAtMs: 0,
    lookedAtMs: Number.NEGATIVE_INFINITY,
    grewAtMs,
    condition: 'readable',
    failures: 0,
    restartedFrom: -1,
    longLineAt: -1,
  }
}

/** True when reading stopped within a line whose end was not found yet. */
export function isWithinLine({ cursor }: TrackedFile): boolean {
  return cursor !== null && cursor.seenEnd > cursor.offset
}

function unseen(): Extent {
  return { start: 0, rowsEnd: 0, fileEnd: -1, openSize: -1 }
}

/**
 * Where the content of the file is known to end; null when nobody looked. An unfinished last line is no
 * content. `isSameFile`: what the folder last said is about this content, too.
 */
export function knownEnd({ condition, extent, size }: TrackedFile, isSameFile: boolean): number | null {
  const { rowsEnd, fileEnd, openSize } = extent
  // The rest of it was not wanted.
  if (condition === 'refused' || condition === 'passed') return rowsEnd
  if (isSameFile && size > Math.max(fileEnd, openSize)) return Math.max(size, rowsEnd)
  if (fileEnd >= 0) return rowsEnd
  return openSize >= 0 ? Math.max(openSize, rowsEnd) : null
}

/** From when on it is not known any more what a file has. */
export interface Unseen {
  readonly livelyMs: number
  readonly unseenMs: number
}

/**
 * Whether a file that went was one to be written to at the last look, and that was long ago, or it was growing as far
 * as one knows.
 */
export function mayHaveGrown(file: TrackedFile, { livelyMs, unseenMs }: Unseen): boolean {
  const { wasNewest, seenAtMs, foundAtMs, grewAtMs, missingSinceMs, condition } = file
  if (!wasNewest || condition === 'refused' || condition === 'passed') return false
  return (
    seenAtMs - Math.max(grewAtMs, foundAtMs) < livelyMs || (missingSinceMs ?? seenAtMs) - seenAtMs > unseenMs
  )
}

/**
 * Reads the head when it is not known, or was not compared for a while: a file copied over with other
 * content is another file, read from its own position. Afterwards `head` and `log` are up to date; without a
 * head, as when it was just emptied, the file keeps its identity but is not to be read.
 */
export async function identify(file: TrackedFile, input: FileInput, look: Look): Promise<void> {
  if (file.head !== null && look.nowMs - file.headCheckedAtMs < look.headCheckMs) return
  const bytes = Buffer.allocUnsafe(headBytes)
  const length = await input.read(bytes, 0)
  const head = parseHead(bytes.subarray(0, length), length === headBytes)
  // What the folder said before may have been about another one.
  if (file.head === null) file.size = -1
  file.headCheckedAtMs = look.nowMs
  file.head = head
  if (head === null) {
    file.cursor = null
    if (file.log === null) file.extent.fileEnd = length
    return
  }
  const id = fileId(file.source, file.name, head.stamp)
  if (file.log !== null && file.log.id !== id) forgetContent(file, look)
  if (head.refusal) refuseFile(file, head.refusal, look.log)
  if (file.log?.id !== id) file.log = { id, source: file.source, path: file.path }
  look.identified(id)
}

function forgetContent(file: TrackedFile, look: Look): void {
  look.lose(file, 'replaced', 0)
  file.cursor = null
  file.seek = null
  file.restingAt = -1
  file.extent = unseen()
  file.tail = null
  file.size = -1
  file.restartedFrom = -1
  file.condition = 'readable'
  look.log.warn('A log file was replaced by another one of the same name, which is read on its own', {
    file: file.path,
  })
}

/** Says once that the file is not read, and why. */
export function refuseFile(file: TrackedFile, refusal: Refusal, log: Log): void {
  if (file.condition === 'refused') return
  file.condition = 'refused'
  log.error(`A file is not read: ${refusal.message}`, { file: file.path, remedy: refusal.remedy })
}

/** What a file opened again has: `again` when it is to be read from its start. */
type News = 'none' | 'more' | 'again'

/** What stands at the end of the rows of a chunk that was read. */
export function tailOf({ end, bytes }: Chunk): Tail | null {
  return bytes.length === 0 ? null : { end, text: bytes.toString('latin1', bytes.length - tailBytes) }
}

/**
 * Compares a file that was just opened again with last time. The bytes before the end known so far are read
 * along: if they are gone, or others, or end no line any more, the content has changed. Then the file is
 * identified anew, and if it is still the same one, all of it is read again: too much rather than too little.
 */
export async function newsOf(file: TrackedFile, input: FileInput, look: Look): Promise<News> {
  const { cursor } = file
  if (cursor === null) return 'more'
  const rowsEnd = Math.max(cursor.offset, file.extent.rowsEnd)
  if (await reachesOpenSize(file, input)) {
    const { isKept, isFollowed } = await lookAtEnd(file, input, rowsEnd)
    if (isKept && cursor.seenEnd > rowsEnd) {
      const around = await input.around(cursor.seenEnd)
      if (around.before !== undefined) return around.after === undefined ? 'none' : 'more'
      // Only its unfinished line was cut off, perhaps.
      cursor.seenEnd = cursor.offset
    }
    if (isKept) return rowsEnd > cursor.offset || isFollowed || rowsEnd === 0 ? 'more' : 'none'
  }
  file.headCheckedAtMs = Number.NEGATIVE_INFINITY
  await identify(file, input, look)
  // Another file, or an empty one: its cursor is to be found first.
  if (file.cursor === null) return 'more'
  look.lose(file, 'shortened', await input.size())
  file.cursor = cursorAt()
  file.extent = unseen()
  file.tail = null
  file.size = -1
  if (file.restartedFrom !== cursor.offset) {
    look.log.warn(
      'A log file is shorter than what was read of it, or was changed; it is read again from its start',
      { file: file.path, offset: cursor.offset },
    )
  }
  file.restartedFrom = cursor.offset
  return 'again'
}

/** False when a file that was not read to its end is shorter now than it was. */
async function reachesOpenSize({ extent }: TrackedFile, input: FileInput): Promise<boolean> {
  return extent.openSize <= extent.rowsEnd || (await input.around(extent.openSize)).before !== undefined
}

/** Whether a file still has the rows up to `rowsEnd`, as far as their last bytes tell, and goes on behind them. */
async function lookAtEnd(
  file: TrackedFile,
  input: FileInput,
  rowsEnd: number,
): Promise<{ readonly isKept: boolean; readonly isFollowed: boolean }> {
  const length = Math.min(tailBytes, rowsEnd)
  const bytes = Buffer.alloc(length + 1)
  const read = await input.read(bytes, rowsEnd - length)
  const text = bytes.toString('latin1', 0, length)
  const known = file.tail?.end === rowsEnd ? file.tail.text : text
  const isKept = read >= length && (length === 0 || bytes[length - 1] === lineFeed) && text.endsWith(known)
  // After a start it is not known what was read up to here: from now on it is.
  if (isKept && length > 0) file.tail = { end: rowsEnd, text }
  return { isKept, isFollowed: read > length }
}
