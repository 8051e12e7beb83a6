/** Chunk → records and malformed lines. Pure: keeps nothing between chunks but its buffers. */
import { isUtf8 } from 'node:buffer'
import type { Chunk, Layout, Malformed } from '../flow/chunk.ts'
import type { PartLimits, PartParser } from '../flow/in-parts.ts'
import type { Parsed, Parser } from '../flow/records.ts'
import { WorkMemory } from '../hot-loop/memory.ts'
import { counted } from '../mistakes/counted.ts'
import { columnIndex, knownColumns } from '../records/layouts.ts'
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

const QUOTE = 0x22
const COMMA = 0x2c
const HASH = 0x23

/** What an unusual row costs beside a usual one, and how much of a part may be unusual: it must not take long. */
const ODD_COST = 1
const IRREGULAR_COST = 3
const MOST_COST = 2048

/** Creates a parser that works in `memory`: what it returns is valid until it is called again. */
export function createParser(memory = new WorkMemory()): Parser {
  const table = new RowTable(memory)
  const all = { rows: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }
  return (chunk) => {
    const [parsed] = parts(table, chunk, all, Number.POSITIVE_INFINITY)
    return parsed as Parsed
  }
}

/** As `createParser`, in parts: the bytes of the chunk are needed until the first one is there. */
export function createPartParser(memory = new WorkMemory()): PartParser {
  const table = new RowTable(memory)
  return (chunk, limits) => parts(table, chunk, limits, MOST_COST)
}

function* parts(table: RowTable, chunk: Chunk, limits: PartLimits, mostCost: number): Generator<Parsed> {
  const validUtf8 = isUtf8(chunk.bytes)
  table.load(chunk.bytes)
  let known = chunk.malformed
  do {
    yield parsePart(table, chunk, { limits, mostCost, validUtf8, known })
    known = []
  } while (!table.isDone)
}

interface Part {
  readonly limits: PartLimits
  readonly mostCost: number
  readonly validUtf8: boolean
  /** Malformed lines that belong to it from the beginning. */
  readonly known: readonly Malformed[]
}

function parsePart(table: RowTable, chunk: Chunk, { limits, mostCost, validUtf8, known }: Part): Parsed {
  const { file } = chunk
  const malformed: Malformed[] = [...known]
  let layout = chunk.layout
  let timeColumn = timeColumnOf(layout)
  let cost = 0
  /** Of the last row with another number of columns: made for each anew, hundreds of thousands would be in memory. */
  let another = { count: -1, reason: '' }

  /** A row that is not what the current layout expects: of another layout, irregular, or malformed. */
  const take = ({ start, end, fields: found }: OddRow): 'taken' | 'again' => {
    const row = table.bytes(start, end)
    // No time begins one, so the loop takes none for a row.
    if (chunk.hasHeaderLines && isHeaderLine(row) && table.beginsLine(start)) {
      cost += ODD_COST
      return 'taken'
    }
    const text = chunk.layout === null || timeColumn === 0 ? start + beginOf(row) : start
    if (text > start) {
      table.goBackTo(text)
      return 'again'
    }
    cost += found < 0 ? IRREGULAR_COST : ODD_COST
    const irregular = found < 0 ? parseIrregularRow(row) : undefined
    const count = irregular?.fields?.length ?? found
    const fitting = layoutFor(chunk.layout, count)
    let reason = ''
    if (irregular?.fields === null) reason = irregular.reason
    else if (fitting === undefined) {
      if (count !== another.count) another = { count, reason: mismatch(chunk.layout, count) }
      reason = another.reason
    } else if (irregular) {
      const time = irregular.fields[timeColumnOf(fitting)]
      if (time !== undefined && !isTime(Buffer.from(time, 'latin1'))) reason = whyNoTime(time)
    } else if (fitting.columns === layout?.columns) {
      // The loop leaves a row of this many fields only for its time.
      reason = whyNoTime(timeOf(row, timeColumn))
    }
    if (fitting === undefined || reason !== '') {
      malformed.push({ path: file.path, offset: chunk.start + start, reason, line: Buffer.from(row) })
      return 'taken'
    }
    if (fitting.columns !== layout?.columns) {
      if (layout !== null) table.endRun(layout)
      layout = fitting
      timeColumn = timeColumnOf(layout)
    }
    if (irregular?.fields) {
      table.append(start, end, irregular.fields)
      return 'taken'
    }
    table.goBackTo(start)
    return 'again'
  }

  table.beginPart(limits)
  const next = () => table.split(layout?.columns.length ?? 0, timeColumn)
  for (let odd = next(); odd !== null; odd = next()) {
    // A part ends where a line does.
    if (take(odd) === 'taken' && cost >= mostCost) break
  }
  if (layout !== null) table.endRun(layout)
  const end = table.isDone ? chunk.end : chunk.start + table.end
  return { runs: table.runs({ source: file.source, validUtf8 }), malformed, end }
}

function isHeaderLine(line: Buffer): boolean {
  const at = line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? 3 : 0
  return line[at] === HASH
}

/**
 * Where the text of a row begins: behind NULs, which a file system may leave where a crash kept it from writing, and
 * behind the byte order mark of a file that was appended to another. The end when there is no text.
 */
function beginOf(row: Buffer): number {
  let at = 0
  for (;;) {
    if (row[at] === 0) at++
    else if (row[at] === 0xef && row[at + 1] === 0xbb && row[at + 2] === 0xbf) at += 3
    else return at
  }
}

function timeColumnOf(layout: Layout | null): number {
  return layout === null ? -1 : columnIndex(layout, 'date-time')
}

/** The text of a field of a row without stray quotes. */
function timeOf(row: Buffer, column: number): string {
  if (column === 0 && row[0] !== QUOTE) return row.toString('latin1', 0, row.indexOf(COMMA))
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
    ? `no header in reach, and no known layout has ${counted(count, 'column')}`
    : `${counted(count, 'column')}, the header names ${header.columns.length}`
}
