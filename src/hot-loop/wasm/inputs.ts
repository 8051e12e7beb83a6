/**
 * What the row at hand holds in the columns that something is made of, looked at once for all that is made of it. What a
 * field holds is told by a number: the same bytes in the same column have the same one as long as they are known, from the
 * second time they come.
 *
 *   known   [last number given, …][hashes of what came once], and of each   [input, …, shape, texts, …][bytes]
 */
import {
  CAME_ONCE, FLAG_QUOTE, KNOWN_BYTES, KNOWN_HEAD_BYTES, ROW_BYTES, SHAPE_BLANK, SLOT_BYTES,
} from '../contract'
import { EncodeJob, endOf, startOf } from './job'
import { lookAtSides } from './sides'
import { contains, holdsNoAddress, holdsRun, shapeOf, trimStart } from './text'

/** A column that something is made of. */
@unmanaged
export class Input {
  column: u32
  /** Whether its bytes matter, and whether its shape does; else only whether it is blank, and the texts. */
  isWhole: u32
  hasShape: u32
  /** Texts that are looked for in it, each a `Text`. */
  texts: usize
  textCount: u32
  /** Bits of those that no other column has. */
  ownBits: u32
  /** The `Known` of the last row. */
  last: usize
  // Of the row at hand; none of them is 0 where something is known.
  /** Of its bytes. */
  number: u32
  /** One more than its shape. */
  shape: u32
  /** 2 where it is blank, else 1. */
  blankness: u32
}

/**
 * A text that is looked for, and its bit; of no length: anything that no address is written with. With places: `length` bytes
 * of those that they allow, as `ByteRun` says.
 */
@unmanaged
export class Text {
  at: usize
  length: u32
  bit: u32
  places: usize
}

@unmanaged
class Known {
  input: usize
  /** Length and quote flag: the same bytes are two values, with the flag a doubled quote stands for one. */
  about: u32
  number: u32
  /** Found or made since both places that it may be in were wanted for another. */
  wasUsed: u32
  shape: u32
  /** Bits of the texts that stand in it. */
  texts: u32
  reserved: u64
}

const MOST_BYTES: usize = KNOWN_BYTES - 32
/** From here on all numbers begin anew, at the beginning of a row. */
const LAST_NUMBER: u32 = 0xfffffff0 - 0xffff

/** Bits of the texts that stand in the row at hand, as far as they were looked for, */
let texts: u32 = 0
/** and of those that were. */
let lookedFor: u32 = 0
/** Index of the first field of that row. */
let base: u32 = 0

/** Looks at the inputs of the program in this row. */
export function lookAt(job: EncodeJob, row: u32): void {
  if (load<u32>(job.known) > LAST_NUMBER) forget(job)
  texts = 0
  lookedFor = 0
  base = row * job.columns
  let at = job.inputs
  for (const end = at + <usize>job.inputCount * offsetof<Input>(); at < end; at += offsetof<Input>()) {
    const input = changetype<Input>(at)
    const index = base + input.column
    const start = startOf(job, index)
    const end = endOf(job, index)
    const known = input.isWhole ? findKnown(job, input, index, start, end) : null
    if (known) {
      input.number = known.number
      setShape(input, known.shape)
      texts |= known.texts
      lookedFor |= input.ownBits
    } else {
      input.number = 0
      setShape(input, seen(input, start, end))
    }
  }
  if (job.sides) lookAtSides(job, base)
}

@inline
function setShape(input: Input, shape: u32): void {
  input.shape = shape + 1
  input.blankness = 1 + (shape & SHAPE_BLANK)
}

/** Its shape, or where that does not matter only whether it is blank. */
function seen(input: Input, start: usize, end: usize): u32 {
  if (input.hasShape) return shapeOf(start, end)
  return trimStart(start, end) == end ? SHAPE_BLANK : 0
}

/**
 * Whether one of the texts with these bits stands in the row at hand. Many are asked for only of a few rows, and so they are
 * not looked for before.
 */
export function stands(job: EncodeJob, bits: u32): bool {
  const unknown = bits & ~lookedFor
  if (unknown && !(texts & bits)) {
    let at = job.inputs
    for (const end = at + <usize>job.inputCount * offsetof<Input>(); at < end; at += offsetof<Input>()) {
      const input = changetype<Input>(at)
      // What is known was looked through.
      if (!input.textCount) break
      if (input.number) continue
      const index = base + input.column
      texts |= textsIn(input, startOf(job, index), endOf(job, index), unknown)
    }
    lookedFor |= unknown
  }
  return (texts & bits) != 0
}

/** Whether all texts with these bits were looked for, and none of them stands in the row at hand. */
@inline
export function standNowhere(bits: u32): bool {
  return !(bits & (texts | ~lookedFor))
}

/** Of the texts with these bits those that stand there. */
function textsIn(input: Input, start: usize, end: usize, bits: u32): u32 {
  let found: u32 = 0
  for (let i: u32 = 0; i < input.textCount; i++) {
    const text = changetype<Text>(input.texts + <usize>i * offsetof<Text>())
    if (!(text.bit & bits) || found & text.bit) continue
    if (isIn(text, start, end)) found |= text.bit
  }
  return found
}

@inline
function isIn(text: Text, start: usize, end: usize): bool {
  if (text.places) return holdsRun(start, end, text.places, text.length)
  return text.length ? contains(start, end, text.at, text.length) : holdsNoAddress(start, end)
}

/** What is known of these bytes in this column, from now on if there was nothing; null when they are not worth it. */
function findKnown(job: EncodeJob, input: Input, index: u32, start: usize, end: usize): Known | null {
  const length = end - start
  if (length > MOST_BYTES) return null
  const about = (<u32>length << 1) | (<u32>load<u8>(job.flags + index) & FLAG_QUOTE)
  if (input.last) {
    const last = changetype<Known>(input.last)
    if (isOf(last, input, about, start)) {
      last.wasUsed = 1
      return last
    }
  }
  const first = job.known + KNOWN_HEAD_BYTES
  const hash = hashOf(input, about, start, length)
  const place = <u32>hash & job.knownMask
  const one = changetype<Known>(first + <usize>place * KNOWN_BYTES)
  const other = changetype<Known>(first + <usize>(place ^ 1) * KNOWN_BYTES)
  let known = one
  if (!isOf(one, input, about, start)) {
    known = other
    if (!isOf(other, input, about, start)) {
      if (!isWanted(job, hash)) return null
      if (!one.wasUsed) {
        known = one
      } else if (other.wasUsed) {
        // What hardly comes twice is not to drive out what comes often, which is used again before the next one comes.
        one.wasUsed = other.wasUsed = 0
        return null
      }
      known.input = changetype<usize>(input)
      known.about = about
      known.number = nextNumber(job)
      known.shape = shapeOf(start, end)
      known.texts = textsIn(input, start, end, 0xffffffff)
      const bytes = changetype<usize>(known) + 32
      for (let at: usize = 0; at < length; at += 16) v128.store(bytes + at, v128.load(start + at))
    }
  }
  known.wasUsed = 1
  input.last = changetype<usize>(known)
  return known
}

/** A number that nothing had before. */
@inline
export function nextNumber(job: EncodeJob): u32 {
  const number = load<u32>(job.known) + 1
  store<u32>(job.known, number)
  return number
}

@inline
function isOf(known: Known, input: Input, about: u32, start: usize): bool {
  if (known.input != changetype<usize>(input) || known.about != about) return false
  const bytes = changetype<usize>(known) + 32
  let left = <i32>(about >> 1)
  for (let at: usize = 0; left > 0; at += 16, left -= 16) {
    let alike = <u32>i8x16.bitmask(i8x16.eq(v128.load(bytes + at), v128.load(start + at)))
    if (left < 16) alike |= 0xffff << left
    if ((alike & 0xffff) != 0xffff) return false
  }
  return true
}

function hashOf(input: Input, about: u32, start: usize, length: usize): u64 {
  let hash = (<u64>changetype<usize>(input) << 32) | about
  let at: usize = 0
  for (; at + 8 <= length; at += 8) hash = mixed(hash, load<u64>(start + at))
  if (at < length) hash = mixed(hash, load<u64>(start + at) & (((<u64>1) << ((length - at) << 3)) - 1))
  else hash = mixed(hash, 0)
  return hash
}

@inline
function mixed(hash: u64, word: u64): u64 {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15
  return hash ^ (hash >> 32)
}

/** False for what has not come lately: most of that does not come again, and would drive out what does. */
export function isWanted(job: EncodeJob, hash: u64): bool {
  // Places for two: of two things that come in the same rows, and in one place, neither would ever be there again.
  const at = job.known + 16 + (<usize>(<u32>hash & (CAME_ONCE / 2 - 1)) << 3)
  const mark = <u32>(hash >> 32)
  const last = load<u32>(at)
  if (last == mark || load<u32>(at, 4) == mark) return true
  store<u32>(at, mark)
  store<u32>(at, last, 4)
  return false
}

/** Of numbers that are given a second time, nothing may be left. */
function forget(job: EncodeJob): void {
  memory.fill(job.known, 0, <usize>KNOWN_HEAD_BYTES + <usize>(job.knownMask + 1) * KNOWN_BYTES)
  memory.fill(job.slots, 0, <usize>(job.slotMask + 1) * SLOT_BYTES)
  memory.fill(job.rowSlots, 0, <usize>(job.rowSlotMask + 1) * ROW_BYTES)
}
