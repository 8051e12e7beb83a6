/**
 * Records of a CSV file with their places, as they come. Lines are put together while a quoted field is open; a quote
 * that is never closed costs its own line and no more.
 */
import { parse } from 'csv-parse/sync'
import type { Pieces } from './decode.ts'

const LF = 0x0a
const CR = 0x0d
const QUOTE = 0x22

/** A record that goes on for longer is none: perhaps a quote in its first line was never closed. */
const mostBytes = 4 * 1024 * 1024

/** One record in latin1, so that each character is a byte; `fields` is null when a quoted field is not closed. */
export interface CsvRecord {
  /** Offsets in the text: of its first byte, and behind its line end. */
  readonly start: number
  readonly end: number
  readonly line: Buffer
  readonly fields: readonly string[] | null
}

/** Splits the text, whose first piece begins at `offset`, into records of this delimiter; empty lines are none. */
export async function* csvRecords(
  pieces: Pieces,
  delimiter: string,
  offset: number,
): AsyncGenerator<CsvRecord> {
  let text: Buffer = Buffer.alloc(0)
  let start = offset
  /** How far `text` was looked through, and whether that is within a quoted field. */
  let looked = 0
  let isOpen = false
  const cut = (end: number, isWhole: boolean): CsvRecord | null => {
    const line = trimmed(Buffer.from(text.subarray(0, end)))
    const fields = isWhole ? fieldsOf(line.toString('latin1'), delimiter) : null
    const record = { start, end: start + end, line, fields }
    text = text.subarray(end)
    start += end
    looked = 0
    isOpen = false
    return record.line.length === 0 ? null : record
  }
  function* whole(isEnd: boolean): Generator<CsvRecord> {
    for (;;) {
      if (looked === 0) {
        const blank = blankLines(text)
        text = text.subarray(blank)
        start += blank
      }
      while (looked < text.length && !(text[looked] === LF && !isOpen)) {
        if (text[looked] === QUOTE) isOpen = !isOpen
        looked++
      }
      const isLineEnd = looked < text.length
      if (!isLineEnd && (isEnd ? text.length === 0 : text.length <= mostBytes)) return
      const isWhole = isLineEnd || (isEnd && !isOpen)
      const firstLine = text.indexOf(LF) + 1 || text.length
      const record = cut(isLineEnd ? looked + 1 : isOpen ? firstLine : text.length, isWhole)
      if (record !== null) yield record
    }
  }
  for await (const piece of pieces) {
    text = Buffer.concat([text, piece])
    yield* whole(false)
  }
  yield* whole(true)
}

/** The fields of a record in latin1; what is quoted in a way of its own is left to csv-parse. */
function fieldsOf(line: string, delimiter: string): readonly string[] | null {
  if (!line.includes('"')) return line.split(delimiter)
  const fields: string[] = []
  for (let at = 0; ; ) {
    const isQuoted = line[at] === '"'
    let end = isQuoted ? at : line.indexOf(delimiter, at)
    if (isQuoted) {
      do end = line.indexOf('"', end + 1) + 1
      while (end > 0 && line[end] === '"')
      if (end === 0) return irregularFields(line, delimiter)
      fields.push(line.slice(at + 1, end - 1).replaceAll('""', '"'))
    } else {
      if (end < 0) end = line.length
      fields.push(line.slice(at, end))
      if (fields.at(-1)?.includes('"')) return irregularFields(line, delimiter)
    }
    if (end === line.length) return fields
    if (line[end] !== delimiter) return irregularFields(line, delimiter)
    at = end + 1
  }
}

function irregularFields(line: string, delimiter: string): readonly string[] | null {
  try {
    const options = { delimiter, relax_quotes: true, relax_column_count: true } as const
    const [fields, ...others]: string[][] = parse(line, options)
    return others.length > 0 ? null : (fields ?? null)
  } catch {
    return null
  }
}

/** How many bytes of empty lines there are at the beginning. */
function blankLines(text: Buffer): number {
  let at = 0
  for (;;) {
    if (text[at] === LF) at++
    else if (text[at] === CR && text[at + 1] === LF) at += 2
    else return at
  }
}

/** Without its line end. */
function trimmed(line: Buffer): Buffer {
  let end = line.length
  while (end > 0 && (line[end - 1] === LF || line[end - 1] === 0x0d)) end--
  return line.subarray(0, end)
}
