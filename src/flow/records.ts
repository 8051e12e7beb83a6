/** Chunk → records: fields as offsets into bytes. */
import type { Chunk, Layout, Malformed } from './chunk.ts'

/**
 * Rows of one layout, as offsets into bytes. Valid until the parser is called again.
 *
 *   row r, column c:  i = r * layout.columns.length + c
 *   bytes[starts[i] … ends[i])  the field without its enclosing quotes
 *   flags[i]                    what a copy has to care for: see FieldFlag
 */
export interface Records {
  readonly layout: Layout
  /** Name of the source they were read from. */
  readonly source: string
  readonly bytes: Buffer
  /** True when all of `bytes` is valid UTF-8. */
  readonly validUtf8: boolean
  readonly count: number
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly flags: Uint8Array
  /** Row r as it stands in the log, without its line end: bytes[rowStarts[r] … rowEnds[r]). */
  readonly rowStarts: Uint32Array
  readonly rowEnds: Uint32Array
}

/** Bits of `Records.flags`: the field holds such a byte, so a plain copy is not enough. */
export const FieldFlag = {
  /** A doubled quote, which stands for one. */
  quote: 1,
  /** A byte that CEF escapes: `\`, `=`, LF, CR. */
  escape: 2,
  /** A control character other than TAB, LF, CR. */
  control: 4,
  /** A byte of 0x80 or above. */
  high: 8,
} as const

/** What a chunk or a part of it holds: runs of rows with one layout each (nearly always a single run), and the rest. */
export interface Parsed {
  readonly runs: readonly Records[]
  readonly malformed: readonly Malformed[]
  /** File offset behind its last line. */
  readonly end: number
}
export type Parser = (chunk: Chunk) => Parsed
