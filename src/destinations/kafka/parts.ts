/**
 * A batch taken apart for the partitions of a topic, in memory of its own:
 *
 *   events      0  1  2  3  4  5  6 …           in the order of the log
 *   records     0  1  2  3  4  5  6 …           one each; or some rows each, of `format: raw` under the key of their file
 *   partitions  b  a  b  b  a  c  a …           by their keys
 *   parts       a: 1 4 6   b: 0 2 3   c: 5      each in the order of the log
 */
import type { Batch, Origins } from '../../flow/batch.ts'
import { headerBlock } from '../../records/header.ts'
import type { Arena } from './arenas.ts'
import { partitionOf } from './partition.ts'
import { HEADER_BYTES, headerBytes, MOST_RECORD_OVERHEAD, RecordsWriter, type Span } from './record-batch.ts'

/** What decides to which partition an event goes. */
export const keys = ['message', 'file', 'none'] as const
export type Key = (typeof keys)[number]

/** Rows go together in a record up to so many bytes, so that the header above them costs little. */
const mostRowsBytes = 32 * 1024

const LF = 0x0a
/** Into which a batch is divided; more find memory of their own. */
const usualParts = 64

const noKeys: Origins = { offsets: new Float64Array(), keys: Buffer.alloc(0), keyEnds: new Uint32Array() }

/** What a batch holds, copied: it outlives the batch. */
export class Taken implements Portions {
  readonly frames: Buffer
  readonly ends: Uint32Array
  readonly #origins: Origins
  readonly #headers: readonly Buffer[]
  readonly #headersBytes: number
  readonly #key: Key
  readonly #fileKey: Buffer
  /** Whether rows may go together in a record. */
  readonly #isRaw: boolean
  readonly #arena: Arena

  /** `arenaFor`: memory for so many bytes. `isOfRows`: events stand in a file, and not for mails. */
  constructor(
    { frames, ends, origins, file, layout }: Batch,
    { key, isOfRows }: { readonly key: Key; readonly isOfRows: boolean },
    arenaFor: (bytes: number) => Arena,
  ) {
    this.ends = ends.slice()
    this.#origins =
      origins === undefined
        ? noKeys
        : {
            offsets: isOfRows ? origins.offsets.slice() : noKeys.offsets,
            keys: Buffer.from(origins.keys),
            keyEnds: origins.keyEnds.slice(),
          }
    this.#key = key
    this.#fileKey = key === 'file' ? Buffer.from(file.id) : noKeys.keys
    this.#isRaw = layout !== undefined
    this.#headers = [
      headerBytes('server', file.source),
      ...(isOfRows ? [headerBytes('file', nameOf(file.path))] : []),
      ...(layout === undefined ? [] : [headerBytes('fields', headerBlock(layout))]),
    ]
    this.#headersBytes = this.#headers.reduce((sum, { length }) => sum + length, 0)
    const around = this.#headersBytes + this.#fileKey.length + MOST_RECORD_OVERHEAD
    const records = frames.length + this.#origins.keys.length + ends.length * around
    this.#arena = arenaFor(frames.length + records + usualParts * HEADER_BYTES)
    this.frames = this.#arena.take(frames.length)
    this.frames.set(frames)
  }

  /** Gives its memory back: nothing of it is looked at any more. */
  done(): void {
    this.#arena.done()
  }

  /** By their partitions, of so many. `own`: the partition of what has no key. */
  parts(partitions: number, own: number): readonly Part[] {
    const byPartition = new Map<number, number[]>()
    const ofFile =
      this.#fileKey.length === 0 ? own : partitionOf(this.#fileKey, 0, this.#fileKey.length, partitions)
    const { keys, keyEnds } = this.#origins
    for (let event = 0; event < this.ends.length; event++) {
      let partition = ofFile
      if (this.#key === 'message') {
        const start = keyEnds[event - 1] ?? 0
        const end = keyEnds[event] ?? start
        if (end > start) partition = partitionOf(keys, start, end, partitions)
      }
      const events = byPartition.get(partition)
      if (events === undefined) byPartition.set(partition, [event])
      else events.push(event)
    }
    return [...byPartition].map(([partition, events]) => new Part(this, partition, this.#records(events)))
  }

  /** Each record as the events in it, which follow each other. */
  #records(events: readonly number[]): readonly Run[] {
    if (!this.#isRaw || this.#key === 'message') return events.map((first) => ({ first, count: 1 }))
    const runs: { first: number; count: number }[] = []
    for (const event of events) {
      const last = runs.at(-1)
      const isNext = last !== undefined && this.endOf(event) - this.startOf(last.first) <= mostRowsBytes
      if (isNext) last.count++
      else runs.push({ first: event, count: 1 })
    }
    return runs
  }

  /** These records, not compressed, behind room for the header of a batch. */
  encode(runs: readonly Run[], mostBytes: number): Buffer {
    const writer = new RecordsWriter(this.#arena.take(HEADER_BYTES + mostBytes), this.#headers)
    const { keys, keyEnds, offsets } = this.#origins
    const ofFile: Span = { bytes: this.#fileKey, start: 0, end: this.#fileKey.length }
    const ofMessage: Span = { bytes: keys, start: 0, end: 0 }
    const value: Span = { bytes: this.frames, start: 0, end: 0 }
    for (const { first, count } of runs) {
      if (this.#key === 'message') {
        ofMessage.start = keyEnds[first - 1] ?? 0
        ofMessage.end = keyEnds[first] ?? ofMessage.start
      }
      value.start = this.startOf(first)
      value.end = this.endOf(first + count - 1)
      // Lines of JSON end where a record does.
      if (!this.#isRaw && this.frames[value.end - 1] === LF) value.end--
      writer.append(this.#key === 'message' ? ofMessage : ofFile, value, offsets[first] ?? -1)
    }
    return writer.batch
  }

  /** How many bytes a record takes at most, before it is compressed. */
  mostBytesOf({ first, count }: Run): number {
    const { keyEnds } = this.#origins
    const key =
      this.#key === 'message' ? (keyEnds[first] ?? 0) - (keyEnds[first - 1] ?? 0) : this.#fileKey.length
    const value = this.endOf(first + count - 1) - this.startOf(first)
    return key + value + this.#headersBytes + MOST_RECORD_OVERHEAD
  }

  startOf(event: number): number {
    return event === 0 ? 0 : (this.ends[event - 1] as number)
  }

  endOf(event: number): number {
    return this.ends[event] as number
  }
}

/** Events that follow each other: a record. */
export interface Run {
  readonly first: number
  readonly count: number
}

/** Records for one partition, in order: what is sent, and divided where it is too large. */
export interface Portion {
  readonly partition: number
  /** How many records. */
  readonly count: number
  /** Most bytes of its records before they are compressed. */
  readonly mostBytes: number
  /** In portions that follow each other, each of so many bytes at most, or a single record. */
  within(bytes: number): readonly Portion[]
  /** The same in two halves; null for a single event, which can't be divided. */
  readonly halves: readonly [Portion, Portion] | null
  /** The records, not compressed, behind room for the header of a batch. */
  encode(): Buffer
  /** The first event, as it is sent. */
  readonly line: Buffer
}

/** What is sent together. */
export interface Portions {
  /** By their partitions, of so many. `own`: the partition of what has no key. */
  parts(partitions: number, own: number): readonly Portion[]
}

/** Events for one partition, in order. */
export class Part implements Portion {
  readonly taken: Taken
  readonly partition: number
  readonly runs: readonly Run[]
  readonly mostBytes: number

  constructor(taken: Taken, partition: number, runs: readonly Run[]) {
    this.taken = taken
    this.partition = partition
    this.runs = runs
    this.mostBytes = runs.reduce((sum, run) => sum + taken.mostBytesOf(run), 0)
  }

  get count(): number {
    return this.runs.length
  }

  within(bytes: number): readonly Part[] {
    if (this.mostBytes <= bytes) return [this]
    const parts: Part[] = []
    let runs: Run[] = []
    let sum = 0
    for (const run of this.runs) {
      const size = this.taken.mostBytesOf(run)
      if (runs.length > 0 && sum + size > bytes) {
        parts.push(new Part(this.taken, this.partition, runs))
        runs = []
        sum = 0
      }
      runs.push(run)
      sum += size
    }
    return [...parts, new Part(this.taken, this.partition, runs)]
  }

  get halves(): readonly [Part, Part] | null {
    const [only, ...others] = this.runs
    if (only === undefined) return null
    if (others.length > 0) return this.#divided(this.runs, this.runs.length >> 1)
    if (only.count === 1) return null
    const singles = Array.from({ length: only.count }, (_, index) => ({
      first: only.first + index,
      count: 1,
    }))
    return this.#divided(singles, singles.length >> 1)
  }

  #divided(runs: readonly Run[], at: number): readonly [Part, Part] {
    const part = (some: readonly Run[]) => new Part(this.taken, this.partition, some)
    return [part(runs.slice(0, at)), part(runs.slice(at))]
  }

  encode(): Buffer {
    return this.taken.encode(this.runs, this.mostBytes)
  }

  get line(): Buffer {
    const first = this.runs[0]?.first ?? 0
    return this.taken.frames.subarray(this.taken.startOf(first), this.taken.endOf(first))
  }
}

/** Without its folders, whichever system's they are. */
function nameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}
