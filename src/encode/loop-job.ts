/** The job of the hot loop: what it is told for some rows of a batch, written by name. */
import type { Records } from '../flow/records.ts'
import * as contract from '../hot-loop/contract.ts'
import type { WorkMemory } from '../hot-loop/memory.ts'
import type { Program } from '../hot-loop/program.ts'
import type { Words } from '../hot-loop/words.ts'
import type { FrameKind, FrameOptions } from './frame-encoder.ts'
import type { HeaderWords } from './loop-header.ts'
import type { UnicodeControls } from './unicode-controls.ts'

/** What the loop keeps of what was made for it, and of what that was made of: powers of two. */
const SLOTS = 2048
const KNOWN = 2048
/** Of rows: a power of two, too. */
const ROWS = 512
const knownBytes = contract.KNOWN_HEAD_BYTES + KNOWN * contract.KNOWN_BYTES
/** Room for all of them. */
export const ALL_SLOTS_BYTES = knownBytes + SLOTS * contract.SLOT_BYTES + ROWS * contract.ROW_BYTES

const framings: Readonly<Record<FrameKind, number>> = {
  datagram: contract.FRAMING_DATAGRAM,
  lf: contract.FRAMING_LF,
  'octet-counting': contract.FRAMING_OCTETS,
}

const controls: Readonly<Record<UnicodeControls, number>> = {
  keep: contract.CONTROLS_KEEP,
  breaks: contract.CONTROLS_BREAKS,
  all: contract.CONTROLS_ALL,
}

/** What a job is made of. */
export interface LoopJob {
  readonly records: Records
  /** How many of its rows are to be encoded; their indices lie at `rowsAt`. */
  readonly count: number
  readonly program: Program
  readonly header: HeaderWords
  /** Address of all that is kept, zeros at first. */
  readonly slots: number
  /** Address and length of the receipt time. */
  readonly receipt: readonly [address: number, length: number]
  /** Number of the source of the records. */
  readonly source: number
  /** Room that one row needs at most. */
  readonly rowReserve: number
}

/** All that the loop is told; where the frames begin is set before each call of it. */
export function jobWords(memory: WorkMemory, options: FrameOptions, of: LoopJob): Words<'ENCODE'> {
  const { records } = of
  return {
    [contract.ENCODE_BYTES]: records.bytes.byteOffset,
    [contract.ENCODE_STARTS]: records.starts.byteOffset,
    [contract.ENCODE_ENDS]: records.ends.byteOffset,
    [contract.ENCODE_FLAGS]: records.flags.byteOffset,
    [contract.ENCODE_COLUMNS]: records.layout.columns.length,
    [contract.ENCODE_ROWS]: memory.rowsAt,
    [contract.ENCODE_COUNT]: of.count,
    [contract.ENCODE_IS_VALID_UTF8]: records.validUtf8 ? 1 : 0,
    ...of.program,
    [contract.ENCODE_SLOTS]: of.slots + knownBytes,
    [contract.ENCODE_SLOT_MASK]: SLOTS - 1,
    [contract.ENCODE_KNOWN]: of.slots,
    [contract.ENCODE_KNOWN_MASK]: KNOWN - 1,
    [contract.ENCODE_ROW_SLOTS]: of.slots + knownBytes + SLOTS * contract.SLOT_BYTES,
    [contract.ENCODE_ROW_SLOT_MASK]: ROWS - 1,
    [contract.ENCODE_SOURCE]: of.source,
    ...of.header,
    [contract.ENCODE_FRAMING]: framings[options.framing],
    [contract.ENCODE_MAX_MESSAGE]: options.maxMessageBytes,
    [contract.ENCODE_PROTECTS_HEADER]: options.protectHeader ? 1 : 0,
    [contract.ENCODE_CONTROLS]: controls[options.unicodeControls ?? 'keep'],
    [contract.ENCODE_OUT]: 0,
    [contract.ENCODE_OUT_END]: 0,
    [contract.ENCODE_ROW_RESERVE]: of.rowReserve,
    [contract.ENCODE_OUT_BASE]: 0,
    [contract.ENCODE_FRAME_ENDS]: memory.frameEndsAt,
    [contract.ENCODE_CUT]: 0,
    [contract.ENCODE_BROKEN]: 0,
    [contract.ENCODE_HAS_OVERFLOW]: 0,
    [contract.ENCODE_IS_KEEPABLE]: 0,
    [contract.ENCODE_SEVERITY]: 0,
    [contract.ENCODE_RECEIPT]: of.receipt[0],
    [contract.ENCODE_RECEIPT_LENGTH]: of.receipt[1],
  }
}
