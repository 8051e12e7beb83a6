/**
 * The vocabulary: every noun of the flow, in its order.
 *
 *   file bytes → chunk → records → events → frames → destination → outcome → position → checkpoint
 *
 * This file imports nothing; everything else may import it.
 */

// ── tail: file bytes → chunk ────────────────────────────────────────────────────────────────────────

/** One tracking log. `id` survives restarts and remounts: source name, file name and its first date. */
export interface LogFile {
  readonly id: string
  /** Name of the source (one folder of one server) the file belongs to. */
  readonly source: string
  readonly path: string
}

/** The columns of a row and the `#Version` they came with (`''` when no header said one). */
export interface Layout {
  readonly columns: readonly string[]
  readonly version: string
  /** The header block as it stands in the log, byte order mark and line ends included; empty without one. */
  readonly header: Uint8Array
}

/** Everything in the file before `offset` (bytes) is settled. */
export interface Position {
  readonly fileId: string
  readonly offset: number
  /** Byte offset of the header block in force at `offset`; -1 when there was none. */
  readonly header: number
  /** Events settled of the row at `offset`, when not all of them are. Never in a checkpoint: settings may change. */
  readonly settledEvents?: number
}

/** Positions by file id. */
export type Positions = ReadonlyMap<string, Position>

/**
 * Whole lines of one file, under one header: nearly always one batch. `bytes` holds rows only, never a header line, and
 * ends with a line end. It may be empty: then it only moves the position.
 */
export interface Chunk {
  readonly file: LogFile
  /** Columns of the header in force; null when none is in reach (the parser counts columns then). */
  readonly layout: Layout | null
  /** Offset of that header block, -1 without one. */
  readonly header: number
  /** File offset of `bytes[0]`. */
  readonly start: number
  /** File offset after the chunk: where reading goes on once the chunk is settled. */
  readonly end: number
  readonly bytes: Buffer
  /** Lines the reader itself could not pass on (longer than the limit). */
  readonly malformed: readonly Malformed[]
  readonly settledEvents?: number // of its first row, as its position says
}

/** Where chunks come from. Iterates until `signal` aborts or, when it does not follow, until all is read. */
export interface Source {
  read(from: Positions, signal: AbortSignal): AsyncIterable<Chunk>
}

// ── parse: chunk → records ──────────────────────────────────────────────────────────────────────────

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

/** A line that is no record, for the dead letters. */
export interface Malformed {
  readonly path: string
  /** Byte offset of the line in its file. */
  readonly offset: number
  readonly reason: string
  /** The line as it stands, without its line end (its beginning, if it is over the limit). */
  readonly line: Uint8Array
}

/** What a chunk or a part of it holds: runs of rows with one layout each (nearly always a single run), and the rest. */
export interface Parsed {
  readonly runs: readonly Records[]
  readonly malformed: readonly Malformed[]
  /** File offset behind its last line. */
  readonly end: number
}
export type Parser = (chunk: Chunk) => Parsed

// ── map: what becomes of a record ───────────────────────────────────────────────────────────────────

/** True when the row is to be delivered. */
export type Filter = (records: Records, row: number) => boolean

/**
 * Other rows in place of some, one for each: with other values in some columns. Only `rows` (indices, ascending) are
 * taken; the result may share arrays and bytes with `records`.
 */
export type Rewrite = (records: Records, rows: Uint32Array) => Records

/** A value made from a row when copying one column is not enough; `''` for none. Compiled once, run per row. */
export type Derive = (records: Records, row: number) => string

/** As `Derive`, for text that stands in the log as it is: its bytes, which are UTF-8 where the records are. */
export type DeriveBytes = (records: Records, row: number) => Buffer

/** The severity a row asks for, 0–10, or -1 when it leaves that to the event's own; compiled once, run per row. */
export type DeriveSeverity = (records: Records, row: number) => number

/** All of a row that something derived is made of; beside that there is only the name of the source. */
export interface Inputs {
  /** Where this column is not blank, the value is a copy of it, as if it were not derived; -1 for none. */
  readonly first: number
  /** Elsewhere: the columns whose bytes it is made of, those of which only matters whether they are blank, */
  readonly columns: readonly number[]
  readonly blanks: readonly number[]
  /** and any of the row where this text, which is never empty, stands in this column. */
  readonly unless: { readonly column: number; readonly text: Buffer } | null
}

/** How the bytes of a column become a CEF value. */
export type Conversion = 'text' | 'integer' | 'epoch-millis' | 'ipv4' | 'ipv6' | 'ip'

/** Holds for a row whose column equals one of `values` (`negate`: none of them). */
export interface Condition {
  readonly column: number
  readonly values: readonly string[]
  readonly negate: boolean
}

/** One value of the extension: a row of the mapping table, compiled for one layout. */
export interface ValuePlan {
  /** The key as it is written. */
  readonly key: string
  /** The column it is copied from; -1 when `derive` makes it of something else. */
  readonly column: number
  /** Makes the text to be converted in place of a plain copy; slower. */
  readonly derive: Derive | DeriveBytes | null
  /** What `derive` looks at, where that is often the same: what was made of it may be kept. */
  readonly inputs?: Inputs | null
  /** What `derive` does, in words. */
  readonly origin?: string
  readonly as: Conversion
  /** Limit in UTF-8 bytes of the unescaped value: of text, and of what is written behind `overflowKey`. */
  readonly maxBytes: number
  /** Largest number that may be written; a larger one is clamped (integer only). */
  readonly max: bigint
  /** Key that carries the true value, at the very end, when `max` clamped it. */
  readonly overflowKey: string | null
  readonly when: Condition | null
  readonly label: { readonly key: string; readonly text: string } | null
}

/** A header field: the first of `columns` that is not empty, else `fallback`. Limits in UTF-8 bytes. */
export interface HeaderPlan {
  readonly columns: readonly number[]
  readonly fallback: string
  readonly maxBytes: number
}

/** A mapping table compiled for one layout: everything the encoder needs to know. */
export interface EventPlan {
  /** Name of the table, such as `exchange-2013.v1`. */
  readonly mapping: string
  readonly cefVersion: 0 | 1
  /** Vendor, product, version, event class id, name: in the order of the header. */
  readonly header: readonly HeaderPlan[]
  readonly severity: {
    readonly column: number
    readonly levels: ReadonlyMap<string, number>
    readonly default: number
    /** Asked before the column; null when the column alone decides. `inputs`: as with values. */
    readonly derive: DeriveSeverity | null
    readonly inputs?: Inputs | null
  }
  /** Column of the event time, -1 without one. */
  readonly timeColumn: number
  /** Written in this order: fields, labels of the fields, device, `trailer`, additional. */
  readonly fields: readonly ValuePlan[]
  readonly device: readonly ValuePlan[]
  /** Fixed key=value, such as the CEF version. */
  readonly trailer: string
  readonly additional: readonly ValuePlan[]
}

// ── encode: records → frames ────────────────────────────────────────────────────────────────────────

/** What a batch went through; every row read is exactly one of events, filtered, malformed. */
export interface BatchCounts {
  readonly events: number
  readonly filtered: number
  readonly malformed: number
  /** Values shortened to a limit, clamped, left out as not of their type; look-alikes of the event's header broken. */
  readonly cut: number
  readonly clamped: number
  readonly invalid: number
  readonly brokenHeaders: number
}

/** A chunk, or a part of it, on its way out. `frames` is valid until `send` resolves. */
export interface Batch {
  /** Where its first row begins in its file, in bytes. */
  readonly start: number
  /** Committed when the batch is settled. */
  readonly position: Position
  readonly file: LogFile
  /** All frames, contiguous. */
  readonly frames: Buffer
  /** End of each frame in `frames`: frame i is [ends[i-1] ?? 0, ends[i]). */
  readonly ends: Uint32Array
  readonly counts: BatchCounts
  readonly malformed: readonly Malformed[]
}

// ── deliver: destination, outcome, checkpoint ───────────────────────────────────────────────────────

/**
 * The fate of a batch. Only these three; an exception is a bug. `retryAfterMs`: wait at least so long, or with
 * 0 not at all, since something else is there to be tried. `unsent`: nothing of the batch went out, so sending it
 * again repeats nothing.
 */
export type Outcome =
  | { readonly status: 'delivered' }
  | { readonly status: 'rejected'; readonly reason: string }
  | {
      readonly status: 'unavailable'
      readonly reason: string
      readonly retryAfterMs?: number
      readonly unsent?: boolean
    }

/** A batch that was taken in; its fate comes later. */
export interface Sending {
  readonly outcome: Promise<Outcome>
}

/** Where batches go. Neither promise ever rejects. */
export interface Destination {
  readonly name: string
  /** Resolves when there is room for more and `batch.frames` may be reused; `outcome`: its fate. */
  send(batch: Batch): Promise<Sending>
  /** Ends gracefully; whatever is still pending afterwards resolves as unavailable. */
  close(): Promise<void>
}

/** Where positions survive a restart. */
export interface Checkpoint {
  load(): Promise<Positions>
  /** Atomic: after a crash either the old or the new positions are there. */
  save(positions: Positions): Promise<void>
}

/** Where lines go that can't be delivered. Resolves when they are on disk. */
export interface DeadLetters {
  write(letters: readonly Malformed[]): Promise<void>
}

// ── observe ─────────────────────────────────────────────────────────────────────────────────────────

/** The own log: a sentence and structured fields. Nothing per record. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  /** Unexpected, nothing lost. */
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  /** Data lost, or a person is needed. */
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}
