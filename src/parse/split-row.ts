/**
 * The fast splitter: one pass over the bytes of a row. It takes exactly what Exchange writes: a field is
 * quoted from its first byte to its last, with inner quotes doubled, or it holds no quote at all. Any other
 * row is irregular and left to `irregular-row.ts`.
 */
import { byteFlags } from '../field-flags.ts'
import { FieldFlag } from '../types.ts'
import type { RowTable } from './row-table.ts'

const COMMA = 0x2c
const QUOTE = 0x22

/** Returned by `splitRow` for a row with a stray or unclosed quote. */
export const IRREGULAR = -1

// Kinds of bytes beside those of FieldFlag, which fit into the lower four bits.
const KIND_COMMA = 16
const KIND_QUOTE = 32

/** What a byte means for the field that holds it: 0 for nearly all. */
const kinds = byteFlags()
kinds[COMMA] = KIND_COMMA
kinds[QUOTE] = KIND_QUOTE

/** As `kinds`, inside quotes: there a comma is text. */
const quotedKinds = Uint8Array.from(kinds)
quotedKinds[COMMA] = 0

/**
 * Splits bytes[start … end) into `table`, from its next field on. Stores at most `columns` fields and returns
 * how many there are, or IRREGULAR. The caller reserves the room and keeps the row if the number is right.
 */
export function splitRow(
  table: RowTable,
  bytes: Uint8Array,
  start: number,
  end: number,
  columns: number,
): number {
  const { starts, ends, flags } = table
  let field = table.nextField
  const lastField = field + columns
  let at = start
  for (;;) {
    let seen = 0
    let from = at
    let to: number
    if (at < end && bytes[at] === QUOTE) {
      from = ++at
      for (;;) {
        if (at >= end) return IRREGULAR
        const kind = quotedKinds[bytes[at] as number] as number
        if (kind !== 0) {
          if (kind === KIND_QUOTE) {
            if (at + 1 >= end || bytes[at + 1] !== QUOTE) break
            seen |= FieldFlag.quote
            at++
          } else {
            seen |= kind
          }
        }
        at++
      }
      to = at++
      if (at < end && bytes[at] !== COMMA) return IRREGULAR
    } else {
      while (at < end) {
        const kind = kinds[bytes[at] as number] as number
        if (kind !== 0) {
          if (kind === KIND_COMMA) break
          if (kind === KIND_QUOTE) return IRREGULAR
          seen |= kind
        }
        at++
      }
      to = at
    }
    if (field < lastField) {
      starts[field] = from
      ends[field] = to
      flags[field] = seen
    }
    field++
    if (at >= end) return field - table.nextField
    at++
  }
}
