/** Where reading of a file begins. */
import type { Chunk, Position, Positions } from '../../flow/chunk.ts'
import { FileInput } from '../bytes/byte-input.ts'
import { type Cursor, cursorAt } from '../bytes/cut.ts'
import { headBytes, parseHead } from '../bytes/head.ts'
import type { Folder } from '../folder/folder.ts'
import type { Lane } from '../folder/lanes.ts'
import type { SourceOptions } from '../options.ts'
import type { Content } from './content.ts'
import { endingMark, type KnownIds } from './known-ids.ts'
import type { TrackedFile } from './tracked-file.ts'

/**
 * Positions of pseudo-files that say where the reading of a source began. `startAt` counts until the first of its
 * positions is settled; from then on these do, since a change would hold for some files and not for others.
 */
export function begunMark(source: string, begun: 'at the end' | 'ending' | Date): Position {
  const name = begun === 'at the end' ? '' : begun === 'ending' ? endingMark : begun.toISOString()
  return { fileId: `${source}/${name}`, offset: 0, header: -1 }
}

/** The mark of a source that begins at a time and has no positions yet. */
export function* beginAtTime(
  { name, folder, startAt }: SourceOptions,
  { begun }: KnownIds,
): Generator<Chunk> {
  if (begun !== null || startAt === 'beginning' || startAt === 'end') return
  yield emptyChunk(name, folder, begunMark(name, new Date(startAt)))
}

/**
 * Where to begin with an identified file: at its position, else where `startAt` says. Sets `seek` when rows
 * are to be passed over; null when the whole file is.
 */
export async function startCursor(
  folder: Folder,
  file: TrackedFile,
  reached: Positions,
  startAt: string,
): Promise<Cursor | null> {
  const id = file.id ?? ''
  const position = reached.get(id)
  if (position !== undefined) return cursorAt(position.offset, position.header)
  if (startAt === 'beginning' || startAt === 'end') return cursorAt()
  const from = new Date(startAt).toISOString()
  if ((file.head?.stamp ?? '') >= from) return cursorAt()
  const next = folder.files.after(file)
  if (next !== undefined && (await stampOf(next, folder.lane)) <= from) return null
  file.content.seekFrom(from)
  return cursorAt()
}

/** Where reading goes on after a chunk. */
export function placeAfter({ file, end, header }: Chunk): Position {
  return { fileId: file.id, offset: end, header }
}

/** A chunk that only moves a position: it holds no row, so it needs no layout. */
export function emptyChunk(source: string, path: string, { fileId, offset, header }: Position): Chunk {
  const file = { id: fileId, source, path }
  return { file, layout: null, header, start: offset, end: offset, bytes: Buffer.alloc(0), malformed: [] }
}

/** Leaves out the rows before the `seek` of the content; null when that is all of them. */
export function passOver(chunk: Chunk, content: Content): Chunk | null {
  if (content.seek === null) return chunk
  const at = seekRow(chunk.bytes, content.seek)
  content.passTo(at < 0 ? chunk.end : chunk.start + at, at >= 0)
  if (at < 0) return null
  return { ...chunk, start: chunk.start + at, bytes: chunk.bytes.subarray(at) }
}

/** Offset of the first row whose date-time is `from` or later, -1 without one. */
function seekRow(rows: Buffer, from: string): number {
  for (let at = 0; at < rows.length; ) {
    const text = rows.toString('latin1', at, at + from.length)
    // Only a time counts: any letter would compare as later than a digit.
    if (text >= from && text < ':') return at
    const end = rows.indexOf('\n', at)
    if (end < 0) break
    at = end + 1
  }
  return -1
}

/** First date of a file that may not have been looked at yet; one that can't be told is later than any. */
async function stampOf(file: TrackedFile, lane: Lane): Promise<string> {
  if (file.head !== null) return file.head.stamp
  const unknown = '~'
  try {
    const input = await FileInput.open(file.path, lane)
    try {
      const bytes = Buffer.allocUnsafe(headBytes)
      const length = await input.read(bytes, 0)
      return parseHead(bytes.subarray(0, length), length === headBytes)?.stamp ?? unknown
    } finally {
      await input.close()
    }
  } catch {
    return unknown // its own turn reports what is wrong with it
  }
}
