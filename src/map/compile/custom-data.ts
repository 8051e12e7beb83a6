/** Members of custom-data: a list of `Type:Key=Value`, such as `S:DeliveryPriority=Normal;S:IsProbe=true`. */

import type { Derive } from '../../flow/plan.ts'
import type { Records } from '../../flow/records.ts'
import { FieldFlag, fieldText } from '../../records/fields.ts'
import { splitList } from '../../records/list.ts'

const SEMICOLON = 0x3b
const QUOTE = 0x27

/** Longer keys are looked for by their ends. */
const MOST_SKIPPED = 255

/** Bytes that stand in custom-data wherever a member has this key. */
export function soughtFor(key: string): Buffer {
  return Buffer.from(`${key}=`).subarray(-MOST_SKIPPED)
}

/** The value of the first member with this type and key (`S:IsProbe`); `''` when there is none. */
export function customValue(column: number, key: string): Derive {
  const prefix = `${key}=`
  const sought = soughtFor(key)
  const find = finder(sought)
  const isWhole = sought.length === Buffer.byteLength(prefix)
  return (records, row) => {
    const { bytes, starts, ends } = records
    const index = row * records.layout.columns.length + column
    const start = starts[index]!
    const end = ends[index]!
    // Most rows don't have the key, which their bytes show without taking the list apart.
    const found = find(bytes, start, end)
    if (found < 0) return ''
    if (isWhole && isPlain(records, index)) {
      const at = ownMember(bytes, start, end, found, find)
      return at < 0 ? '' : restAt(bytes, end, at + sought.length)
    }
    const member = splitList(fieldText(records, row, column)).find((one) => one.startsWith(prefix))
    return member === undefined ? '' : member.slice(prefix.length)
  }
}

/** Whether each `;` of the list ends a member. */
function isPlain({ bytes, starts, ends, flags }: Records, index: number): boolean {
  return (flags[index]! & FieldFlag.quote) === 0 && !isWithin(bytes, QUOTE, starts[index]!, ends[index]!)
}

type Find = (bytes: Buffer, start: number, end: number) => number

/** Where in a plain list a member begins with what `find` finds, from `found` on; -1 for nowhere. */
function ownMember(bytes: Buffer, start: number, end: number, found: number, find: Find): number {
  let at = found
  while (at > start && bytes[at - 1] !== SEMICOLON) at = find(bytes, at + 1, end)
  return at
}

/** What stands from there to the end of its member. */
function restAt(bytes: Buffer, end: number, from: number): string {
  const next = bytes.indexOf(SEMICOLON, from)
  return bytes.toString('utf8', from, next < 0 || next > end ? end : next)
}

function isWithin(bytes: Buffer, byte: number, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === byte) return true
  return false
}

/** What stands behind this beginning (`S:TRA=ETR|`), of each member that has it, joined as a list of such texts. */
export function memberRests(column: number, beginning: string): Derive {
  const sought = membersSoughtFor(beginning)
  const find = finder(sought)
  const isWhole = sought.length === Buffer.byteLength(beginning)
  return (records, row) => {
    const { bytes, starts, ends } = records
    const index = row * records.layout.columns.length + column
    const start = starts[index]!
    const end = ends[index]!
    const found = find(bytes, start, end)
    if (found < 0) return ''
    if (isWhole && isPlain(records, index)) {
      const rests: string[] = []
      for (let at = found; ; at = find(bytes, at + 1, end)) {
        at = ownMember(bytes, start, end, at, find)
        if (at < 0) return rests.join('; ')
        rests.push(restAt(bytes, end, at + sought.length))
      }
    }
    const members = splitList(fieldText(records, row, column)).filter((one) => one.startsWith(beginning))
    return members.map((member) => member.slice(beginning.length)).join('; ')
  }
}

/** Bytes that stand in custom-data wherever a member begins so. */
export function membersSoughtFor(beginning: string): Buffer {
  return Buffer.from(beginning).subarray(-MOST_SKIPPED)
}

/** Where these bytes stand first in bytes[start … end), -1 for nowhere: Horspool's search, which looks at few of them. */
function finder(wanted: Buffer): Find {
  const last = wanted.length - 1
  const skips = new Uint8Array(256).fill(wanted.length)
  for (let at = 0; at < last; at++) skips[wanted[at]!] = last - at
  return (bytes, start, end) => {
    for (let at = start + last; at < end; at += skips[bytes[at]!]!) {
      let back = 0
      while (back <= last && bytes[at - back] === wanted[last - back]) back++
      if (back > last) return at - last
    }
    return -1
  }
}
