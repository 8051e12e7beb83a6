/**
 * Events as the table CommonSecurityLog of Microsoft Sentinel has them: what a mapping table makes of a row, under the
 * names of the columns for its keys.
 *
 *   {"TimeGenerated":…,"DeviceVendor":…, … "LogSeverity":…,  columns  ,"AdditionalExtensions":"key=value;key=value"}
 *
 * Who splits AdditionalExtensions finds no pair that a sender has written: in its values `\`, `=` and `;` are escaped.
 */
import type { EventPlan } from '../../flow/plan.ts'
import type { Records } from '../../flow/records.ts'
import { parseEventTime } from '../../records/event-time.ts'
import { ByteWriter } from '../byte-writer.ts'
import { normaliseText, type Span } from '../text-value.ts'
import { replacedBy, type UnicodeControls } from '../unicode-controls.ts'
import { type ValueForm, ValueWriter } from '../value-writer.ts'
import type { ObjectForm, WriteObject } from './json-lines.ts'
import { writeJsonText } from './json-text.ts'
import { beforeText, endOfText, jsonOf, textMember, writeAll } from './members.ts'
import { HeaderMembers, type NamedValue, ValueMembers } from './object-members.ts'
import { columnsByKey, headerColumns, type TableColumn } from './security-columns.ts'

const QUOTE = 0x22
const BRACE = 0x7b
const SEMICOLON = 0x3b
const BACKSLASH = 0x5c
const EQUALS = 0x3d

/** Objects for that table. `host`: the machine that sends them. */
export function commonSecurityLog(host: string, unicodeControls: UnicodeControls = 'keep'): ObjectForm {
  const replaced = replacedBy(unicodeControls)
  const collector = textMember('CollectorHostName', host, 255)
  let receivedMs = 0
  return {
    prepare: (plan) => writerOf(plan, { collector, replaced, receivedMs: () => receivedMs }),
    begin: (_chunk, sendTimeMs) => {
      receivedMs = sendTimeMs
    },
  }
}

/** What is the same for all plans. */
interface Surroundings {
  readonly collector: Buffer
  readonly replaced: RegExp | null
  readonly receivedMs: () => number
}

function writerOf(plan: EventPlan, { collector, replaced, receivedMs }: Surroundings): WriteObject {
  const header = new HeaderMembers(plan, { names: headerColumns, severities, replaced })
  const values: NamedValue[] = []
  const rest: ValueWriter[] = []
  for (const value of [...plan.fields, ...plan.device]) {
    const column = columnsByKey.get(value.key)
    if (column === undefined || !holds(column, value.as)) {
      rest.push(new ValueWriter(value, replaced, pairs))
      continue
    }
    const labelled = value.label && columnsByKey.get(value.label.key)
    values.push({
      value: new ValueWriter(value, replaced, formOf(column)),
      name: column.name,
      label: value.label && labelled ? { name: labelled.name, text: value.label.text } : null,
    })
  }
  rest.push(...plan.additional.map((value) => new ValueWriter(value, replaced, pairs)))
  // Several keys may have the same column.
  const columns = new ValueMembers(values)
  const trailer = Buffer.concat([Buffer.from(';'), jsonOf(normaliseText(plan.trailer, 64))])

  return (records, row, out, cap, counts) => {
    const start = out.length
    const of = { records, cap, receivedMs: receivedMs(), counts }
    writeTime(out, records, row, plan.timeColumn)
    header.write(out, records, row, cap)
    columns.write(out, row, of)
    writeAll(out, collector)
    writeAll(out, extensions)
    const first = out.length
    for (const value of rest) columns.writeOne(value, out, row, of)
    for (const { plan, clamped: digits } of columns.clamped)
      writePair(out, plan.overflowKey as string, digits)
    writeAll(out, trailer)
    // In place of the semicolon before the first pair.
    out.bytes[first] = QUOTE
    writeAll(out, end)
    out.bytes[start] = BRACE
  }
}

/** For each severity, 0 to 10. */
const severities = Array.from({ length: 11 }, (_, level) => textMember(headerColumns[5], String(level)))

const extensions = Buffer.from(',"AdditionalExtensions":')
const end = Buffer.from('"}')

function writePair(out: ByteWriter, key: string, value: Span): void {
  writeAll(out, keyOf(key))
  writeEscaped(out, value)
}

function writeTime(out: ByteWriter, records: Records, row: number, column: number): void {
  if (column < 0) return
  const index = row * records.layout.columns.length + column
  const ms = parseEventTime(records.bytes, records.starts[index] as number, records.ends[index] as number)
  if (!Number.isNaN(ms)) writeAll(out, Buffer.from(`,"TimeGenerated":"${new Date(ms).toISOString()}"`))
}

/** Numbers hold no text: a table may give a key any. */
function holds({ type }: TableColumn, as: string): boolean {
  switch (type) {
    case 'string':
      return true
    case 'datetime':
      return as === 'epoch-millis' || as === 'receipt-time'
    case 'real':
      return as === 'text' || as === 'integer'
    default:
      return as === 'integer'
  }
}

function formOf({ name, type }: TableColumn): ValueForm {
  const isQuoted = type === 'string' || type === 'datetime'
  const opened = isQuoted ? beforeText(name) : Buffer.from(`,"${name}":`)
  return {
    around: () => ({ before: opened, behind: isQuoted ? endOfText : Buffer.alloc(0) }),
    text: type === 'real' ? writeDecimal : writeJsonText,
    time: (out, ms) => writeAll(out, Buffer.from(new Date(ms).toISOString())),
  }
}

/** A pair of AdditionalExtensions. */
const pairs: ValueForm = {
  around: (key) => ({ before: keyOf(key), behind: Buffer.alloc(0) }),
  text: writeEscaped,
  time: (out, ms) => out.writeInteger(ms),
}

function keyOf(key: string): Buffer {
  return Buffer.concat([Buffer.from(';'), jsonOf(normaliseText(key, 1024)), Buffer.from('=')])
}

/** Where `writeEscaped` puts what it made. */
const escaped = new ByteWriter(4096)

/** Text as a value of a pair, between the quotes of JSON. */
function writeEscaped(out: ByteWriter, { bytes, start, end }: Span): void {
  escaped.length = 0
  escaped.reserve(2 * (end - start))
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === BACKSLASH || byte === EQUALS || byte === SEMICOLON) escaped.writeByte(BACKSLASH)
    escaped.writeByte(byte)
  }
  writeJsonText(out, { bytes: escaped.bytes, start: 0, end: escaped.length, flags: 0, cut: false })
}

/** A number with digits behind the point; what is none is null. */
function writeDecimal(out: ByteWriter, { bytes, start, end }: Span): void {
  const text = bytes.toString('latin1', start, end)
  writeAll(out, Buffer.from(/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? text : 'null'))
}
