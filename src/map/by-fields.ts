/**
 * What is made of the same few fields again and again, kept by their bytes: a log says the same events, servers
 * and replies over and over, and comparing bytes is much cheaper than making text of them.
 *
 *   key   [length, quote flag][bytes of a field] for each column     a slot holds the last key of its hash
 */
import { FieldFlag, type Records } from '../types.ts'

const SLOTS = 256
/** Longer keys hardly come twice. */
const KEY_BYTES = 128
const QUOTED = 0x80

/** The key at hand; filled and used up within one call. */
const key = new Uint8Array(KEY_BYTES)

/** As `make`, which may look at nothing of a row but these columns and its source. */
export function byFields<T extends string | number>(
  columns: readonly number[],
  make: (records: Records, row: number) => T,
): (records: Records, row: number) => T {
  const keys = new Uint8Array(SLOTS * KEY_BYTES)
  const made = new Array<T | undefined>(SLOTS).fill(undefined)
  let source: string | undefined
  return (records, row) => {
    if (records.source !== source) {
      made.fill(undefined)
      source = records.source
    }
    const { bytes, starts, ends, flags } = records
    const base = row * records.layout.columns.length
    let length = 0
    let hash = 0x811c9dc5
    for (const column of columns) {
      const start = starts[base + column] as number
      const end = ends[base + column] as number
      if (length + 1 + end - start > KEY_BYTES) return make(records, row)
      const quoted = ((flags[base + column] as number) & FieldFlag.quote) === 0 ? 0 : QUOTED
      key[length++] = (end - start) | quoted
      hash = Math.imul(hash ^ (end - start), 0x01000193)
      for (let at = start; at < end; at++) {
        const byte = bytes[at] as number
        key[length++] = byte
        hash = Math.imul(hash ^ byte, 0x01000193)
      }
    }
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
    const found = made[slot]
    const keyAt = slot * KEY_BYTES
    if (found !== undefined && startsWithKey(keys, keyAt, length)) return found
    // `make` may come here again, so the key is kept first; until then the slot is empty.
    for (let at = 0; at < length; at++) keys[keyAt + at] = key[at] as number
    made[slot] = undefined
    const value = make(records, row)
    made[slot] = value
    return value
  }
}

/** Each field brings its length, so one key is never the beginning of another. */
function startsWithKey(keys: Uint8Array, keyAt: number, length: number): boolean {
  for (let at = 0; at < length; at++) if (keys[keyAt + at] !== key[at]) return false
  return true
}
