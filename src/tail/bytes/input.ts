/** Bytes that can be read at any position from the last one cut on. */
export interface ByteInput {
  /** Fills `target` with the bytes from `position`; returns how many, fewer only at the end. */
  read(target: Buffer, position: number): Promise<number>
  /** Whether more may be read than is wanted now, and that again. */
  readonly isFile?: boolean
  /** The same for all who have the same file open; undefined where the system does not tell. */
  readonly node?: string | undefined
  /** Where it ends, if that is known: what was read up to there is all. */
  readonly end?: number
}
