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
import { CefHeaders } from '../cef-header.ts'
import { createSpan } from '../text-value.ts'
import { replacedBy, type UnicodeControls } from '../unicode-controls.ts'
import { type ValueForm, ValueWriter } from '../value-writer.ts'
import type { ObjectForm, WriteObject } from './json-lines.ts'
import { writeJsonText } from './json-text.ts'
import { beforeText, endOfText, headerField, textMember, writeAll } from './members.ts'

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

/** A value, and which of the names it and its label have. */
interface Member {
  readonly value: ValueWriter
  readonly name: number
  readonly label: { readonly name: number; readonly bytes: Buffer } | null
  /** Length of what stands before a number; -1 for what is none. */
  readonly beforeNumber: number
}

function writerOf(plan: EventPlan, replaced: RegExp | null, receivedMs: () => number): WriteObject {
  const headers = new CefHeaders(plan, replaced)
  const header = plan.header.map((field, index) => ({
    field,
    before: beforeText(headerNames[index] as string),
  }))
  const severities = Array.from({ length: 11 }, (_, level) => Buffer.from(`,"${headerNames[5]}":${level}`))
  const names = new Map<string, number>(headerNames.map((name, index) => [name, index]))
  const numberOf = (name: string) => {
    if (!names.has(name)) names.set(name, names.size)
    return names.get(name) as number
  }
  const members = [...plan.fields, ...plan.device, ...plan.additional].map((value): Member => {
    const { key, label, as } = value
    return {
      value: new ValueWriter(value, replaced, as === 'integer' ? numbers : texts),
      name: numberOf(key),
      label: label && { name: numberOf(label.key), bytes: textMember(label.key, label.text) },
      beforeNumber: as === 'integer' ? beforeNumber(key).length : -1,
    }
  })
  /** Which names the object has already. */
  const has = new Uint8Array(names.size)
  const span = createSpan()
  const clamped: ValueWriter[] = []

  return (records, row, out, cap, counts) => {
    const start = out.length
    has.fill(0)
    has.fill(1, 0, headerNames.length)
    clamped.length = 0
    for (const { field, before } of header) {
      writeAll(out, before)
      writeJsonText(out, headerField(field, { records, row }, Math.min(field.maxBytes, cap), span, replaced))
      writeAll(out, endOfText)
    }
    writeAll(out, severities[headers.of(records, row).severity] as Buffer)
    for (const { value, name, label, beforeNumber } of members) {
      if (has[name] === 1) continue
      out.reserve(value.maxBytes)
      const from = out.length
      const outcome = value.write(out, records, row, cap, receivedMs())
      if (outcome === 'cut' || outcome === 'clamped' || outcome === 'invalid') counts[outcome]++
      if (outcome === 'clamped' && value.plan.overflowKey !== null) clamped.push(value)
      if (out.length === from) continue
      if (beforeNumber >= 0) keepExact(out, from + beforeNumber)
      has[name] = 1
      if (label === null || has[label.name] === 1) continue
      has[label.name] = 1
      writeAll(out, label.bytes)
    }
    for (const { plan, clamped: digits } of clamped) {
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
