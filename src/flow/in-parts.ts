/**
 * What may be more than memory or time allow goes on in parts: the rows of a chunk, the events of a row.
 *
 *   chunk     a␊ b␊ to many…………………………………␊ c␊ d␊
 *   events    a  b  m1 m2 m3 m4 m5 m6 m7 m8 c  d
 *   batches  └────────┘└───────┘└──────────────┘
 *
 * A row whose events are spread over several batches counts in the last one; the positions of those before stay at its
 * start and say how many of its events are settled.
 */
import type { Batch } from './batch.ts'
import type { Chunk } from './chunk.ts'
import type { Parsed, Records } from './records.ts'

/** How much of a chunk is parsed at a time: so many rows at most, and whole lines of so many bytes or a single longer one. */
export interface PartLimits {
  readonly rows: number
  readonly bytes: number
}

/** A chunk in parts that follow each other, at least one; a part is valid until the next one is asked for. */
export type PartParser = (chunk: Chunk, limits: PartLimits) => Iterable<Parsed>

/** What part of the rows that are made of others may come to; it has one row at least. */
interface DivideLimits {
  readonly rows: number
  /** Of the rows of the log that each of them is made of. */
  readonly bytes: number
}

/** A part of the rows made. */
interface Divided {
  readonly records: Records
  /** How many of the rows are done with it, */
  readonly done: number
  /** and how many of those made of the next row are in it or before it. */
  readonly made: number
}

/**
 * Several rows in place of some, in parts that follow each other, at least one. `skip`: so many of those made of the
 * first row are left out, unless that is all of them. Otherwise as `Rewrite`.
 */
export type Divide = (
  records: Records,
  rows: Uint32Array,
  limits: DivideLimits,
  skip: number,
) => Iterable<Divided>

/**
 * The batches of a chunk, in order: one, unless it holds unusually much or they may have fewer frames. Each is valid
 * until the next one is asked for; the chunk has to be until the first one is there.
 */
export type Transform = (chunk: Chunk, mostFrames?: number) => Iterable<Batch>

/** The batches of chunks, likewise. `mostFrames`: how many a batch of the chunk that comes next may have. */
export type Batches = (chunks: AsyncIterable<Chunk>, mostFrames?: () => number) => AsyncIterable<Batch>
