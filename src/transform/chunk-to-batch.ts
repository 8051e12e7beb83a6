/**
 * The pure middle of the flow: chunk → records → events → frames, as one batch, or as several where that is much.
 * Whatever the log holds, memory and the time until the next batch are bounded: by the rows that go in, and by what
 * comes out where a row makes several events.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createEncoder, type EncoderOptions } from '../encode/create-encoder.ts'
import type { EncodeRows } from '../encode/encoder.ts'
import type { Batch } from '../flow/batch.ts'
import type { Chunk, Layout, Malformed } from '../flow/chunk.ts'
import type { Batches, Divide, PartLimits, PartParser, Transform } from '../flow/in-parts.ts'
import type { EventPlan, Filter, RewriteInParts } from '../flow/plan.ts'
import type { Parsed, Records } from '../flow/records.ts'
import type { WorkMemory } from '../hot-loop/memory.ts'
import { OriginsRecorder } from './origins.ts'

export interface TransformOptions {
  /** The memory that `parse` works in, too. */
  readonly memory: WorkMemory
  readonly parse: PartParser
  readonly planFor: (layout: Layout) => EventPlan
  /** The filter for a layout; null lets every row pass. */
  readonly filterFor: (layout: Layout) => Filter | null
  /** Counted up by the filter: rows that each of its rules left out. */
  readonly failed?: Uint32Array | undefined
  /** What becomes of the rows that passed, before they are encoded; null for nothing. */
  readonly rewriteFor?: (layout: Layout) => RewriteInParts | null
  /** What makes several of one of them then; null for nothing. */
  readonly divideFor?: (layout: Layout) => Divide | null
  /** How much is made into a batch at a time, where a row takes longer than usual. */
  readonly limits?: PartLimits
  readonly frame: EncoderOptions
  /** Whether batches say where their events come from; false by default. */
  readonly origins?: boolean | undefined
  /** Epoch milliseconds, for syslog headers that carry the send time. */
  readonly now: () => number
}

/** What a layout needs, made once. */
interface LayoutWork {
  readonly encode: EncodeRows
  readonly filter: Filter | null
  readonly rewrite: RewriteInParts | null
  readonly divide: Divide | null
}

const LF = 0x0a

/** What a batch may come to, whatever the log holds: a usual chunk is far from it. */
const MOST_ROWS = 4096
const usualLimits: PartLimits = { rows: MOST_ROWS, bytes: Number.POSITIVE_INFINITY }
/** Of rows that each of its events is made of, where they are several of one row. */
const MOST_DIVIDED_ROWS = 1024
const MOST_DIVIDED_BYTES = 1024 * 1024

/** Creates a transform; a batch's frames are valid until the next one is asked for. */
export function createTransform(options: TransformOptions): Transform {
  const { memory, parse, planFor, filterFor, rewriteFor, divideFor, failed, frame, now } = options
  const { rows: mostRows, bytes: mostBytes } = options.limits ?? usualLimits
  const batch = createEncoder(memory, frame)
  const origins = options.origins ? new OriginsRecorder() : null
  const select = createSelection()
  const works = new WeakMap<EventPlan, LayoutWork>()

  const workFor = (layout: Layout): LayoutWork => {
    const plan = planFor(layout)
    let work = works.get(plan)
    if (work === undefined) {
      work = {
        encode: batch.prepare(plan, layout),
        filter: filterFor(layout),
        rewrite: rewriteFor?.(layout) ?? null,
        divide: divideFor?.(layout) ?? null,
      }
      works.set(plan, work)
    }
    return work
  }

  function* batchesOf(chunk: Chunk, part: Parsed, start: number, mostFrames: number): Generator<Batch> {
    const told = { start, events: 0, filtered: 0, letters: 0 }

    /** What was encoded since the last batch, in which are all of so many events and rows filtered. */
    const batchUpTo = (offset: number, events: number, filtered: number, settledEvents: number): Batch => {
      const { frames, ends, counts, layout } = batch.end()
      const letters = offset === part.end ? part.malformed.length : lettersBefore(part, offset, told.letters)
      const malformed =
        told.letters === 0 && letters === part.malformed.length
          ? part.malformed
          : part.malformed.slice(told.letters, letters)
      const made = {
        start: told.start,
        position: {
          fileId: chunk.file.id,
          offset,
          header: chunk.header,
          ...(settledEvents > 0 && { settledEvents }),
        },
        file: chunk.file,
        frames,
        ends,
        ...(layout !== undefined && { layout }),
        ...(origins !== null && { origins: origins.end() }),
        counts: {
          events: events - told.events,
          filtered: filtered - told.filtered,
          malformed: malformed.length,
          ...(failed !== undefined && filtered > told.filtered && { filteredBy: taken(failed) }),
          ...counts,
        },
        malformed,
      }
      Object.assign(told, { start: offset, events, filtered, letters })
      return made
    }

    const begin = (): void => {
      batch.begin(now(), chunk)
      origins?.begin()
    }
    const encodeWith = (encode: EncodeRows, records: Records, rows: Uint32Array): void => {
      encode(records, rows)
      origins?.add(records, rows, (row) => chunk.start + lineStart(records, row))
    }

    let events = 0
    let filtered = 0
    let layout: Layout | undefined
    begin()
    for (const records of part.runs) {
      const isOther = batch.isByLayout === true && layout !== records.layout
      layout = records.layout
      if (batch.frames > 0 && (isOther || batch.frames + records.count > mostFrames)) {
        yield batchUpTo(chunk.start + lineStart(records, 0), events, filtered, 0)
        begin()
      }
      const { encode, filter, rewrite, divide } = workFor(records.layout)
      const passed = select(records, filter)
      let rewritten = records
      if (rewrite !== null) {
        const start = chunk.start + lineStart(records, 0)
        const settled = start === chunk.start ? (chunk.settledEvents ?? 0) : 0
        const parts = rewrite(records, passed)
        let part = parts.next()
        for (; !part.done; part = parts.next()) {
          yield batchUpTo(start, events, filtered, settled)
          begin()
        }
        rewritten = part.value
      }
      if (divide === null) {
        encodeWith(encode, rewritten, rewrite === null ? passed : select(rewritten, null))
      } else {
        // A selection is used again.
        const rows = Uint32Array.from(passed)
        const taken = rewrite === null ? rows : Uint32Array.from(select(rewritten, null))
        const limits = { rows: Math.min(MOST_DIVIDED_ROWS, mostFrames), bytes: MOST_DIVIDED_BYTES }
        const skip = lineStart(records, rows[0] ?? 0) === 0 ? (chunk.settledEvents ?? 0) : 0
        for (const { records: divided, done, made } of divide(rewritten, taken, limits, skip)) {
          encodeWith(encode, divided, select(divided, null))
          const row = rows[done]
          if (row === undefined) break
          yield batchUpTo(chunk.start + lineStart(records, row), events + done, filtered + row - done, made)
          begin()
        }
      }
      events += passed.length
      filtered += records.count - passed.length
    }
    yield batchUpTo(part.end, events, filtered, 0)
  }

  return function* (chunk, mostFrames = MOST_ROWS) {
    // What was given up is counted when it is read again.
    failed?.fill(0)
    let start = chunk.start
    for (const part of parse(chunk, { rows: Math.min(mostRows, mostFrames), bytes: mostBytes })) {
      yield* batchesOf(chunk, part, start, mostFrames)
      start = part.end
    }
  }
}

/** The counts; they begin anew. */
function taken(failed: Uint32Array): readonly number[] {
  const counts = [...failed]
  failed.fill(0)
  return counts
}

/** Offset in the chunk of the line of a row, whose text may begin later. */
function lineStart({ bytes, rowStarts }: Records, row: number): number {
  let at = rowStarts[row] as number
  while (at > 0 && bytes[at - 1] !== LF) at--
  return at
}

/** How many of the malformed lines stand before this offset, so many of them being known to. */
function lettersBefore({ malformed }: Parsed, offset: number, known: number): number {
  let count = known
  while (count < malformed.length && (malformed[count] as Malformed).offset < offset) count++
  return count
}

/** Transforms each chunk when its batches are asked for; other work gets its turn between them. */
export function inTurn(transform: Transform): Batches {
  return async function* (chunks, mostFrames) {
    for await (const chunk of chunks) yield* givingWay(transform(chunk, mostFrames?.()))
  }
}

/** Batches of one chunk; other work gets its turn between them. */
export async function* givingWay(batches: Iterable<Batch>): AsyncGenerator<Batch> {
  let isFirst = true
  for (const batch of batches) {
    if (!isFirst) await nextTurn()
    isFirst = false
    yield batch
  }
}

/** Nearly always the only one. */
export function firstBatch(batches: Iterable<Batch>): Batch {
  const [first] = batches
  if (first === undefined) throw new TypeError('a chunk gave no batch')
  return first
}

/** What is left of a chunk after its first batch, nearly always nothing: null. `bytes`: those of the chunk. */
export function restOf(chunk: Chunk, bytes: Buffer, { position, malformed }: Batch): Chunk | null {
  const { offset, settledEvents = 0 } = position
  if (offset === chunk.end && settledEvents === 0) return null
  const told = new Set(malformed.map((line) => line.offset))
  return {
    ...chunk,
    start: offset,
    bytes: bytes.subarray(offset - chunk.start),
    malformed: chunk.malformed.filter((line) => !told.has(line.offset)),
    settledEvents,
  }
}

/** Indices of the rows that a filter lets pass, in an array that is used again. */
function createSelection(): (records: Records, filter: Filter | null) => Uint32Array {
  let rows = new Uint32Array(1024)
  return (records, filter) => {
    if (records.count > rows.length) rows = new Uint32Array(records.count * 2)
    let passed = 0
    for (let row = 0; row < records.count; row++) {
      if (filter === null || filter(records, row)) rows[passed++] = row
    }
    return rows.subarray(0, passed)
  }
}
