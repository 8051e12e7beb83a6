/** Chunk → records and malformed lines. Pure: keeps nothing between chunks but its buffers. */
import { isUtf8 } from 'node:buffer'
import { flagsOf } from '../field-flags.ts'
import { knownColumns } from '../layouts.ts'
import type { Chunk, Layout, Malformed, Parsed, Parser, Records } from '../types.ts'
import { parseIrregularRow } from './irregular-row.ts'
import { RowTable } from './row-table.ts'
import { IRREGULAR, splitRow } from './split-row.ts'

const LF = 0x0a
const CR = 0x0d

/** Layouts for rows without a header in reach, by their number of columns. */
const headerless: ReadonlyMap<number, Layout> = new Map(
  Object.values(knownColumns).map((columns) => [
    columns.length,
    { columns, version: '', header: new Uint8Array(0) },
  ]),
)
const mostColumns = Math.max(...headerless.keys())

/** Creates a parser with buffers of its own: what it returns is valid until it is called again. */
export function createParser(): Parser {
  const table = new RowTable()
  return (chunk) => parseChunk(table, chunk)
}

function parseChunk(table: RowTable, chunk: Chunk): Parsed {
  const { bytes } = chunk
  const { source } = chunk.file
  const validUtf8 = isUtf8(bytes)
  const malformed: Malformed[] = [...chunk.malformed]
  const runs: Records[] = []
  const appended = new AppendedFields(bytes.length)
  let layout = chunk.layout
  table.clear()

  const endRun = () => {
    const run = layout === null ? undefined : table.endRun(layout, { source, bytes, validUtf8 })
    if (run !== undefined) runs.push(run)
  }

  /** A row that is not what the current layout expects: of another layout, irregular, or malformed. */
  const odd = (start: number, end: number, split: number) => {
    const irregular = split === IRREGULAR ? parseIrregularRow(bytes.subarray(start, end)) : undefined
    const count = irregular?.fields?.length ?? split
    const found = layoutFor(chunk.layout, count)
    const reason =
      irregular?.fields === null ? irregular.reason : found === undefined ? mismatch(chunk.layout, count) : ''
    if (found === undefined || reason !== '') {
      const line = Buffer.from(bytes.subarray(start, end))
      malformed.push({ path: chunk.file.path, offset: chunk.start + start, reason, line })
      return
    }
    if (found.columns !== layout?.columns) {
      endRun()
      layout = found
    }
    table.reserve(count)
    if (irregular?.fields) appended.add(table, irregular.fields)
    else splitRow(table, bytes, start, end, count)
    table.keepRow(start, end, count)
  }

  for (let start = 0; start < bytes.length; ) {
    const lineFeed = bytes.indexOf(LF, start)
    const lineEnd = lineFeed < 0 ? bytes.length : lineFeed
    const end = lineEnd > start && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd
    if (end > start) {
      const columns = layout?.columns.length ?? mostColumns
      table.reserve(columns)
      const split = splitRow(table, bytes, start, end, columns)
      if (split === columns && layout !== null) table.keepRow(start, end, columns)
      else odd(start, end, split)
    }
    start = lineEnd + 1
  }
  endRun()
  return { runs: appended.behind(bytes, runs), malformed }
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

/** Fields of irregular rows: their bytes are put behind those of the chunk, so that offsets reach them. */
class AppendedFields {
  #length: number
  readonly #parts: Buffer[] = []

  constructor(chunkLength: number) {
    this.#length = chunkLength
  }

  /** Writes the fields as the next row of `table`. */
  add(table: RowTable, fields: readonly string[]): void {
    fields.forEach((field, index) => {
      const part = Buffer.from(field, 'latin1')
      table.starts[table.nextField + index] = this.#length
      table.ends[table.nextField + index] = this.#length + part.length
      table.flags[table.nextField + index] = flagsOf(part, 0, part.length)
      this.#parts.push(part)
      this.#length += part.length
    })
  }

  /** The runs over the chunk's bytes followed by the appended ones; a copy only if there are any. */
  behind(bytes: Buffer, runs: readonly Records[]): readonly Records[] {
    if (this.#parts.length === 0) return runs
    const all = Buffer.concat([bytes, ...this.#parts])
    return runs.map((run) => ({ ...run, bytes: all }))
  }
}
