/** File bytes → chunk: a log, its layout, positions in it, and the whole lines that are read at a time. */

/** One tracking log. `id` survives restarts and remounts: source name, file name and its first date. */
export interface LogFile {
  readonly id: string
  /** Name of the source (one folder of one server) the file belongs to. */
  readonly source: string
  readonly path: string
  /** Which files of the source follow each other, where it has several such series, which are read side by side. */
  readonly series?: string
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
  /** Of a destination of mails: what is settled of the rows behind `offset`. */
  readonly mails?: SettledMails
}

/**
 * Rows before `taken` are settled, but for those of open mails (`open`, see mails/places.ts); lines that are no record
 * only before `letters`.
 */
interface SettledMails {
  readonly taken: number
  readonly letters: number
  readonly open: string
}

/** Positions by file id. */
export type Positions = ReadonlyMap<string, Position>

/**
 * Whole lines of one file, under one header: nearly always one batch. `bytes` begins with a row and holds rows only, no
 * header line unless it says so, and ends with a line end. It may be empty: then it only moves the position.
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
  /** Chunks of the same read, where that is known, have the same bytes in the same place. */
  readonly read?: number
  /** Between the rows stand header lines that change nothing: their columns are those in force, or they name none. */
  readonly hasHeaderLines?: boolean
  /** Lines the reader itself could not pass on (longer than the limit). */
  readonly malformed: readonly Malformed[]
  readonly settledEvents?: number // of its first row, as its position says
}

/** Where chunks come from. Iterates until `signal` aborts or, when it does not follow, until all is read. */
export interface Source {
  read(from: Positions, signal: AbortSignal): AsyncIterable<Chunk>
}

/** A line that is no record, for the dead letters. */
export interface Malformed {
  readonly path: string
  /** Byte offset of the line in its file. */
  readonly offset: number
  readonly reason: string
  /** The line as it stands, without its line end (its beginning, if it is over the limit). */
  readonly line: Uint8Array
}

/** The reason of a row that would be one without what stands before it. */
export const textBefore = 'text stands before its date-time, such as the header of a syslog message'
