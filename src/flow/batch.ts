/** Records → frames: what goes out at a time. */
import type { Layout, LogFile, Malformed, Position } from './chunk.ts'

/**
 * As what the events of a batch are written, a frame each. `json`: a line of JSON with the keys of CEF; `raw`: the row as
 * it stands in the log, its line end included; `message-tracking-log` and `common-security-log`: a line of JSON as the
 * table of that name in Microsoft Sentinel has it.
 */
export type Format = 'cef' | 'json' | 'raw' | 'message-tracking-log' | 'common-security-log'

/** What values went through: shortened to a limit, clamped, left out because not of their type. */
export interface ValueCounts {
  readonly cut: number
  readonly clamped: number
  readonly invalid: number
  /** Look-alikes of the header of an event that were broken. */
  readonly brokenHeaders: number
}

/** What a batch went through; every row read is exactly one of events, filtered, malformed. */
export interface BatchCounts extends ValueCounts {
  readonly events: number
  readonly filtered: number
  readonly malformed: number
  /** Of the filtered those that each rule of the filter left out, where it has several. */
  readonly filteredBy?: readonly number[]
  /** Of all of these those that were counted as read before, when they went into a mail. */
  readonly held?: number
}

/** Where the events of a batch come from, one after the other. */
export interface Origins {
  /** Where the row of each begins in its file, in bytes. */
  readonly offsets: Float64Array
  /** What it has in common with the other events of its message, contiguous: that of event i is [keyEnds[i-1] ?? 0, keyEnds[i]), empty for none. */
  readonly keys: Buffer
  readonly keyEnds: Uint32Array
}

/** A chunk, or a part of it, on its way out. `frames` is valid until `send` resolves. */
export interface Batch {
  /** Where its first row begins in its file, in bytes. */
  readonly start: number
  /** Committed when the batch is settled. */
  readonly position: Position
  /** More of it follows, and only with the last of it the position holds. */
  readonly isPart?: boolean
  readonly file: LogFile
  /** All frames, contiguous. */
  readonly frames: Buffer
  /** End of each frame in `frames`: frame i is [ends[i-1] ?? 0, ends[i]). */
  readonly ends: Uint32Array
  /** Where frames are rows as they stand (`raw`): the layout that all of them have, whose header they belong under. */
  readonly layout?: Layout
  /** Where its rows stand, in words that follow "5 events"; by default the bytes of the file. */
  readonly rows?: string
  /** For destinations that ask for it. */
  readonly origins?: Origins
  readonly counts: BatchCounts
  readonly malformed: readonly Malformed[]
}
