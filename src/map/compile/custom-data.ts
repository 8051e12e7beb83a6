/** Members of custom-data: a list of `Type:Key=Value`, such as `S:DeliveryPriority=Normal;S:IsProbe=true`. */

import type { Derive } from '../../flow/plan.ts'
import { fieldText } from '../../records/fields.ts'
import { splitList } from '../../records/list.ts'

/** Longer keys are looked for by their ends. */
const MOST_SKIPPED = 255

/** Bytes that stand in custom-data wherever a member has this key. */
export function soughtFor(key: string): Buffer {
  return Buffer.from(`${key}=`).subarray(-MOST_SKIPPED)
}

/** The value of the first member with this type and key (`S:IsProbe`); `''` when there is none. */
export function customValue(column: number, key: string): Derive {
  const prefix = `${key}=`
  const mayStandIn = findsBytes(soughtFor(key))
  return (records, row) => {
    const index = row * records.layout.columns.length + column
    // Most rows don't have the key, which their bytes show without taking the list apart.
    if (!mayStandIn(records.bytes, records.starts[index]!, records.ends[index]!)) return ''
    const member = splitList(fieldText(records, row, column)).find((one) => one.startsWith(prefix))
    return member === undefined ? '' : member.slice(prefix.length)
  }
}

/** Whether these bytes stand in bytes[start … end): Horspool's search, which looks at few bytes of a long field. */
function findsBytes(wanted: Buffer): (bytes: Buffer, start: number, end: number) => boolean {
  const last = wanted.length - 1
  const skips = new Uint8Array(256).fill(wanted.length)
  for (let at = 0; at < last; at++) skips[wanted[at]!] = last - at
  return (bytes, start, end) => {
    for (let at = start + last; at < end; at += skips[bytes[at]!]!) {
      let back = 0
      while (back <= last && bytes[at - back] === wanted[last - back]) back++
      if (back > last) return true
    }
    return false
  }
}
