/** Which content stands under a name: told by the head of the file, and by the end of what was read of it. */
import type { Log } from '../../flow/log.ts'
import type { FileInput } from '../bytes/byte-input.ts'
import { headBytes, parseHead } from '../bytes/head.ts'
import { tailBytes } from './content.ts'
import type { Identity, TrackedFile } from './tracked-file.ts'

const lineFeed = 0x0a

/** What was found. */
interface Identified {
  readonly identity: Identity | null
  /** All of the file, if that was no longer than a head and was read at once. */
  readonly whole: Buffer | null
}

/**
 * Reads the head when it is not known, or was not compared for a while; null when it was. A file copied over with other
 * content is another file, read from its own position: then the caller says what is lost of the old one, and calls
 * `replaceContent`.
 */
export async function identify(
  file: TrackedFile,
  input: FileInput,
  headCheckMs: number,
  log: Log,
): Promise<Identified> {
  const nowMs = performance.now()
  if (!file.needsHead(nowMs, headCheckMs)) return { identity: null, whole: null }
  const bytes = Buffer.allocUnsafe(headBytes)
  const length = await input.read(bytes, 0)
  const head = parseHead(bytes.subarray(0, length), length === headBytes)
  const identity = file.identify(head, length, nowMs)
  if (identity === 'same' && head?.refusal) file.refuse(head.refusal, log)
  return {
    identity,
    whole: length < headBytes && length === input.openSize ? bytes.subarray(0, length) : null,
  }
}

/** From now on the file is another one. */
export function replaceContent(file: TrackedFile, log: Log): void {
  file.replace()
  log.warn('A log file was replaced by another one of the same name, which is read on its own', {
    file: file.path,
  })
  if (file.head?.refusal) file.refuse(file.head.refusal, log)
}

/** What a file opened again has; `changed`: what was read of it is not there any more. */
export type News = 'none' | 'more' | 'changed'

/**
 * Compares a file that was just opened again with last time. The bytes before the end known so far are read
 * along: if they are gone, or others, or end no line any more, the content has changed.
 */
export async function newsOf(file: TrackedFile, input: FileInput): Promise<News> {
  const { cursor, extent } = file.content
  if (cursor === null) return 'more'
  const rowsEnd = Math.max(cursor.offset, extent.rowsEnd)
  if (!(await reachesOpenSize(file, input))) return 'changed'
  const { isKept, isFollowed } = await lookAtEnd(file, input, rowsEnd)
  if (!isKept) return 'changed'
  if (cursor.seenEnd > rowsEnd) {
    const around = await input.around(cursor.seenEnd)
    // A line end there now: its zeros were filled in, as of a copy that has its whole size first.
    if (around.before !== undefined && around.before !== lineFeed)
      return around.after === undefined ? 'none' : 'more'
    file.content.forgetUnfinishedLine()
  }
  return rowsEnd > cursor.offset || isFollowed || rowsEnd === 0 ? 'more' : 'none'
}

/** False when a file that was not read to its end is shorter now than it was. */
async function reachesOpenSize({ content }: TrackedFile, input: FileInput): Promise<boolean> {
  const { openSize, rowsEnd } = content.extent
  return openSize === null || openSize <= rowsEnd || (await input.around(openSize)).before !== undefined
}

/** Whether a file still has the rows up to `rowsEnd`, as far as their last bytes tell, and goes on behind them. */
async function lookAtEnd(
  { content }: TrackedFile,
  input: FileInput,
  rowsEnd: number,
): Promise<{ readonly isKept: boolean; readonly isFollowed: boolean }> {
  const length = Math.min(tailBytes, rowsEnd)
  const bytes = Buffer.alloc(length + 1)
  const read = await input.read(bytes, rowsEnd - length)
  const text = bytes.toString('latin1', 0, length)
  const known = content.tail?.end === rowsEnd ? content.tail.text : text
  const isKept = read >= length && (length === 0 || bytes[length - 1] === lineFeed) && text.endsWith(known)
  // After a start it is not known what was read up to here: from now on it is.
  if (isKept && length > 0) content.knowTail(rowsEnd, text)
  return { isKept, isFollowed: read > length }
}
