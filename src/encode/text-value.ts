/**
 * Text as CEF wants it: normalised, limited, escaped.
 *
 * Normalisation, in this order: invalid UTF-8 and control characters other than TAB, LF, CR become U+FFFD, and so do
 * the characters beyond ASCII that the destination has `replaced`,
 * leading and trailing spaces and tabs go, then the value is cut to its limit without splitting a character, and
 * spaces and tabs that the cut leaves at its end go, too.
 * What a decoder reads back is exactly that.
 */
import { flagsOf, flagsOfByte } from '../field-flags.ts'
import { FieldFlag, type Records } from '../types.ts'
import type { ByteWriter } from './byte-writer.ts'

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const EQUALS = 0x3d
const BACKSLASH = 0x5c
const BAR = 0x7c
const LETTER_N = 0x6e
const LETTER_R = 0x72

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Where `normaliseShort` puts what it made. */
const short = Buffer.alloc(256)
const beyondAscii = FieldFlag.high | FieldFlag.control

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
  if (flags & FieldFlag.quote) replaceBytes(span, undoubleQuotes(span))
  if (isToReplace(flags, records.validUtf8, replaced)) {
    replaceBytes(span, replaceInvalid(span.bytes.subarray(span.start, span.end), replaced))
    span.flags |= FieldFlag.high
  }
  trim(span)
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
  span.flags = flagsOf(bytes, 0, bytes.length)
  replaceBytes(span, bytes)
  if (isToReplace(span.flags, isUtf8, replaced)) {
    replaceBytes(span, replaceInvalid(bytes, replaced))
    span.flags |= FieldFlag.high
  }
  trim(span)
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
  let seen = length > short.length ? FieldFlag.high : 0
  for (let at = 0; at < length && (seen & beyondAscii) === 0; at++) {
    const code = text.charCodeAt(at)
    seen |= code < 0x80 ? (flagsOfByte[code] as number) : FieldFlag.high
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
  const bytes = replaceInvalid(Buffer.from(text, 'utf8'), replaced)
  const span = { bytes, start: 0, end: bytes.length, flags: FieldFlag.escape | FieldFlag.high, cut: false }
  trim(span)
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

function undoubleQuotes({ bytes, start, end }: Span): Buffer {
  return Buffer.from(bytes.toString('latin1', start, end).replaceAll('""', '"'), 'latin1')
}

/** Whether there may be something to replace in bytes with these flags. */
function isToReplace(flags: number, isUtf8: boolean, replaced: RegExp | null): boolean {
  if (flags & FieldFlag.control) return true
  return (flags & FieldFlag.high) !== 0 && (!isUtf8 || replaced !== null)
}

function replaceInvalid(bytes: Buffer, replaced: RegExp | null): Buffer {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const text = decoder.decode(bytes).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '\ufffd')
  return Buffer.from(replaced === null ? text : text.replace(replaced, '\ufffd'), 'utf8')
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
