/** The source of a pipeline: all sources of its configuration, each read by its kind. */
import type { Chunk, Positions, Source } from '../flow/chunk.ts'
import type { Checkpoint } from '../flow/delivery.ts'
import type { Batches } from '../flow/in-parts.ts'
import { mergeInTurn } from '../tail/merge.ts'
import type { KnownFile } from '../tail/source.ts'
import type { Reader, ReadingOptions, ToldSource } from './kind.ts'
import { kindOf, kinds } from './kinds.ts'

/** Where the chunks of a pipeline come from, and what reading knows. */
export interface PipelineSource extends Source {
  gone(): readonly string[]
  /** As `Reader.lastLook`. */
  lastLook(settled: Positions): Promise<number>
  unreadable(): readonly string[]
  /** What is known of the files of a source that is a folder, by their names. */
  files(source: string): ReadonlyMap<string, KnownFile>
  /** The series of a source of which more is there than was read, as far as is known. */
  behind(source: string): readonly string[]
  /** What reading tells of a source into which nobody else looks; undefined for others. */
  told(source: string): ToldSource | undefined
  /** A checkpoint in which only those positions are kept that are kept nowhere else. */
  keeping(checkpoint: Checkpoint): Checkpoint
  /** Batches with their lines where people find them. */
  placing(batches: Batches): Batches
}

/** A source whose `read` may be called again and again, one reading at a time. */
export function openSource(sources: readonly object[], options: ReadingOptions): PipelineSource {
  const readers = kinds.flatMap((kind): readonly Reader[] => {
    const own = sources.filter((source) => kindOf(source) === kind)
    return own.length === 0 ? [] : [kind.open(own as never[], options)]
  })
  return {
    read: (from, signal) => readAll(readers, from, signal),
    gone: () => readers.flatMap((reader) => reader.gone()),
    async lastLook(settled) {
      const missing = await Promise.all(readers.map((reader) => reader.lastLook(settled)))
      return missing.reduce((sum, count) => sum + count, 0)
    },
    unreadable: () => readers.flatMap((reader) => reader.unreadable()),
    files: (source) => new Map(readers.flatMap((reader) => [...(reader.files?.(source) ?? [])])),
    behind: (source) => readers.flatMap((reader) => reader.behind?.(source) ?? []),
    told: (source) => readers.map((reader) => reader.told?.(source)).find((told) => told !== undefined),
    keeping: (checkpoint) =>
      readers.some(({ keep }) => keep) ? keepingApart(readers, checkpoint) : checkpoint,
    placing: (batches) => (readers.some(({ placed }) => placed) ? placedBy(readers, batches) : batches),
  }
}

function keepingApart(readers: readonly Reader[], checkpoint: Checkpoint): Checkpoint {
  return {
    load: () => checkpoint.load(),
    async save(positions) {
      const others = new Map(positions)
      const kept = readers.map(async (reader) => {
        if (reader.keep === undefined) return
        const own = new Map([...positions].filter(([fileId]) => reader.isKept?.(fileId)))
        for (const fileId of own.keys()) others.delete(fileId)
        await reader.keep(own)
      })
      // What one refuses must not keep the others from being saved.
      const results = await Promise.allSettled([...kept, checkpoint.save(others)])
      for (const result of results) if (result.status === 'rejected') throw result.reason
    },
  }
}

function placedBy(readers: readonly Reader[], batches: Batches): Batches {
  return async function* (chunks, mostFrames) {
    for await (const batch of batches(chunks, mostFrames)) {
      yield readers.reduce((placed, reader) => reader.placed?.(placed) ?? placed, batch)
    }
  }
}

/** A single one is read as it is. */
function readAll(readers: readonly Reader[], from: Positions, signal: AbortSignal): AsyncIterable<Chunk> {
  const [first, ...others] = readers
  if (first !== undefined && others.length === 0) return first.read(from, signal)
  return mergeInTurn(
    readers.map((reader) => iterated(reader.read(from, signal))),
    signal,
  )
}

async function* iterated(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  yield* chunks
}
