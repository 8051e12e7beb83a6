/** Chunk → records and malformed lines. Pure: keeps nothing between chunks but its buffers. */
import { isUtf8 } from 'node:buffer'
import { columnIndex, knownColumns } from '../layouts.ts'
import type { Chunk, Layout, Malformed, Parsed, Parser } from '../types.ts'
import { WorkMemory } from '../work-memory.ts'
import { parseIrregularRow } from './irregular-row.ts'
import { type OddRow, RowTable } from './row-table.ts'
import { isTime, whyNoTime } from './row-time.ts'

/** Layouts for rows without a header in reach, by their number of columns. */
const headerless: ReadonlyMap<number, Layout> = new Map(
  Object.values(knownColumns).map((columns) => [
    columns.length,
    { columns, version: '', header: new Uint8Array(0) },
  ]),
)

/** Creates a parser that works in `memory`: what it returns is valid until it is called again. */
export function createParser(memory = new WorkMemory()): Parser {
  const table = new RowTable(memory)
  return (chunk) => parseChunk(table, chunk)
}

function parseChunk(table: RowTable, chunk: Chunk): Parsed {
  const { bytes, file } = chunk
  const malformed: Malformed[] = [...chunk.malformed]
  let layout = chunk.layout
  let timeColumn = timeColumnOf(layout)

  /** A row that is not what the current layout expects: of another layout, irregular, or malformed. */
  const take = ({ start, end, fields: found }: OddRow) => {
    const text = chunk.layout === null || timeColumn === 0 ? beginOf(bytes, start, end) : start
    if (text > start) {
      table.goBackTo(text)
      return
    }
    const irregular = found < 0 ? parseIrregularRow(bytes.subarray(start, end)) : undefined
    const count = irregular?.fields?.length ?? found
    const fitting = layoutFor(chunk.layout, count)
    let reason = ''
    if (irregular?.fields === null) reason = irregular.reason
    else if (fitting === undefined) reason = mismatch(chunk.layout, count)
    else if (irregular) {
      const time = irregular.fields[timeColumnOf(fitting)]
      if (time !== undefined && !isTime(Buffer.from(time, 'latin1'))) reason = whyNoTime(time)
    } else if (fitting.columns === layout?.columns) {
      // The loop leaves a row of this many fields only for its time.
      reason = whyNoTime(timeOf(bytes.subarray(start, end), timeColumn))
    }
    if (fitting === undefined || reason !== '') {
      const line = Buffer.from(bytes.subarray(start, end))
      malformed.push({ path: file.path, offset: chunk.start + start, reason, line })
      return
    }
    if (fitting.columns !== layout?.columns) {
      if (layout !== null) table.endRun(layout)
      layout = fitting
      timeColumn = timeColumnOf(layout)
    }
    if (irregular?.fields) table.append(start, end, irregular.fields)
    else table.goBackTo(start)
  }

  table.load(bytes)
  const next = () => table.split(layout?.columns.length ?? 0, timeColumn)
  for (let odd = next(); odd !== null; odd = next()) take(odd)
  if (layout !== null) table.endRun(layout)
  return { runs: table.runs({ source: file.source, validUtf8: isUtf8(bytes) }), malformed }
}

/**
 * Where the text of a row begins: behind NULs, which a file system may leave where a crash kept it from writing, and
 * behind the byte order mark of a file that was appended to another. The end when there is no text.
 */
function beginOf(bytes: Buffer, start: number, end: number): number {
  let at = start
  for (;;) {
    if (bytes[at] === 0) at++
    else if (bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3
    else return Math.min(at, end)
  }
}

function timeColumnOf(layout: Layout | null): number {
  return layout === null ? -1 : columnIndex(layout, 'date-time')
}

/** The text of a field of a row without stray quotes. */
function timeOf(row: Buffer, column: number): string {
  const { fields } = parseIrregularRow(row)
  return fields?.[column] ?? ''
}

/**
 * The layout of a row with `count` columns: the header's; or a later version's that begins with the header's
 * columns (the server was updated and went on in the same file); or, without a header, the one of that count.
 */
function layoutFor(header: Layout | null, count: number): Layout | undefined {
  if (header === null) return headerless.get(count)
  if (count === header.columns.length) return header
  const later = headerless.get(count)
  if (later === undefined || count < header.columns.length) return undefined
  if (!header.columns.every((name, index) => name === later.columns[index])) return undefined
  return { ...header, columns: later.columns }
}

function mismatch(header: Layout | null, count: number): string {
  return header === null
    ? `no header in reach, and no known layout has ${count} columns`
    : `${count} columns, the header names ${header.columns.length}`
}
