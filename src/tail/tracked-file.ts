/** What is known of one file of a followed folder. Kept from one reading to the next. */
import { join } from 'node:path'
import type { Log, LogFile } from '../types.ts'
import type { FileInput } from './byte-input.ts'
import { type Cursor, cursorAt } from './chunk-cutter.ts'
import type { FileOrder } from './file-order.ts'
import { type Head, headBytes, parseHead } from './head.ts'
import type { Refusal } from './header.ts'
import { headCheckMs } from './pace.ts'

/** One file under one name. All times are of `performance.now()`: the clock of the machine may jump. */
export interface TrackedFile {
  readonly name: string
  readonly path: string
  readonly order: FileOrder
  readonly source: string
  head: Head | null
  headCheckedAtMs: number
  /** Null until the head is there: without one whole line a file has no identity and is not read. */
  log: LogFile | null
  /** How far this reading is; null before it came to the file. */
  cursor: Cursor | null
  /** Rows before this date-time are passed over (`startAt`). */
  seek: string | null
  /** Open while more is to be read at once. */
  input: FileInput | null
  /** Offset at which all was read, -1 while something is unread as far as known. */
  restingAt: number
  dueAtMs: number
  lookedAtMs: number
  grewAtMs: number
  /** `passed`: all its rows are before `startAt`. */
  condition: 'readable' | 'unreadable' | 'refused' | 'passed'
  failures: number
  /** Offset from which it last had to be read again, so that this is said once. */
  restartedFrom: number
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
    dueAtMs: 0,
    lookedAtMs: Number.NEGATIVE_INFINITY,
    grewAtMs,
    condition: 'readable',
    failures: 0,
    restartedFrom: -1,
  }
}

/**
 * Reads the head when it is not known, or was not compared for a while: a file copied over with other
 * content is another file, read from its own position. Afterwards `head` and `log` are up to date.
 */
export async function identify(file: TrackedFile, input: FileInput, nowMs: number, log: Log): Promise<void> {
  if (file.head !== null && nowMs - file.headCheckedAtMs < headCheckMs) return
  const bytes = Buffer.allocUnsafe(headBytes)
  const length = await input.read(bytes, 0)
  const head = parseHead(bytes.subarray(0, length), length === headBytes)
  file.headCheckedAtMs = nowMs
  if (file.head !== null && file.head.stamp !== head?.stamp) forgetContent(file, head, log)
  file.head = head
  if (head?.refusal) refuseFile(file, head.refusal, log)
  const id = head === null ? null : `${file.source}/${file.name}#${head.stamp}`
  if (file.log?.id !== id) file.log = id === null ? null : { id, source: file.source, path: file.path }
}

function forgetContent(file: TrackedFile, head: Head | null, log: Log): void {
  file.cursor = null
  file.seek = null
  file.condition = 'readable'
  // A file just emptied is nothing to tell: what it will be is not known yet.
  if (head === null) return
  log.info('A log file was replaced by another one of the same name, which is read on its own', {
    file: file.path,
  })
}

/** Says once that the file is not read, and why. */
export function refuseFile(file: TrackedFile, refusal: Refusal, log: Log): void {
  if (file.condition === 'refused') return
  file.condition = 'refused'
  log.error(`A file is not read: ${refusal.message}`, { file: file.path, remedy: refusal.remedy })
}

/**
 * Whether a file that was just opened again has more than last time. The byte before the position is read
 * along: if it is gone, or ends no line any more, the content has changed. Then the file is identified anew,
 * and if it is still the same one, all of it is read again: too much rather than too little.
 */
export async function hasNews(
  file: TrackedFile,
  input: FileInput,
  nowMs: number,
  log: Log,
): Promise<boolean> {
  const { cursor } = file
  if (cursor === null || cursor.seenEnd === 0) return true
  let around = await input.around(cursor.seenEnd)
  if (around.before === undefined && cursor.offset < cursor.seenEnd) {
    // Only its unfinished line was cut off, perhaps.
    cursor.seenEnd = cursor.offset
    if (cursor.offset === 0) return true
    around = await input.around(cursor.offset)
  }
  const isBeforeGone = around.before === undefined
  const isNoLineEnd = cursor.seenEnd === cursor.offset && around.before !== 0x0a
  if (!isBeforeGone && !isNoLineEnd) return around.after !== undefined
  file.headCheckedAtMs = Number.NEGATIVE_INFINITY
  await identify(file, input, nowMs, log)
  // Another file: its cursor is to be found first.
  if (file.cursor === null) return true
  file.cursor = cursorAt()
  if (file.restartedFrom !== cursor.offset) {
    log.warn(
      'A log file is shorter than what was read of it, or was changed; it is read again from its start',
      {
        file: file.path,
        offset: cursor.offset,
      },
    )
  }
  file.restartedFrom = cursor.offset
  return true
}
