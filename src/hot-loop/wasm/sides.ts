/** Whether both sides of a row are one server: as `isSameServer` of records/writer.ts, which says why. */
import { FLAG_HIGH, FLAG_QUOTE, NO_COLUMN } from '../contract'
import { EncodeJob, endOf, startOf } from './job'
import { equalLetters, trimEnd, trimStart } from './text'
import { zoneStart } from './address'

/** The columns that say it, each `NO_COLUMN` where the layout lacks it. */
@unmanaged
export class Sides {
  source: u32
  clientName: u32
  clientAddress: u32
  serverName: u32
  serverAddress: u32
  /** Of the row at hand: 2 where they are, 1 where not, 0 where that is not known. */
  sameness: u32
}

const DOT: u8 = 0x2e
const COLON: u8 = 0x3a
/** `SMTP`, `127.`, `::1` */
const SMTP: u32 = 0x50544d53
const LOOPBACK_4: u32 = 0x2e373231
const LOOPBACK_6: u32 = 0x313a3a

/** What `text` gave last. */
let start: usize = 0
let length: u32 = 0

/** Looks at the sides of the row whose first field has this index. */
export function lookAtSides(job: EncodeJob, base: u32): void {
  const sides = changetype<Sides>(job.sides)
  sides.sameness = 0
  const flags =
    flagsOf(job, base, sides.clientName) | flagsOf(job, base, sides.serverName) |
    flagsOf(job, base, sides.clientAddress) | flagsOf(job, base, sides.serverAddress)
  // Letters beyond ASCII have other small ones, and doubled quotes are one: both are rare.
  if (flags & (FLAG_HIGH | FLAG_QUOTE)) return
  sides.sameness = 1 + u32(isSameServer(job, sides, base))
}

function isSameServer(job: EncodeJob, sides: Sides, base: u32): bool {
  text(job, base, sides.clientAddress)
  const client = start
  const clientLength = <u32>(zoneStart(client, client + length) - client)
  text(job, base, sides.serverAddress)
  const serverLength = <u32>(zoneStart(start, start + length) - start)
  const areBoth = clientLength != 0 && serverLength != 0
  if (areBoth && clientLength == serverLength && equalLetters(client, start, clientLength)) return true
  if (isLoopback(client, clientLength) || isLoopback(start, serverLength)) return true
  text(job, base, sides.source)
  if (areBoth && length == 4 && load<u32>(start) == SMTP) return false
  text(job, base, sides.clientName)
  const name = start
  const nameLength = length
  text(job, base, sides.serverName)
  return nameLength <= length
    ? isSameName(name, nameLength, start, length)
    : isSameName(start, length, name, nameLength)
}

/** Whether the second one is the first, in full. */
function isSameName(short: usize, shortLength: u32, full: usize, fullLength: u32): bool {
  if (shortLength == 0 || !equalLetters(short, full, shortLength)) return false
  if (shortLength == fullLength) return true
  if (load<u8>(full + shortLength) != DOT) return false
  for (let at = short; at < short + shortLength; at++) {
    if (load<u8>(at) == DOT || load<u8>(at) == COLON) return false
  }
  return true
}

@inline
function isLoopback(at: usize, length: u32): bool {
  if (length < 3) return false
  const first = load<u32>(at)
  return (length == 3 && (first & 0xffffff) == LOOPBACK_6) || (length > 3 && first == LOOPBACK_4)
}

@inline
function flagsOf(job: EncodeJob, base: u32, column: u32): u32 {
  return column == NO_COLUMN ? 0 : load<u8>(job.flags + base + column)
}

/** Without the blanks around it. */
function text(job: EncodeJob, base: u32, column: u32): void {
  length = 0
  if (column == NO_COLUMN) return
  const end = endOf(job, base + column)
  start = trimStart(startOf(job, base + column), end)
  length = <u32>(trimEnd(start, end) - start)
}
