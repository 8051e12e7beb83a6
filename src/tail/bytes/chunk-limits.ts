/** How much is read of a file at a time. */

/** Sizes that bound the memory of a reader. */
export interface ChunkLimits {
  /** Bytes of one read. */
  readonly chunkBytes: number
  /** Bytes of a chunk of a file that goes on, of which several are read at a time; as `chunkBytes` by default. */
  readonly aheadBytes?: number
  /** A longer line is malformed. Never below `chunkBytes` in effect. */
  readonly maxLineBytes: number
}

const mebibyte = 1024 * 1024

/** The limits given; by default a mebibyte a chunk, two where a file goes on, and lines of up to four. */
export function chunkLimits({
  chunkBytes = mebibyte,
  aheadBytes = chunkBytes === mebibyte ? 2 * mebibyte : chunkBytes,
  maxLineBytes = 4 * mebibyte,
}: Partial<ChunkLimits>): ChunkLimits {
  return { chunkBytes, aheadBytes, maxLineBytes }
}
