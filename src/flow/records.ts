/** Chunk → records: fields as offsets into bytes. */
import type { Chunk, Layout, Malformed } from './chunk.ts'

/**
 * Rows of one layout, as offsets into bytes. Valid until the parser is called again.
 *
 *   row r, column c:  i = r * layout.columns.length + c
 *   bytes[starts[i] … ends[i])  the field without its enclosing quotes
 *   flags[i]                    what a copy has to care for: see FieldFlag of records/fields.ts
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

/** What a chunk or a part of it holds: runs of rows with one layout each (nearly always a single run), and the rest. */
export interface Parsed {
  readonly runs: readonly Records[]
  readonly malformed: readonly Malformed[]
  /** File offset behind its last line. */
  readonly end: number
}
export type Parser = (chunk: Chunk) => Parsed
