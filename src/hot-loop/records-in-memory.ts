/** Records that were rewritten lie outside of the memory of the hot loop: a copy in it is made for a while. */
import type { Records } from '../flow/records.ts'
import type { WorkMemory } from './memory.ts'

/**
 * The records as they are in that memory, or a copy there, valid until the next one is made; null when there is no
 * room for it.
 */
export function broughtIn(memory: WorkMemory, records: Records): Records | null {
  const { bytes, starts, ends, flags } = records
  const hasBytes = memory.holds(bytes)
  if (hasBytes && memory.holds(starts) && memory.holds(ends) && memory.holds(flags)) return records
  const fields = starts.length
  const startsAt = memory.spare(9 * fields + (hasBytes ? 0 : bytes.length))
  if (startsAt === undefined) return null
  const endsAt = startsAt + 4 * fields
  const flagsAt = endsAt + 4 * fields
  const bytesAt = flagsAt + fields
  memory.words.set(starts, startsAt / 4)
  memory.words.set(ends, endsAt / 4)
  memory.bytes.set(flags, flagsAt)
  if (!hasBytes) memory.bytes.set(bytes, bytesAt)
  return {
    ...records,
    bytes: hasBytes ? bytes : memory.bytes.subarray(bytesAt, bytesAt + bytes.length),
    starts: memory.words.subarray(startsAt / 4, startsAt / 4 + fields),
    ends: memory.words.subarray(endsAt / 4, endsAt / 4 + fields),
    flags: memory.bytes.subarray(flagsAt, flagsAt + fields),
  }
}
