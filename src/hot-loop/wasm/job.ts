/** What the loop follows, as addresses: `Op` is written by src/hot-loop/program.ts, the job by src/encode/loop-job.ts. */

/** One value. */
@unmanaged
export class Op {
  kind: u32
  /** Of what is derived: the one that is copied where it is not blank, if there is one. */
  column: u32
  isDerived: u32
  /** ` key=`, and with a fixed value that as well. */
  prefix: usize
  prefixLength: u32
  /** Text: most bytes. Integer: fewer digits than the largest number has need no comparison. */
  limit: u32
  /** Column that has to hold one of `values`, or with `negate` none of them. */
  whenColumn: u32
  values: usize
  valueCount: u32
  negate: u32
  /** ` keyLabel=text` */
  label: usize
  labelLength: u32
  isPresent: u32
  /**
   * What is derived: addresses of what is looked up of its inputs, each a word of an `Input`; `NO_COLUMN` of them when it
   * may be made of anything.
   */
  inputs: usize
  inputCount: u32
  /** What is derived: bits of the texts none of which must stand in the row, or else it is made of more. */
  unless: u32
  /** What is derived: whether it may be a copy of a column, which the host tells. */
  chooses: u32
  /** What is derived: its place among all that is; see rows.ts. */
  rowPlace: u32
}

/** Where what is: records, program, output. */
@unmanaged
export class EncodeJob {
  // records
  bytes: usize
  starts: usize
  ends: usize
  flags: usize
  columns: u32
  /** Indices of rows to encode. */
  rows: usize
  count: u32
  isValidUtf8: u32
  // program
  /** That of the header, which only has inputs, in front of those of the values. */
  ops: usize
  fieldCount: u32
  deviceCount: u32
  additionalCount: u32
  trailer: usize
  trailerLength: u32
  /** What was made before: see kept.ts; a power of two of slots. */
  slots: usize
  slotMask: u32
  /** What inputs held before: see inputs.ts; a power of two of them. */
  known: usize
  knownMask: u32
  /** What anything of the program is made of, each an `Input`. */
  inputs: usize
  inputCount: u32
  /** The columns of both sides, a `Sides`; 0 where nobody asks whether they are one server. */
  sides: usize
  /** All that anything is made of, as with an op; and where it lies for rows that are alike in that: see rows.ts. */
  rowWords: usize
  rowWordCount: u32
  rowSlots: usize
  rowSlotMask: u32
  /** Number of the source of the records. */
  source: u32
  // syslog header
  syslog: u32
  /** `<PRI>`, or `<PRI>1 `, for each CEF severity: address and length. */
  priorities: usize
  time: usize
  timeLength: u32
  host: usize
  hostLength: u32
  timeColumn: u32
  // frames
  framing: u32
  maxMessage: u32
  /** Whether `CEF:` before a digit is to be broken wherever it is not the event's own. */
  protectsHeader: u32
  /** Which characters beyond ASCII are replaced: see controls.ts. */
  controls: u32
  // output
  out: usize
  /** Stops before a row for which less than `rowReserve` is left. */
  outEnd: usize
  rowReserve: u32
  outBase: usize
  /** Ends of frames, from `outBase`. */
  frameEnds: usize
  /** Values that were cut here; the host counts its own. */
  cut: u32
  /** Places where `CEF:` was broken. */
  broken: u32
  /** Set by the host when a number of the row was clamped. */
  hasOverflow: u32
  /** Set by the host: whether the value it wrote has nothing to be counted, so that it may be written again. */
  isKeepable: u32
  /** Set by the host: the severity of the header that it wrote. */
  severity: u32
  /** The receipt time as text. */
  receipt: usize
  receiptLength: u32
}

/** Where a field begins; `index` is that of the field among those of all rows. */
@inline
export function startOf(job: EncodeJob, index: u32): usize {
  return job.bytes + load<u32>(job.starts + (<usize>index << 2))
}

/** Where it ends. */
@inline
export function endOf(job: EncodeJob, index: u32): usize {
  return job.bytes + load<u32>(job.ends + (<usize>index << 2))
}
