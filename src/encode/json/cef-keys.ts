/**
 * Events as JSON objects with the keys of CEF: what a mapping table makes of a row, flat, in the order of the event line.
 *
 *   {"deviceVendor":"…", … "name":"…","severity":3, "rt":"2026-11-20T14:00:01.037Z", "suser":"…", "cs1":"…","cs1Label":"…" …}
 *
 * A key stands in an object once, and no text can become one. Numbers are numbers, but for those that many readers would
 * round: beyond 2^53 they are texts.
 */
import type { EventPlan } from '../../flow/plan.ts'
import type { ByteWriter } from '../byte-writer.ts'
import { replacedBy, type UnicodeControls } from '../unicode-controls.ts'
import { type ValueForm, ValueWriter } from '../value-writer.ts'
import type { ObjectForm, WriteObject } from './json-lines.ts'
import { writeJsonText } from './json-text.ts'
import { beforeText, endOfText, writeAll } from './members.ts'
import { HeaderMembers, type NamedValue, ValueMembers } from './object-members.ts'

/** The fields of the header, in its order, as the standard calls them, and the severity behind them. */
export const headerNames = [
  'deviceVendor', 'deviceProduct', 'deviceVersion', 'deviceEventClassId', 'name', 'severity',
] as const // biome-ignore format: in the order of the header

const BRACE = 0x7b
const QUOTE = 0x22
/** Of values that are clamped the true one is a text; a longer one is nobody's number. */
const MOST_DIGITS = 4000
const largestExact = Buffer.from(String(Number.MAX_SAFE_INTEGER))
const end = Buffer.from('}')

/** Objects with the keys of CEF. */
export function cefKeys(unicodeControls: UnicodeControls = 'keep'): ObjectForm {
  const replaced = replacedBy(unicodeControls)
  let receivedMs = 0
  return {
    prepare: (plan) => writerOf(plan, replaced, () => receivedMs),
    begin: (_chunk, sendTimeMs) => {
      receivedMs = sendTimeMs
    },
  }
}

function writerOf(plan: EventPlan, replaced: RegExp | null, receivedMs: () => number): WriteObject {
  const header = new HeaderMembers(plan, { names: headerNames, severities, replaced })
  const values = [...plan.fields, ...plan.device, ...plan.additional].map((value): NamedValue => {
    const { key, label, as } = value
    const named = { name: key, label: label && { name: label.key, text: label.text } }
    if (as !== 'integer') return { ...named, value: new ValueWriter(value, replaced, texts) }
    const { length } = beforeNumber(key)
    return {
      ...named,
      value: new ValueWriter(value, replaced, numbers),
      mend: (out, start) => keepExact(out, start + length),
    }
  })
  const members = new ValueMembers(values, headerNames)

  return (records, row, out, cap, counts) => {
    const start = out.length
    header.write(out, records, row, cap)
    members.write(out, row, { records, cap, receivedMs: receivedMs(), counts })
    for (const { plan, clamped: digits } of members.clamped) {
      if (digits.end - digits.start > Math.min(MOST_DIGITS, cap)) {
        counts.cut++
        continue
      }
      writeAll(out, beforeText(plan.overflowKey as string))
      writeJsonText(out, digits)
      writeAll(out, endOfText)
    }
    writeAll(out, end)
    out.bytes[start] = BRACE
  }
}

const severities = Array.from({ length: 11 }, (_, level) => Buffer.from(`,"${headerNames[5]}":${level}`))

const texts: ValueForm = {
  around: (key) => ({ before: beforeText(key), behind: endOfText }),
  text: writeJsonText,
  time: (out, ms) => writeAll(out, Buffer.from(new Date(ms).toISOString())),
}

const numbers: ValueForm = {
  ...texts,
  around: (key) => ({ before: beforeNumber(key), behind: Buffer.alloc(0) }),
}

/** `,"key":` */
function beforeNumber(key: string): Buffer {
  return beforeText(key).subarray(0, -1)
}

/** Puts quotes around the digits at the end where a reader that has only floating-point numbers would lose some. */
function keepExact(out: ByteWriter, start: number): void {
  const length = out.length - start
  if (length < largestExact.length) return
  const isExact =
    length === largestExact.length && out.bytes.compare(largestExact, 0, length, start, out.length) <= 0
  if (isExact) return
  out.reserve(2)
  out.bytes.copyWithin(start + 1, start, out.length)
  out.bytes[start] = QUOTE
  out.bytes[out.length + 1] = QUOTE
  out.length += 2
}
