/**
 * Where all lies that was made of rows alike in everything that anything is made of: one look for the row in place of one for
 * each value.
 *
 *   slot   [ops][source][for each input its number, shape or blankness][values that are nothing]
 *          [for each value the address and number of its slot]
 *
 * A slot of kept.ts has another number each time something is kept in it, so what a row remembers of it is never of another
 * value. What is not remembered is looked for there.
 */
import { MOST_ROW_INPUTS, MOST_ROW_VALUES, ROW_BYTES } from '../contract'
import { isWanted } from './inputs'
import { EncodeJob, Op } from './job'

const NOTHINGS_AT: usize = 8 + 4 * MOST_ROW_INPUTS
const VALUES_AT: usize = NOTHINGS_AT + 8
if (<u32>VALUES_AT + 8 * MOST_ROW_VALUES != ROW_BYTES) ERROR('a row has so many inputs and values')

/** Where the values of the row at hand are remembered; none where it is not, as something in it is not known. */
let values: usize = 0

/** Looks for the row whose inputs were looked at. */
export function lookForRow(job: EncodeJob): void {
  values = 0
  const count = <usize>job.rowWordCount << 2
  if (!count) return
  const words = job.rowWords
  let hash = (<u64>job.ops ^ ((<u64>job.source) << 32)) * 0x9e3779b97f4a7c15
  for (let i: usize = 0; i < count; i += 4) {
    const word = load<u32>(load<usize>(words + i))
    if (!word) return
    hash = (((hash << 27) | (hash >> 37)) ^ word) * 0xa0761d6478bd642f
  }
  hash ^= hash >> 32
  const slot = job.rowSlots + <usize>(<u32>hash & job.rowSlotMask) * ROW_BYTES
  if (!isOf(job, slot, words, count)) {
    if (!isWanted(job, hash)) return
    memory.fill(slot + NOTHINGS_AT, 0, 8 + 8 * MOST_ROW_VALUES)
    store<usize>(slot, job.ops)
    store<u32>(slot, job.source, 4)
    for (let i: usize = 0; i < count; i += 4) store<u32>(slot + i, load<u32>(load<usize>(words + i)), 8)
  }
  values = slot + VALUES_AT
}

@inline
function isOf(job: EncodeJob, slot: usize, words: usize, count: usize): bool {
  if (load<usize>(slot) != job.ops || load<u32>(slot, 4) != job.source) return false
  for (let i: usize = 0; i < count; i += 4) {
    if (load<u32>(slot + i, 8) != load<u32>(load<usize>(words + i))) return false
  }
  return true
}

/** The slot of kept.ts in which the value of this row was, 0 where that is not known; and its number then. */
@inline
export function rememberedOf(op: Op): usize {
  return values ? load<usize>(values + (<usize>op.rowPlace << 3)) : 0
}

@inline
export function rememberedNumber(op: Op): u32 {
  return load<u32>(values + (<usize>op.rowPlace << 3), 4)
}

@inline
export function remember(op: Op, slot: usize, number: u32): void {
  if (!values) return
  store<usize>(values + (<usize>op.rowPlace << 3), slot)
  store<u32>(values + (<usize>op.rowPlace << 3), number, 4)
}

/** A bit for each value of which is known that rows like the one at hand have none. */
@inline
export function nothings(): u32 {
  return values ? load<u32>(values - 8) : 0
}

/** The row at hand, and all that are like it, has no such value: whatever becomes of the slot in which that was. */
@inline
export function rememberNothing(op: Op): void {
  if (values) store<u32>(values - 8, load<u32>(values - 8) | ((<u32>1) << op.rowPlace))
}
