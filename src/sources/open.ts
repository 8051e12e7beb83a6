/** The source of a pipeline: all sources of its configuration, each read by its kind. */
import type { Chunk, Positions, Source } from '../flow/chunk.ts'
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
  /** What reading tells of a source into which nobody else looks; undefined for others. */
  told(source: string): ToldSource | undefined
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
    told: (source) => readers.map((reader) => reader.told?.(source)).find((told) => told !== undefined),
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
