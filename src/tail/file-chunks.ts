/** Chunks of a single file or stream, for commands that convert what is there and end. */
import type { Readable } from 'node:stream'
import type { Chunk, LogFile, Position } from '../types.ts'
import { FileInput, StreamInput } from './byte-input.ts'
import {
  type ByteInput,
  ChunkCutter,
  type ChunkLimits,
  type Cursor,
  cursorAt,
  defaultChunkLimits,
} from './chunk-cutter.ts'

/** How a single file is read. */
export interface FileChunksOptions extends Partial<ChunkLimits> {
  /** Where to begin; at the start of the file by default. */
  readonly from?: Pick<Position, 'offset' | 'header'>
  /** Whether a last line without a line end counts as a line (default) or stays unread. */
  readonly unfinishedLine?: 'counts' | 'stays'
}

/**
 * Reads one file from a position to its end. The id of its LogFile is the path. A chunk is valid until the
 * next one is asked for; the last may lack its line end. Throws the system's error when the file can't be
 * read, and a ProblemsError when it is no message tracking log of Exchange 2007 or later.
 */
export async function* fileChunks(path: string, options: FileChunksOptions = {}): AsyncGenerator<Chunk> {
  const input = await FileInput.open(path)
  try {
    const cursor = cursorAt(options.from?.offset, options.from?.header)
    yield* chunksOf(input, path, cursor, options.unfinishedLine !== 'stays', options)
  } finally {
    await input.close()
  }
}

/** Reads a stream, such as standard input, to its end, like `fileChunks`; `name` stands for its path. */
export async function* streamChunks(
  stream: Readable,
  name: string,
  options: Partial<ChunkLimits> = {},
): AsyncGenerator<Chunk> {
  const input = new StreamInput(stream)
  try {
    yield* chunksOf(input, name, cursorAt(), true, options)
  } finally {
    await input.close()
  }
}

async function* chunksOf(
  input: ByteInput,
  path: string,
  cursor: Cursor,
  isComplete: boolean,
  limits: Partial<ChunkLimits>,
): AsyncGenerator<Chunk> {
  const file: LogFile = { id: path, source: '', path }
  const cutter = new ChunkCutter({ ...defaultChunkLimits, ...limits })
  for (;;) {
    const { chunk, isAtEnd } = await cutter.next(input, file, cursor, isComplete)
    if (chunk !== null) yield chunk
    if (isAtEnd) return
  }
}
