/** Chunk → records and malformed lines. Pure: keeps nothing between chunks but its buffers. */
import { isUtf8 } from 'node:buffer'
import { knownColumns } from '../layouts.ts'
import type { Chunk, Layout, Malformed, Parsed, Parser } from '../types.ts'
import { WorkMemory } from '../work-memory.ts'
import { parseIrregularRow } from './irregular-row.ts'
import { type OddRow, RowTable } from './row-table.ts'

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

  /** A row that is not what the current layout expects: of another layout, irregular, or malformed. */
  const take = ({ start, end, fields: found }: OddRow) => {
    const irregular = found < 0 ? parseIrregularRow(bytes.subarray(start, end)) : undefined
    const count = irregular?.fields?.length ?? found
    const fitting = layoutFor(chunk.layout, count)
    const reason =
      irregular?.fields === null
        ? irregular.reason
        : fitting === undefined
          ? mismatch(chunk.layout, count)
          : ''
    if (fitting === undefined || reason !== '') {
      const line = Buffer.from(bytes.subarray(start, end))
      malformed.push({ path: file.path, offset: chunk.start + start, reason, line })
      return
    }
    if (fitting.columns !== layout?.columns) {
      if (layout !== null) table.endRun(layout)
      layout = fitting
    }
    if (irregular?.fields) table.append(start, end, irregular.fields)
    else table.goBackTo(start)
  }

  table.load(bytes)
  const next = () => table.split(layout?.columns.length ?? 0)
  for (let odd = next(); odd !== null; odd = next()) take(odd)
  if (layout !== null) table.endRun(layout)
  return { runs: table.runs({ source: file.source, validUtf8: isUtf8(bytes) }), malformed }
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
