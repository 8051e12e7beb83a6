/**
 * What was made of the same few fields before, found by their bytes: a log says the same events, servers and replies
 * over and over.
 *
 *   slot   [value, length, severity, wasUsed][key, to a multiple of 8][value]      one of two that its hash chooses
 *   key    [op][source], and for each input [length and quote flag][bytes of the field], or [blankness], or [shape]
 */
import { BLANKNESS, FLAG_QUOTE, NO_COLUMN, SHAPE, SLOT_BYTES } from '../contract'
import { EncodeJob, endOf, Op, startOf, Text } from './job'
import { contains, copyPlain, shapeOf, trimStart } from './text'

const MOST_KEY_BYTES: usize = 128

@unmanaged
export class Kept {
  value: usize
  length: u32
  /** Of a header. */
  severity: u32
  /** Found or kept since both slots that its key may be in were wanted for another. */
  wasUsed: u32
}

/** The key at hand, made by `find`, and the slots it may be kept in; no key where nothing is to be kept. */
const key: usize = memory.data(256, 16)
let keyEnd: usize = key
let slot: usize = 0
let otherSlot: usize = 0

/** What the op makes of this row, if it is kept. */
export function find(job: EncodeJob, op: Op, row: u32): Kept | null {
  keyEnd = key
  const end = writeKey(job, op, row)
  if (!end) return null
  keyEnd = end
  let hash: u64 = 0
  for (let at = key; at < keyEnd; at += 8) {
    hash = (hash ^ load<u64>(at)) * 0x9e3779b97f4a7c15
    hash ^= hash >> 32
  }
  const index = <u32>hash & job.slotMask
  slot = job.slots + <usize>index * SLOT_BYTES
  otherSlot = job.slots + <usize>(index ^ 1) * SLOT_BYTES
  if (!hasKey(slot)) {
    if (!hasKey(otherSlot)) return null
    slot = otherSlot
  }
  const kept = changetype<Kept>(slot)
  kept.wasUsed = 1
  return kept
}

/** Keeps what stands in from … end for what `find` was asked for last and did not find, if it is short enough. */
export function keep(from: usize, end: usize, severity: u32): void {
  const keyBytes = keyEnd - key
  if (keyBytes == 0 || offsetof<Kept>() + keyBytes + (end - from) > <usize>SLOT_BYTES) return
  const first = changetype<Kept>(slot)
  if (first.wasUsed) slot = otherSlot
  const kept = changetype<Kept>(slot)
  if (kept.wasUsed) {
    // What hardly comes twice is not to drive out what comes often, which is used again before the next one comes.
    first.wasUsed = kept.wasUsed = 0
    return
  }
  const keyAt = slot + offsetof<Kept>()
  memory.copy(keyAt, key, keyBytes)
  memory.copy(keyAt + keyBytes, from, end - from)
  kept.value = keyAt + keyBytes
  kept.length = <u32>(end - from)
  kept.severity = severity
  kept.wasUsed = 1
}

/** Writes the key and returns its end, a multiple of 8; 0 where nothing is to be kept. */
function writeKey(job: EncodeJob, op: Op, row: u32): usize {
  if (op.inputCount == NO_COLUMN) return 0
  const base = row * job.columns
  for (let i: u32 = 0; i < op.unlessCount; i++) {
    const unless = changetype<Text>(op.unless + <usize>i * offsetof<Text>())
    const index = base + unless.column
    if (contains(startOf(job, index), endOf(job, index), unless.at, unless.length)) return 0
  }
  store<usize>(key, changetype<usize>(op))
  store<u32>(key, job.source, 4)
  let at = key + 8
  for (let i: u32 = 0; i < op.inputCount; i++) {
    const input = load<u32>(op.inputs + (<usize>i << 2))
    const index = base + (input & ~(BLANKNESS | SHAPE))
    const start = startOf(job, index)
    const end = endOf(job, index)
    let length = <u32>(end - start)
    // The same bytes are two values: with the flag, a doubled quote stands for one.
    let about = (length << 1) | (<u32>load<u8>(job.flags + index) & FLAG_QUOTE)
    if (input & BLANKNESS) {
      about = u32(trimStart(start, end) == end)
      length = 0
    } else if (input & SHAPE) {
      about = shapeOf(start, end)
      length = 0
    }
    if (at + 2 + length > key + MOST_KEY_BYTES) return 0
    store<u16>(at, <u16>about)
    at = copyPlain(at + 2, start, length)
  }
  store<u64>(at, 0)
  return (at + 7) & ~7
}

/** Whether the slot holds the key; one key is never the beginning of another, as each field brings its length. */
function hasKey(slot: usize): bool {
  const offset = slot + offsetof<Kept>() - key
  for (let at = key; at < keyEnd; at += 8) if (load<u64>(at) != load<u64>(at + offset)) return false
  return true
}
