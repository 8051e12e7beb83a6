/** Finds the record that stands in one line of a log. */
import { addAbortSignal } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Chunk, Malformed } from '../../flow/chunk.ts'
import type { Records } from '../../flow/records.ts'
import type { ExportSettings } from '../../formats/exports.ts'
import type { Place } from '../../mistakes/place.ts'
import { ExitCode, ProblemsError } from '../../mistakes/problem.ts'
import { createParser } from '../../parse/parser.ts'
import { unreadable } from '../inputs/find-inputs.ts'
import { asWritten, decodedText, STDIN, type Text, textOf } from '../inputs/texts.ts'

const LF = 0x0a

export interface OneRecord extends LineSpan {
  readonly records: Records
  readonly row: number
}

/** Byte offsets of a line, and of the end of its line end. */
export interface LineSpan {
  readonly start: number
  readonly end: number
  /** False where its line end is not there yet. */
  readonly isWhole: boolean
}

/** Tells what became of a line that is no record, for who is told that it is none. */
export type OfMalformed = (line: LineSpan, reason: string) => Promise<string>

/**
 * The record in `line` (from 1; the first record without one). Throws a `ProblemsError` when it is none, or
 * when `stop` aborts before standard input has ended.
 */
export async function findRecord(
  file: string,
  line: number | undefined,
  stop: AbortSignal,
  exports: ExportSettings = asWritten,
  ofMalformed: OfMalformed = async () => '',
): Promise<OneRecord> {
  const name = file === STDIN ? 'standard input' : file
  const where = line === undefined ? { file: name } : { file: name, line }
  try {
    const text = file === STDIN ? await standardInput(stop, exports) : textOf(file, stop, exports)
    const target = line === undefined ? undefined : await lineAt(text, line, where)
    const found = await recordIn(text.chunks({ oneByOne: line !== undefined }), target)
    if (!('reason' in found)) return found
    const { reason, malformed } = found
    throw problem(where, malformed === undefined ? reason : `${reason}${await ofMalformed(...malformed)}`)
  } catch (error) {
    if (stop.aborted) throw new ProblemsError([{ where, message: 'stopped' }], ExitCode.unfinished)
    if (error instanceof ProblemsError) throw new ProblemsError(error.problems, ExitCode.failed)
    throw new ProblemsError([unreadable(name, error)], ExitCode.failed)
  }
}

/** Read whole, since it is looked at twice. */
async function standardInput(stop: AbortSignal, exports: ExportSettings): Promise<Text> {
  const bytes = await buffer(addAbortSignal(stop, process.stdin))
  const pieces = async function* () {
    yield bytes
  }
  return decodedText('standard input', pieces, exports)
}

async function recordIn(
  chunks: AsyncIterable<Chunk>,
  target: LineSpan | undefined,
): Promise<OneRecord | { readonly reason: string; readonly malformed?: Parameters<OfMalformed> }> {
  const parse = createParser()
  let firstMalformed: Malformed | undefined
  for await (const chunk of chunks) {
    if (target !== undefined && chunk.end <= target.start) continue
    const { runs, malformed } = parse(chunk)
    for (const records of runs) {
      const row = target === undefined ? 0 : rowIn(records, chunk.start, target)
      if (row >= 0) return { records, row, ...(target ?? lineOf(records, row, chunk.start)) }
    }
    firstMalformed ??= malformed.find(({ offset }) => target === undefined || isIn(target, offset))
    if (target !== undefined) break
  }
  if (firstMalformed !== undefined) {
    const { reason, offset, line } = firstMalformed
    const end = offset + line.byteLength + 1
    return {
      reason: `malformed line: ${reason}`,
      malformed: [target ?? { start: offset, end, isWhole: true }, reason],
    }
  }
  return {
    reason:
      target === undefined ? 'no record in this log' : 'no record in this line: it is a header line or empty',
  }
}

/** Where the line of a row stands that begins so far behind `base`. */
function lineOf({ bytes, rowStarts, rowEnds }: Records, row: number, base: number): LineSpan {
  const start = rowStarts[row] as number
  const last = rowEnds[row] as number
  const feed = bytes.indexOf(LF, last)
  return { start: base + start, end: base + (feed < 0 ? last : feed + 1), isWhole: feed >= 0 }
}

/** Index of the row that stands in the line, -1 without one. A byte order mark may come before it. */
function rowIn({ rowStarts }: Records, chunkStart: number, line: LineSpan): number {
  return rowStarts.findIndex((start) => isIn(line, chunkStart + start))
}

function isIn({ start, end }: Pick<LineSpan, 'start' | 'end'>, offset: number): boolean {
  return offset >= start && offset < end
}

/** Where the line with this number stands. */
async function lineAt(text: Text, line: number, where: Place): Promise<LineSpan> {
  let current = 1
  let start = 0
  let length = 0
  for await (const bytes of text.pieces()) {
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      const end = length + at + 1
      if (current === line) return { start, end, isWhole: true }
      current++
      start = end
    }
    length += bytes.length
  }
  if (current === line && length > start) return { start, end: length, isWhole: false }
  const lines = length > start ? current : current - 1
  throw problem(where, line < 1 ? 'lines are counted from 1' : `there are only ${lines} lines`)
}

function problem(where: Place, message: string): ProblemsError {
  return new ProblemsError(
    [{ where, message, remedy: 'give the line of a record, as FILE:LINE' }],
    ExitCode.failed,
  )
}
