/** Small tracking logs in a temporary folder, and what a source reads of them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Chunk, Position, Positions } from '../../../src/flow/chunk.ts'
import type { Loss } from '../../../src/flow/events.ts'
import type { Log } from '../../../src/flow/log.ts'
import { createPace, type Pace } from '../../../src/tail/folder/pace.ts'
import type { SourceOptions } from '../../../src/tail/options.ts'
import { createSource, type FolderSource } from '../../../src/tail/source.ts'

/** A folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'msgtrk-tail-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A header block of three columns; `date` is its `#Date`. */
export function header(date: string, end = '\r\n'): string {
  return [
    '#Software: Microsoft Exchange Server',
    '#Version: 15.01.2507.006',
    '#Log-type: Message Tracking Log',
    `#Date: ${date}`,
    '#Fields: date-time,Client-IP, source',
    '',
  ].join(end)
}

/** A row of the hour: `row(3, 'x')` is a quarter to the point: minute 3, text x. */
export function row(minute: number, text: string, end = '\r\n'): string {
  return `2026-11-20T14:${String(minute).padStart(2, '0')}:00.000Z,10.0.0.1,${text}${end}`
}

export const date = '2026-11-20T14:00:00.000Z'

/** A log that remembers what was said at which level. */
export function memoryLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  const at = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`)
  }
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Options of a source called EX01. */
export function sourceOf(folder: string, more: Partial<SourceOptions> = {}): SourceOptions {
  return { name: 'EX01', folder, pattern: 'MSGTRK*.LOG', startAt: 'beginning', ...more }
}

/** What is left of a chunk once the next one is asked for. */
export interface Read extends Omit<Chunk, 'bytes'> {
  readonly text: string
}

/** Copies a chunk, whatever read it came of. */
export function copied({ bytes, read: _, ...rest }: Chunk): Read {
  return { ...rest, text: bytes.toString('latin1') }
}

/** All chunks there are, each copied before the next one is asked for. */
export async function all(chunks: AsyncIterable<Chunk>): Promise<Read[]> {
  const read: Read[] = []
  for await (const chunk of chunks) read.push(copied(chunk))
  return read
}

/** A hundred times as fast as usual: what takes seconds there is there at once. */
export const quickPace = createPace(0.01)

/** A source that reads once, with its log and what it reports as lost. */
export function onceSource(
  sources: readonly SourceOptions[],
  limits: { chunkBytes?: number; maxLineBytes?: number; byTime?: boolean } = {},
): { source: FolderSource; log: ReturnType<typeof memoryLog>; losses: Loss[] } {
  const log = memoryLog()
  const losses: Loss[] = []
  const onLoss = (loss: Loss) => void losses.push(loss)
  // Nobody writes to logs any more that were just found.
  const pace = { ...quickPace, livelyMs: 0, unseenMs: Number.POSITIVE_INFINITY }
  return {
    source: createSource({ sources, follow: false, log, events: { lost: onLoss }, ...limits }, pace),
    log,
    losses,
  }
}

/** A source that follows. `start` begins a reading; its `take` waits until so many rows have come. */
export function following(
  sources: readonly SourceOptions[],
  { chunkBytes = 4096, pace = quickPace }: { chunkBytes?: number; pace?: Pace } = {},
) {
  const log = memoryLog()
  const losses: Loss[] = []
  const onLoss = (loss: Loss) => void losses.push(loss)
  const source = createSource({ sources, follow: true, log, events: { lost: onLoss }, chunkBytes }, pace)
  const start = (from: Positions = new Map()) => {
    const stop = new AbortController()
    const chunks = source.read(from, stop.signal)[Symbol.asyncIterator]()
    // One that waits for its reader does not hear of an abort: its watches would stay.
    onTestFinished(async () => {
      stop.abort()
      await chunks.return?.()
    })
    const take = async (rows: number): Promise<Read[]> => {
      const read: Read[] = []
      while (texts(read).length < rows) {
        const next: IteratorResult<Chunk> = await chunks.next()
        if (next.done) break
        read.push(copied(next.value))
      }
      return read
    }
    /** Ends the reading, as a rewind does. */
    const end = async (): Promise<void> => {
      stop.abort()
      await chunks.next()
    }
    return { chunks, take, stop, end }
  }
  return { log, losses, start, source }
}

/** Reads all there is from `from` on. */
export function readOnce(source: FolderSource, from: Positions = new Map()): Promise<Read[]> {
  return all(source.read(from, new AbortController().signal))
}

/** The positions after these chunks. */
export function positionsAfter(chunks: readonly Read[], from: Positions = new Map()): Map<string, Position> {
  const positions = new Map(from)
  for (const { file, end, header: block } of chunks) {
    positions.set(file.id, { fileId: file.id, offset: end, header: block })
  }
  return positions
}

/** The third columns of all rows, in the order they came. */
export function texts(chunks: readonly Read[]): string[] {
  return chunks.flatMap(({ text }) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace('\r', '').split(',')[2] ?? line),
  )
}
