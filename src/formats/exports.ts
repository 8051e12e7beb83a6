/**
 * Exports of tracking data as rows of a tracking log: those of Get-MessageTrackingLog, of Get-MessageTrace, and the
 * reports of Exchange Online, all by the names of their columns. What a tracking log has no column for is left out, and
 * nothing is put in that the export does not say.
 */

import type { Chunk, Layout, LogFile, Malformed } from '../flow/chunk.ts'
import { counted } from '../mistakes/counted.ts'
import { type Problem, ProblemsError } from '../mistakes/problem.ts'
import { allColumns, type Column } from '../records/layouts.ts'
import { type CsvRecord, csvRecords } from './csv-records.ts'
import type { Pieces } from './decode.ts'
import { type ExportHeader, exportHeader } from './export-columns.ts'
import { valuesOf } from './export-row.ts'
import { type DateOrder, ExportTimes } from './export-time.ts'
import { utc, type Zone } from './zone.ts'

/** What a person has to say of an export where it does not say it itself. */
export interface ExportSettings {
  /** Whether the day or the month comes first in dates; null: only where a date tells. */
  readonly dates: DateOrder | null
  /** The zone of its times; null: only where it is known. */
  readonly zone: Zone | null
}

export interface ExportOptions extends ExportSettings {
  /** Rows of a chunk; a chunk has one place, so 1 keeps the place of each. */
  readonly chunkRows?: number
}

/** A chunk has no more rows once it is of this size. */
const chunkBytes = 1024 * 1024

/** So many bytes may come before a row tells how its times are to be read. */
const mostUndecidedBytes = 8 * 1024 * 1024

/**
 * The rows of the export `name`. Places in the chunks are those in its text. Throws a ProblemsError when its columns
 * are not known, or when its times can't be read without being told how.
 */
export async function* exportChunks(
  pieces: Pieces,
  name: string,
  options: ExportOptions,
): AsyncGenerator<Chunk> {
  const { header, offset, rest } = await readHeader(pieces, name)
  const { chunkRows = 500 } = options
  const timeIndex = header.columns.indexOf('date-time')
  const isUtc = header.source === 'trace' || header.names[timeIndex]?.toLowerCase().endsWith('utc')
  const times = new ExportTimes({ order: options.dates, zone: isUtc ? utc : options.zone })
  const file: LogFile = { id: name, source: '', path: name }
  const layout = layoutOf(header)
  let waiting: CsvRecord[] = []
  let waitingBytes = 0
  let isDecided = false
  for await (const record of csvRecords(rest, header.delimiter, offset)) {
    waiting.push(record)
    waitingBytes += record.line.length
    if (record.fields !== null) times.learn(text(record.fields[timeIndex]))
    isDecided ||= times.unknown.order === null
    const isFull = waiting.length >= chunkRows || waitingBytes >= chunkBytes
    if (isDecided ? !isFull : waitingBytes < mostUndecidedBytes) continue
    refuseUnknown(times, name)
    yield* chunksOf(waiting)
    waiting = []
    waitingBytes = 0
  }
  refuseUnknown(times, name)
  yield* chunksOf(waiting)

  function* chunksOf(records: readonly CsvRecord[]): Generator<Chunk> {
    for (let at = 0; at < records.length; at += chunkRows) yield chunkOf(records.slice(at, at + chunkRows))
  }

  function chunkOf(records: readonly CsvRecord[]): Chunk {
    const rows: Buffer[] = []
    const malformed: Malformed[] = []
    const reject = ({ start, line }: CsvRecord, reason: string) =>
      malformed.push({ path: name, offset: start, reason, line })
    for (const record of records) {
      const { fields } = record
      if (fields === null) reject(record, 'a quoted field is not closed')
      else if (fields.length !== header.names.length) {
        reject(record, `${counted(fields.length, 'column')}, the header line names ${header.names.length}`)
      } else if (fields[timeIndex] !== header.names[timeIndex]) {
        const time = times.convert(text(fields[timeIndex]))
        if ('reason' in time) reject(record, time.reason)
        else rows.push(rowOf(layout, valuesOf(header, fields).set('date-time', time.time)))
      }
    }
    const [first] = records
    const last = records.at(-1)
    return {
      file,
      layout,
      header: -1,
      start: first?.start ?? 0,
      end: last?.end ?? 0,
      bytes: Buffer.concat(rows),
      malformed,
    }
  }
}

/** The text of a time, whose form may have other characters than ASCII. */
function text(time = ''): string {
  return Buffer.from(time, 'latin1').toString('utf8').trim()
}

/** Columns that a tracking log has, in its order. */
function layoutOf({ columns, source }: ExportHeader): Layout {
  const made: readonly (Column | undefined)[] = source === 'tracking' ? [] : ['event-id', 'recipient-address']
  const names = allColumns.filter((column) => columns.includes(column) || made.includes(column))
  return { columns: names, version: '', header: new Uint8Array(0) }
}

/** A row as Exchange writes it. */
function rowOf({ columns }: Layout, values: ReadonlyMap<string, string>): Buffer {
  const fields = columns.map((column) => {
    const value = (values.get(column) ?? '').replaceAll('\r', '\\r').replaceAll('\n', '\\n')
    return /[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
  })
  return Buffer.from(`${fields.join(',')}\r\n`, 'latin1')
}

/** Reads the header line, behind a byte order mark and the line in which PowerShell names a type. */
async function readHeader(pieces: Pieces, name: string) {
  const iterator = pieces[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  let isEnd = false
  const most = 64 * 1024
  while (head.length < most && !isEnd) {
    const next = await iterator.next()
    if (next.done) isEnd = true
    else head = Buffer.concat([head, next.value])
  }
  const start =
    /^(\u00ef\u00bb\u00bf)?(#TYPE [^\n]*\n)?/i.exec(head.toString('latin1', 0, most))?.[0].length ?? 0
  const end = head.indexOf('\n', start) + 1 || head.length
  const header = exportHeader(head.toString('latin1', start, end).trimEnd())
  if (header === null || !header.columns.includes('date-time')) {
    await iterator.return?.()
    throw new ProblemsError([{ where: { file: name }, ...(header === null ? unknownColumns : noTime) }])
  }
  async function* rest(): AsyncGenerator<Buffer> {
    try {
      yield head.subarray(end)
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return { header, offset: end, rest: rest() }
}

const unknownColumns = {
  message: 'this is an export of PowerShell whose columns are not those of a message trace',
  remedy:
    'export what Get-MessageTrackingLog or Get-MessageTrace give: … | Export-Csv -NoTypeInformation -Encoding UTF8 trace.csv',
}

const noTime = {
  message: 'this is an export without times',
  remedy: 'export it with Timestamp, or with Received for Get-MessageTrace',
}

function refuseUnknown({ unknown: { order, zone } }: ExportTimes, name: string): void {
  const problems: Problem[] = []
  if (order !== null) {
    problems.push({
      where: { file: name },
      message: `nothing in this export tells day from month, as in ${order}`,
      remedy: 'give --export-dates dmy when the day comes first, mdy when the month does',
    })
  }
  if (zone !== null) {
    problems.push({
      where: { file: name },
      message: `this export does not say of which zone its times are, such as ${zone}`,
      remedy:
        'give the zone of the machine it was made on: --export-zone Europe/Berlin, +02:00, local (that of this machine) or utc',
    })
  }
  if (problems.length > 0) throw new ProblemsError(problems)
}
