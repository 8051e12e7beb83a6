/** What becomes of a record: what lets it pass, what changes it, and a mapping table compiled for its layout. */
import type { Layout } from './chunk.ts'
import type { Records } from './records.ts'

/** True when the row is to be delivered. */
export type Filter = (records: Records, row: number) => boolean

/**
 * Other rows in place of some, one for each: with other values in some columns. Only `rows` (indices, ascending) are
 * taken; the result may share arrays and bytes with `records`.
 */
export type Rewrite = (records: Records, rows: Uint32Array) => Records

/** The same in parts: other work gets its turn wherever it yields, where a row takes long. */
export type RewriteInParts = (records: Records, rows: Uint32Array) => Generator<void, Records>

/** One of the steps that a row goes through between filter and mapping. */
export interface RewriteStep {
  /** For people. */
  readonly name: string
  /** Null for a layout that it leaves as it is. */
  readonly rewriteFor: (layout: Layout) => Rewrite | null
  /** The same in parts; none where no row takes long. */
  readonly inPartsFor?: (layout: Layout) => RewriteInParts | null
  /** Why a row's fields change, by column, where the name does not say it. */
  readonly reasonsFor?: (
    layout: Layout,
  ) => ((records: Records, row: number) => ReadonlyMap<number, string>) | null
}

/** A value made from a row when copying one column is not enough; `''` for none. Compiled once, run per row. */
export type Derive = (records: Records, row: number) => string

/** As `Derive`, for text that stands in the log as it is: its bytes, which are UTF-8 where the records are. */
export type DeriveBytes = (records: Records, row: number) => Buffer

/** The column that the text of a row is a copy of, -1 where it is none; compiled once, run per row. */
export type Choose = (records: Records, row: number) => number

/** The severity a row asks for, 0–10, or -1 when it leaves that to the event's own; compiled once, run per row. */
export type DeriveSeverity = (records: Records, row: number) => number

/** All of a row that something derived is made of; beside that there is only the name of the source. */
export interface Inputs {
  /** Where this column is not blank, the value is a copy of it, as if it were not derived; -1 for none. */
  readonly first: number
  /** Elsewhere: the columns whose bytes it is made of, those of which only matters whether they are blank, */
  readonly columns: readonly number[]
  readonly blanks: readonly number[]
  /** those of which only matters what `shapeOf` says (records/shape.ts), */
  readonly shapes: readonly number[]
  /**
   * those by which both sides are seen to be one server (records/writer.ts), where only that matters of them: null for none, and
   * the same for all of a plan,
   */
  readonly sides: Sides | null
  /** and any of the row where one of these texts, which are never empty, stands in its column. */
  readonly unless: readonly StandsIn[]
}

/** The columns that say who is on either side of a record, -1 for those that a layout lacks. */
export interface Sides {
  readonly source: number
  readonly client: Side
  readonly server: Side
}

interface Side {
  readonly name: number
  readonly address: number
}

/** A text in a column, or what is like it; null: anything that no address is written with (records/shape.ts). */
export interface StandsIn {
  readonly column: number
  readonly text: Buffer | ByteRun | null
}

/** Bytes one behind the other, each of which may be one of several; up to 8 of them. */
export interface ByteRun {
  /** Of each byte a bit for every place that it may stand in; behind them what the beginning of a field may stand for. */
  readonly places: Uint8Array
  readonly length: number
}

/** How the bytes of a column become a CEF value; `receipt-time` has no column: it is when the batch was begun. */
export type Conversion = 'text' | 'integer' | 'epoch-millis' | 'ipv4' | 'ipv6' | 'ip' | 'receipt-time'

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
  /**
   * Which column `derive` gives a copy of, where it is one of several: `inputs` are then what this choice is made of, and the
   * text where it is none of them.
   */
  readonly chooses?: Choose | null
  /** Text that is the same for all rows, whatever they hold; `derive` gives it, too. Within its limit. */
  readonly fixed?: string
  /** Left out rather than cut where a message would be too long: a part of it would be another value. */
  readonly isWhole?: boolean
  /** What `derive` does, in words; and for a row, which part of that gave the value. */
  readonly origin?: string
  readonly because?: Derive
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
