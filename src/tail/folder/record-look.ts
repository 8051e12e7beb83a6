/** Single records read off a log, for their time and their server: a few kilobytes, whatever the log holds. */

import { parseEventTime } from '../../records/event-time.ts'
import { FileInput } from '../bytes/byte-input.ts'
import { headerLinesEnd, parseHeader } from '../bytes/header.ts'
import type { Lane } from './lanes.ts'

/** What was found of a record. */
export interface FoundRecord {
  /** Its date-time, as the log says. */
  readonly atMs: number
  /** Name of the server that wrote it; null when it is not known. */
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

/** The last record of a log; null when there is none in its last kilobytes. Rejects with the system's error. */
export function newestRecordOf(lane: Lane, { path, size }: Log): Promise<FoundRecord | null> {
  return withInput(lane, path, async (input) => {
    const lines = linesOf(await read(input, Math.max(0, size - lookBytes), lookBytes))
    // The last line is not at its end yet, or empty.
    return firstFound(lines.slice(0, -1).reverse(), await serverColumn(input))
  })
}

/** The first record behind an offset, which is that of a line. */
export function recordFrom(lane: Lane, { path }: Log, offset: number): Promise<FoundRecord | null> {
  return withInput(lane, path, async (input) => {
    const lines = linesOf(await read(input, offset, lookBytes))
    return firstFound(lines, await serverColumn(input))
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

/** Where the name of the server stands in a row; -1 when that is not known. */
async function serverColumn(input: FileInput): Promise<number> {
  const head = await read(input, 0, headBytes)
  const { layout } = parseHeader(head.subarray(0, headerLinesEnd(head)))
  return layout?.columns.findIndex((column) => column.toLowerCase() === 'server-hostname') ?? -1
}

function firstFound(lines: readonly string[], column: number): FoundRecord | null {
  for (const line of lines) {
    if (line.charCodeAt(timeBytes) !== 0x2c) continue
    const atMs = parseEventTime(Buffer.from(line.slice(0, timeBytes), 'latin1'), 0, timeBytes)
    if (!Number.isNaN(atMs)) return { atMs, server: serverIn(line, column) }
  }
  return null
}

/** Null where a field before it is quoted: the name is for people, and the next record has it. */
function serverIn(line: string, column: number): string | null {
  if (column < 0) return null
  const fields = line.split(',', column + 1)
  const server = fields[column] ?? ''
  const isPlain = !fields.some((field) => field.includes('"'))
  return isPlain && server !== '' && server.length <= longestServer ? server : null
}

function linesOf(bytes: Buffer): readonly string[] {
  return bytes.toString('latin1').split('\n')
}
