/** Single records read off a log, for their time and their server: a few kilobytes, whatever the log holds. */

import { parseEventTime } from '../../records/event-time.ts'
import type { Column } from '../../records/layouts.ts'
import { FileInput } from '../bytes/byte-input.ts'
import { headerLinesEnd, parseHeader } from '../bytes/header.ts'
import type { Lane } from './lanes.ts'

/** What was found of a record. */
export interface FoundRecord {
  /** Its date-time, as the log says. */
  readonly atMs: number
  /** Name of the server that writes the log, for the newest record; null when it is not known. */
  readonly server: string | null
}

/** A log and its size. */
interface Log {
  readonly path: string
  readonly size: number
}

const headBytes = 4 * 1024
const lookBytes = 64 * 1024
const timeBytes = 24
/** Longer names are none. */
const longestServer = 255

/** The last record of a log, and who writes there; null when there is none in its last kilobytes. Rejects with the system's error. */
export function newestRecordOf(lane: Lane, { path, size }: Log): Promise<FoundRecord | null> {
  return withInput(lane, path, async (input) => {
    const lines = linesOf(await read(input, Math.max(0, size - lookBytes), lookBytes))
    // The last line is not at its end yet, or empty.
    return firstFound(lines.slice(0, -1).reverse(), await columnsOf(input))
  })
}

/** The first record behind an offset, which is that of a line. */
export function recordFrom(lane: Lane, { path }: Log, offset: number): Promise<FoundRecord | null> {
  return withInput(lane, path, async (input) => {
    return firstFound(linesOf(await read(input, offset, lookBytes)))
  })
}

async function withInput<T>(lane: Lane, path: string, use: (input: FileInput) => Promise<T>): Promise<T> {
  const input = await FileInput.open(path, lane)
  try {
    return await use(input)
  } finally {
    await input.close()
  }
}

async function read(input: FileInput, offset: number, most: number): Promise<Buffer> {
  const bytes = Buffer.alloc(most)
  return bytes.subarray(0, await input.read(bytes, offset))
}

/** Columns that tell who wrote a row; -1 for those that are not there. */
interface Columns {
  readonly event: number
  readonly connector: number
  readonly client: number
  readonly server: number
}

async function columnsOf(input: FileInput): Promise<Columns> {
  const head = await read(input, 0, headBytes)
  const { layout } = parseHeader(head.subarray(0, headerLinesEnd(head)))
  const at = (name: Column) => layout?.columns.indexOf(name) ?? -1
  return {
    event: at('event-id'),
    connector: at('connector-id'),
    client: at('client-hostname'),
    server: at('server-hostname'),
  }
}

/** The first record, with the server that the first of those names that tells one. */
function firstFound(lines: readonly string[], columns?: Columns): FoundRecord | null {
  let firstMs: number | undefined
  for (const line of lines) {
    if (line.charCodeAt(timeBytes) !== 0x2c) continue
    const atMs = parseEventTime(Buffer.from(line.slice(0, timeBytes), 'latin1'), 0, timeBytes)
    if (Number.isNaN(atMs)) continue
    firstMs ??= atMs
    const server = columns === undefined ? null : writerIn(line, columns)
    if (server !== null || columns === undefined) return { atMs: firstMs, server }
  }
  return firstMs === undefined ? null : { atMs: firstMs, server: null }
}

/**
 * Who wrote a row, where that is beyond doubt (see records/writer.ts): the other side calls itself what it likes. Null
 * elsewhere: some other record tells.
 */
function writerIn(line: string, { event, connector, client, server }: Columns): string | null {
  const fields = Array.from(line.matchAll(aField), ([, field = '']) => field)
  const id = fields[event] ?? ''
  const isServer = id === 'RECEIVE' || (fields[connector]?.includes('\\') ?? false)
  const name = fields[id === 'SEND' || id === 'SENDEXTERNAL' ? client : isServer ? server : -1] ?? ''
  return name !== '' && name.length <= longestServer && !name.includes('"') ? name : null
}

/** A field as it stands, with its quotes. */
const aField = /("[^"]*(?:""[^"]*)*"|[^,]*)(?:,|$)/g

function linesOf(bytes: Buffer): readonly string[] {
  return bytes.toString('latin1').split(/\r?\n/)
}
