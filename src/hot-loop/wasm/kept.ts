/**
 * What was made of the same few fields before: a log says the same events, servers and replies over and over.
 *
 *   slot   [length, severity, wasUsed][op][source][number][for each input its number, shape or blankness][value]
 *
 * It is one of two that a hash of what the value is made of chooses; see inputs.ts for that.
 */
import { MOST_INPUTS, NO_COLUMN, SLOT_BYTES } from '../contract'
import { isWanted, nextNumber, stands } from './inputs'
import { EncodeJob, Op } from './job'
import { remember, rememberedNumber, rememberedOf } from './rows'

@unmanaged
export class Kept {
  length: u32
  /** Of a header its severity; of a value that is a copy one more than its column, which then is all that is kept. */
  severity: u32
  /** Found or kept since both slots that its key may be in were wanted for another. */
  wasUsed: u32
  op: usize
  source: u32
  /** Another one each time that something is kept. */
  number: u32
}

/** The slots that what `find` was asked for may be kept in; none where nothing is to be kept. */
let slot: usize = 0
let otherSlot: usize = 0
let hash: u64 = 0

/** What the op makes of the row that was looked at, if it is kept. */
export function find(job: EncodeJob, op: Op): Kept | null {
  slot = 0
  const count = op.inputCount
  if (count == NO_COLUMN || (op.unless && stands(job, op.unless))) return null
  const remembered = rememberedOf(op)
  if (remembered && changetype<Kept>(remembered).number == rememberedNumber(op)) {
    const kept = changetype<Kept>(remembered)
    kept.wasUsed = 1
    return kept
  }
  const inputs = op.inputs
  hash = <u64>changetype<usize>(op) * 0x9e3779b97f4a7c15 + <u64>job.source * 0xc2b2ae3d27d4eb4f
  for (let i: usize = 0; i < <usize>count; i++) {
    const word = wordOf(inputs, i)
    if (!word) return null
    hash += <u64>word * load<u64>(factors + (i << 3))
  }
  const index = <u32>(hash >> 32) & job.slotMask
  slot = job.slots + <usize>index * SLOT_BYTES
  otherSlot = job.slots + <usize>(index ^ 1) * SLOT_BYTES
  if (!isOf(slot, job, op)) {
    if (!isOf(otherSlot, job, op)) return null
    slot = otherSlot
  }
  const kept = changetype<Kept>(slot)
  kept.wasUsed = 1
  remember(op, slot, kept.number)
  return kept
}

/** Whether what `find` was asked for last and did not find may be kept. */
@inline
export function isToBeKept(): bool {
  return slot != 0
}

/** Where the value begins that is kept for this op. */
@inline
export function valueOf(kept: Kept, op: Op): usize {
  return changetype<usize>(kept) + offsetof<Kept>() + (<usize>op.inputCount << 2)
}

/** Keeps what stands in from … end for what `find` was asked for last and did not find, if it is short enough. */
export function keep(job: EncodeJob, op: Op, from: usize, end: usize, severity: u32): void {
  if (slot == 0 || valueOf(changetype<Kept>(slot), op) + (end - from) > slot + SLOT_BYTES) return
  if (!isWanted(job, hash)) return
  const first = changetype<Kept>(slot)
  if (first.wasUsed) slot = otherSlot
  const kept = changetype<Kept>(slot)
  if (kept.wasUsed) {
    // As with what is known of inputs.
    first.wasUsed = kept.wasUsed = 0
    return
  }
  kept.op = changetype<usize>(op)
  kept.source = job.source
  for (let i: usize = 0; i < <usize>op.inputCount; i++) {
    store<u32>(slot + offsetof<Kept>() + (i << 2), wordOf(op.inputs, i))
  }
  memory.copy(valueOf(kept, op), from, end - from)
  kept.length = <u32>(end - from)
  kept.severity = severity
  kept.wasUsed = 1
  kept.number = nextNumber(job)
  remember(op, slot, kept.number)
}

@inline
function wordOf(inputs: usize, i: usize): u32 {
  return load<u32>(load<usize>(inputs + (i << 2)))
}

@inline
function isOf(at: usize, job: EncodeJob, op: Op): bool {
  const kept = changetype<Kept>(at)
  if (kept.op != changetype<usize>(op) || kept.source != job.source) return false
  const count = <usize>op.inputCount
  for (let i: usize = 0; i < count; i++) {
    if (load<u32>(at + offsetof<Kept>() + (i << 2)) != wordOf(op.inputs, i)) return false
  }
  return true
}

/** Odd, and of no pattern: one for each input. */
const factors: usize = memory.data<u64>([
  0xa0761d6478bd642f, 0xe7037ed1a0b428db, 0x8ebc6af09c88c6e3, 0x589965cc75374cc3, 0x1d8e4e27c47d124f,
  0xeb44accab455d165, 0x9c6e6877736c46e3, 0xd1342543de82ef95, 0xaf251af3b0f025b5, 0xda942042e4dd58b5,
  0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53, 0x2545f4914f6cdd1d, 0xbf58476d1ce4e5b9,
])
if (MOST_INPUTS != 14) ERROR('there is a factor for each input')
