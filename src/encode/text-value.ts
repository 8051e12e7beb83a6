/**
 * Text as CEF wants it: normalised, limited, escaped.
 *
 * Normalisation, in this order: invalid UTF-8 and control characters other than TAB, LF, CR become U+FFFD, and so do
 * the characters beyond ASCII that the destination has `replaced`,
 * leading and trailing spaces and tabs go, then the value is cut to its limit without splitting a character, and
 * spaces and tabs that the cut leaves at its end go, too.
 * What a decoder reads back is exactly that.
 */
import { isUtf8 } from 'node:buffer'
import type { Records } from '../flow/records.ts'
import { FieldFlag, flagsOf, flagsOfByte } from '../records/fields.ts'
import type { ByteWriter } from './byte-writer.ts'

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const EQUALS = 0x3d
const BACKSLASH = 0x5c
const BAR = 0x7c
const LETTER_N = 0x6e
const LETTER_R = 0x72

/** What a character at the end may lose by being shortened to its first bytes. */
const SLACK_BYTES = 64

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Where `normaliseShort` puts what it made. */
const short = Buffer.alloc(256)
// Of its own: what a file of the program takes from another one is asked for anew each time, and here that is each byte.
const ownFlags = flagsOfByte
const { high, control } = FieldFlag
const beyondAscii = high | control

/** A normalised value, not yet escaped: bytes[start … end). */
export interface Span {
  bytes: Buffer
  start: number
  end: number
  /** Bits of FieldFlag that may still hold in it. */
  flags: number
  /** True when the limit took something away. */
  cut: boolean
}

/** An empty span, to be filled by `normaliseField` again and again. */
export function createSpan(): Span {
  return { bytes: Buffer.alloc(0), start: 0, end: 0, flags: 0, cut: false }
}

/** Normalises a field of a record into `span`, limited to `maxBytes` of UTF-8. */
export function normaliseField(
  span: Span,
  records: Records,
  index: number,
  maxBytes: number,
  replaced: RegExp | null = null,
): void {
  const flags = records.flags[index] as number
  span.bytes = records.bytes
  span.start = records.starts[index] as number
  span.end = records.ends[index] as number
  span.flags = flags
  // What is replaced is never a blank, nor becomes one.
  trim(span)
  shortenTo(span, maxBytes)
  if (flags & FieldFlag.quote) replaceBytes(span, undoubleQuotes(span))
  if (isToReplace(flags, records.validUtf8, replaced)) {
    replaceBytes(span, replaceInvalid(span.bytes.subarray(span.start, span.end), replaced))
    span.flags |= FieldFlag.high
  }
  limit(span, maxBytes)
}

/** Normalises bytes that are a value as they stand into `span`, likewise; `isUtf8`: they are valid. */
export function normaliseBytes(
  span: Span,
  bytes: Buffer,
  isUtf8: boolean,
  maxBytes: number,
  replaced: RegExp | null = null,
): void {
  replaceBytes(span, bytes)
  trim(span)
  shortenTo(span, maxBytes)
  span.flags = flagsOf(bytes, span.start, span.end)
  if (isToReplace(span.flags, isUtf8, replaced)) {
    replaceBytes(span, replaceInvalid(bytes.subarray(span.start, span.end), replaced))
    span.flags |= FieldFlag.high
  }
  limit(span, maxBytes)
}

/**
 * As `normaliseText`, into `span`, which is valid until the next call: nearly all that is made of a row is short
 * and ASCII, and needs no decoder then.
 */
export function normaliseShort(
  span: Span,
  text: string,
  maxBytes: number,
  replaced: RegExp | null = null,
): void {
  const length = text.length
  let seen = length > short.length ? high : 0
  for (let at = 0; at < length && (seen & beyondAscii) === 0; at++) {
    const code = text.charCodeAt(at)
    seen |= code < 0x80 ? (ownFlags[code] as number) : high
    short[at] = code
  }
  if (seen & beyondAscii) {
    Object.assign(span, normaliseText(text, maxBytes, replaced))
    return
  }
  span.flags = seen
  span.bytes = short
  span.start = 0
  span.end = length
  trim(span)
  limit(span, maxBytes)
}

/** Normalises text that does not come from a log, such as a setting of a mapping table. */
export function normaliseText(text: string, maxBytes: number, replaced: RegExp | null = null): Span {
  const raw = Buffer.from(text, 'utf8')
  const span = { bytes: raw, start: 0, end: raw.length, flags: FieldFlag.escape | FieldFlag.high, cut: false }
  trim(span)
  shortenTo(span, maxBytes)
  replaceBytes(span, replaceInvalid(raw.subarray(span.start, span.end), replaced))
  limit(span, maxBytes)
  return span
}

/** Writes a span as an extension value; room for twice its length must be reserved. */
export function writeExtension(out: ByteWriter, { bytes, start, end, flags }: Span): void {
  if ((flags & FieldFlag.escape) === 0) {
    out.write(bytes, start, end)
    return
  }
  const to = out.bytes
  let length = out.length
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === BACKSLASH || byte === EQUALS) {
      to[length++] = BACKSLASH
      to[length++] = byte
    } else if (byte === LF || byte === CR) {
      to[length++] = BACKSLASH
      to[length++] = byte === LF ? LETTER_N : LETTER_R
    } else {
      to[length++] = byte
    }
  }
  out.length = length
}

/** Writes a span as a header field; room for twice its length must be reserved. */
export function writeHeaderField(out: ByteWriter, { bytes, start, end }: Span): void {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === BACKSLASH || byte === BAR) out.writeByte(BACKSLASH)
    out.writeByte(byte === LF || byte === CR ? SPACE : byte)
  }
}

function replaceBytes(span: Span, bytes: Buffer): void {
  span.bytes = bytes
  span.start = 0
  span.end = bytes.length
}

/**
 * Takes away what lies so far behind the limit that nothing of it is left: a value of megabytes would otherwise be read
 * and replaced as a whole for each key that takes a little of it. Two bytes (a doubled quote) become at least one.
 */
function shortenTo(span: Span, maxBytes: number): void {
  const most = 2 * maxBytes + SLACK_BYTES
  if (span.end - span.start > most) span.end = span.start + most
}

/** Whether there may be something to replace in bytes with these flags. */
function isToReplace(flags: number, isUtf8: boolean, replaced: RegExp | null): boolean {
  if (flags & FieldFlag.control) return true
  return (flags & FieldFlag.high) !== 0 && (!isUtf8 || replaced !== null)
}

function undoubleQuotes({ bytes, start, end }: Span): Buffer {
  const single = Buffer.allocUnsafe(end - start)
  let length = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    single[length++] = byte
    if (byte === QUOTE && at + 1 < end && bytes[at + 1] === QUOTE) at++
  }
  return single.subarray(0, length)
}

/** U+FFFD in place of what is no UTF-8, of control characters, and of what the destination has replaced. */
function replaceInvalid(bytes: Buffer, replaced: RegExp | null): Buffer {
  const valid = withoutControls(isUtf8(bytes) ? bytes : Buffer.from(decoder.decode(bytes), 'utf8'))
  return replaced === null ? valid : Buffer.from(decoder.decode(valid).replace(replaced, '\ufffd'), 'utf8')
}

/** Valid UTF-8 with U+FFFD (EF BF BD) in place of control characters, each of which is one byte. */
function withoutControls(bytes: Buffer): Buffer {
  let controls = 0
  for (let at = 0; at < bytes.length; at++) if (isControl(bytes[at] as number)) controls++
  if (controls === 0) return bytes
  const result = Buffer.allocUnsafe(bytes.length + 2 * controls)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (isControl(byte)) {
      result[length++] = 0xef
      result[length++] = 0xbf
      result[length++] = 0xbd
    } else {
      result[length++] = byte
    }
  }
  return result
}

function isControl(byte: number): boolean {
  return ((ownFlags[byte] as number) & control) !== 0
}

function trim(span: Span): void {
  const { bytes } = span
  while (span.start < span.end && isBlank(bytes[span.start])) span.start++
  trimEnd(span)
}

function trimEnd(span: Span): void {
  const { bytes } = span
  while (span.start < span.end && isBlank(bytes[span.end - 1])) span.end--
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB
}

function limit(span: Span, maxBytes: number): void {
  span.cut = span.end - span.start > maxBytes
  if (!span.cut) return
  span.end = span.start + maxBytes
  if (span.flags & FieldFlag.high) {
    while (span.end > span.start && ((span.bytes[span.end] as number) & 0xc0) === 0x80) span.end--
  }
  trimEnd(span)
}
