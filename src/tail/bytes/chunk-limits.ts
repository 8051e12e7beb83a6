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
/** What the chunks of all folders together take: each has one at hand. */
const mostBytes = 128 * mebibyte
/** Smaller ones take several times as much processor time. */
const leastBytes = 64 * 1024

/** Bytes of a chunk where so many folders are read side by side. */
export function chunkBytesOf(folders: number): number {
  const steps = Math.floor(mostBytes / Math.max(1, folders) / leastBytes)
  return Math.min(mebibyte, Math.max(1, steps) * leastBytes)
}

/** The limits given; by default a mebibyte a chunk, two where a file goes on, and lines of up to four. */
export function chunkLimits({
  chunkBytes = mebibyte,
  aheadBytes = chunkBytes === mebibyte ? 2 * mebibyte : chunkBytes,
  maxLineBytes = 4 * mebibyte,
}: Partial<ChunkLimits>): ChunkLimits {
  return { chunkBytes, aheadBytes, maxLineBytes }
}
