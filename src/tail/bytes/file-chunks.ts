/** Chunks of a single file or stream, for commands that convert what is there and end. */
import type { Chunk, LogFile, Position } from '../../flow/chunk.ts'
import { FileInput, StreamInput } from './byte-input.ts'
import { ChunkCutter } from './chunk-cutter.ts'
import { type ChunkLimits, chunkLimits } from './chunk-limits.ts'
import { type Cursor, cursorAt } from './cut.ts'
import type { FilePart } from './file-parts.ts'
import type { ByteInput } from './input.ts'

const PIECE_BYTES = 256 * 1024

/** How a single file is read. */
export interface FileChunksOptions extends Partial<ChunkLimits> {
  /** Where to begin; at the start of the file by default. */
  readonly from?: Pick<Position, 'offset' | 'header'>
  /** Whether a last line without a line end counts as a line (default) or stays unread. */
  readonly unfinishedLine?: 'counts' | 'stays'
  /** Ends reading, also within a line without an end; not a read that hangs. */
  readonly signal?: AbortSignal
}

/**
 * Reads one file from a position to its end. The id of its LogFile is the path. A chunk is valid until the
 * next one is asked for; the last may lack its line end. Throws the system's error when the file can't be
 * read, and a ProblemsError when it is no message tracking log of Exchange 2007 or later.
 */
export async function* fileChunks(path: string, options: FileChunksOptions = {}): AsyncGenerator<Chunk> {
  const { from, unfinishedLine, signal } = options
  const input = await FileInput.open(path)
  const cutter = new ChunkCutter(chunkLimits(options))
  try {
    const cursor = cursorAt(from?.offset, from?.header)
    yield* chunksOf(input, path, { cursor, cutter, isGrowing: unfinishedLine === 'stays', signal })
  } finally {
    cutter.end()
    await input.close()
  }
}

/** The first bytes of a file, at most so many. Throws the system's error when it can't be read. */
export async function firstBytes(path: string, length: number): Promise<Buffer> {
  const input = await FileInput.open(path)
  try {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, await input.read(bytes, 0))
  } finally {
    await input.close()
  }
}

/** The bytes of a file in pieces, each valid until the next one is asked for. Throws the system's error. */
export async function* fileBytes(path: string): AsyncGenerator<Buffer> {
  const input = await FileInput.open(path)
  try {
    const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES)
    for (let at = 0; ; ) {
      const length = await input.read(buffer, at)
      if (length > 0) yield buffer.subarray(0, length)
      if (length < buffer.length) return
      at += length
    }
  } finally {
    await input.close()
  }
}

/** Reads bytes as they come, such as standard input, to their end, like `fileChunks`; `name` stands for a path. */
export async function* streamChunks(
  stream: AsyncIterable<Uint8Array | string>,
  name: string,
  options: Partial<ChunkLimits> = {},
): AsyncGenerator<Chunk> {
  const input = new StreamInput(stream)
  const cutter = new ChunkCutter(chunkLimits(options))
  try {
    yield* chunksOf(input, name, { cursor: cursorAt(), cutter })
  } finally {
    cutter.end()
    await input.close()
  }
}

/** Reads parts of files one after the other, in memory that it keeps. */
export class PartReader {
  readonly #cutter = new ChunkCutter(chunkLimits({}))

  /**
   * The lines of the file at `path` that stand in a part of it, as `fileChunks` gives them; returns the header block that
   * is in force behind them.
   */
  async *chunks(
    input: ByteInput,
    path: string,
    { from, to, header }: FilePart,
  ): AsyncGenerator<Chunk, number> {
    const cursor = cursorAt(from, header)
    yield* chunksOf(to === null ? input : endingAt(input, to), path, { cursor, cutter: this.#cutter })
    return cursor.header
  }
}

function endingAt(input: ByteInput, end: number): ByteInput {
  return {
    isFile: true,
    end,
    async read(target, position) {
      const length = Math.min(target.length, end - position)
      return length <= 0 ? 0 : input.read(target.subarray(0, length), position)
    },
  }
}

interface Cutting {
  readonly cursor: Cursor
  readonly cutter: ChunkCutter
  /** Whether a last line without a line end stays unread. */
  readonly isGrowing?: boolean
  readonly signal?: AbortSignal | undefined
}

async function* chunksOf(
  input: ByteInput,
  path: string,
  { cursor, cutter, isGrowing, signal }: Cutting,
): AsyncGenerator<Chunk> {
  const file: LogFile = { id: path, source: '', path }
  for (;;) {
    const { chunk, isAtEnd } = await cutter.next(input, file, cursor, isGrowing !== true)
    if (chunk !== null) yield chunk
    if (isAtEnd || signal?.aborted) return
  }
}
