/**
 * Decodes one CEF message, strictly and from the standard alone: this is the judge of what msgtrk sends, so it
 * shares nothing with the encoder.
 *
 *   CEF:0|vendor|product|device version|event class id|name|severity| key=value key=value…
 *   └──────────────── header: seven unescaped bars ────────────────┘ └──── extension ────┘
 *
 * Where the standard leaves room, the strict reading is taken:
 * - A value runs up to the one space before the next key; further spaces there belong to the value (a limit may
 *   have cut it behind a space). A value that begins with a space or tab is an error.
 * - Every unescaped `=` ends a key. A key is a run of key characters after a space, or right at the start; any
 *   other `=` had to be escaped.
 * - A bar in the extension is an ordinary character and must not be escaped.
 * - Quotes mean nothing: they are part of the value.
 */
import { isUtf8 } from 'node:buffer'
import { headerLimits } from './cef-dictionary.ts'
import { missingPartner, objectionTo } from './cef-values.ts'
import { quoted, type Violation } from './violation.ts'

/** A decoded event: header fields and values unescaped, keys in the order they came. */
export interface CefEvent {
  readonly version: 0 | 1
  readonly vendor: string
  readonly product: string
  readonly deviceVersion: string
  readonly eventClassId: string
  readonly name: string
  readonly severity: number
  readonly extension: ReadonlyMap<string, string>
}

/** The event, or everything that is wrong with the message (never empty, in order of offset per check). */
export type Decoded =
  | { readonly ok: true; readonly event: CefEvent }
  | { readonly ok: false; readonly errors: readonly Violation[] }

/** A key=value of the extension: offsets into the message. */
interface Pair {
  readonly key: string
  readonly keyStart: number
  readonly valueStart: number
  valueEnd: number
}

const space = 0x20
const tab = 0x09
const backslash = 0x5c
const bar = 0x7c
const equals = 0x3d

const keyBytes = new Uint8Array(256)
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:[]-')) {
  keyBytes[byte] = 1
}

/** Decodes a message that begins with `CEF:`. Offsets of errors count from its first byte. */
export function decodeCef(message: Buffer): Decoded {
  if (!isUtf8(message)) {
    return failed([{ offset: firstInvalidUtf8(message), reason: 'The message is not valid UTF-8.' }])
  }
  const errors: Violation[] = []
  const bars = headerBars(message, errors)
  if (bars.length < 7) {
    errors.push({
      offset: message.length,
      reason: `The header needs seven unescaped bars; this message has ${bars.length}.`,
    })
    return failed(errors)
  }
  const fields = bars.map((end, index) => headerText(message, index === 0 ? 0 : bars[index - 1]! + 1, end))
  const [prefix = '', vendor = '', product = '', deviceVersion = '', eventClassId = '', name = ''] = fields
  const version = checkPrefix(prefix, errors)
  headerLimits.forEach(({ field, maxBytes }, index) => {
    checkHeaderField(field, fields[index + 1]!, maxBytes, bars[index]! + 1, errors)
  })
  const severity = checkSeverity(fields[6]!, bars[5]! + 1, errors)
  const extension = decodeExtension(message, bars[6]! + 1, version, errors)
  return errors.length > 0
    ? failed(errors)
    : {
        ok: true,
        event: { version, vendor, product, deviceVersion, eventClassId, name, severity, extension },
      }
}

function failed(errors: readonly Violation[]): Decoded {
  return { ok: false, errors }
}

/** Offsets of the first seven unescaped bars (fewer when there are fewer); checks the escapes up to there. */
function headerBars(message: Buffer, errors: Violation[]): number[] {
  const bars: number[] = []
  for (let at = 0; at < message.length && bars.length < 7; at++) {
    const byte = message[at]!
    if (byte === bar) bars.push(at)
    else if (byte === backslash) {
      const next = message[at + 1]
      if (next === backslash || next === bar) at++
      else errors.push({ offset: at, reason: 'In the header a backslash may only precede \\ or |.' })
    } else if (isForbiddenControl(byte)) {
      errors.push({ offset: at, reason: `The header holds a raw ${controlName(byte)}.` })
    }
  }
  return bars
}

function headerText(message: Buffer, from: number, to: number): string {
  return message.toString('utf8', from, to).replace(/\\([\\|])/g, '$1')
}

function checkPrefix(prefix: string, errors: Violation[]): 0 | 1 {
  if (prefix === 'CEF:0') return 0
  if (prefix === 'CEF:1') return 1
  const reason = prefix.startsWith('\ufeff')
    ? 'The message begins with a byte order mark; it must begin with CEF:.'
    : `The message must begin with CEF:0| or CEF:1|, not with ${quoted(prefix)}.`
  errors.push({ offset: 0, reason })
  return 0
}

function checkHeaderField(
  field: string,
  value: string,
  maxBytes: number,
  offset: number,
  errors: Violation[],
): void {
  const bytes = Buffer.byteLength(value)
  if (bytes === 0) errors.push({ offset, reason: `The ${field} in the header is empty.` })
  if (bytes > maxBytes) {
    errors.push({ offset, reason: `The ${field} may hold ${maxBytes} bytes; this one has ${bytes}.` })
  }
}

function checkSeverity(text: string, offset: number, errors: Violation[]): number {
  if (!/^(?:[0-9]|10)$/.test(text)) {
    errors.push({ offset, reason: `The severity must be an integer from 0 to 10, not ${quoted(text)}.` })
  }
  return Number(text)
}

function decodeExtension(
  message: Buffer,
  start: number,
  version: 0 | 1,
  errors: Violation[],
): Map<string, string> {
  const values = new Map<string, string>()
  const pairs = readPairs(message, start, errors)
  for (const { key, keyStart, valueStart, valueEnd } of pairs) {
    const value = unescapeValue(message.toString('utf8', valueStart, valueEnd))
    const objection = objectionTo(key, value, version)
    if (objection !== undefined) errors.push({ offset: valueStart, reason: objection })
    if (values.has(key)) errors.push({ offset: keyStart, reason: `The key ${quoted(key)} stands twice.` })
    else values.set(key, value)
  }
  for (const { key, keyStart } of pairs) {
    const missing = missingPartner(key, values)
    if (missing !== undefined) errors.push({ offset: keyStart, reason: missing })
  }
  return values
}

/** Splits at every unescaped `=` that ends a key; checks escapes and control characters on the way. */
function readPairs(message: Buffer, start: number, errors: Violation[]): Pair[] {
  // One space after the last bar keeps decoders that skip a byte there from eating the first key's letter.
  const first = message[start] === space ? start + 1 : start
  const pairs: Pair[] = []
  let current: Pair | undefined
  for (let at = first; at < message.length; at++) {
    const byte = message[at]!
    if (byte === backslash) {
      if (isValueEscape(message[at + 1])) at++
      else errors.push({ offset: at, reason: 'In a value a backslash may only precede \\, =, n or r.' })
    } else if (byte === equals) {
      const keyStart = keyStartBefore(message, at, current?.valueStart ?? first)
      const isKey =
        keyStart < at &&
        (current === undefined
          ? keyStart === first
          : keyStart > current.valueStart && message[keyStart - 1] === space)
      if (!isKey) {
        errors.push({ offset: at, reason: unexpectedEquals(current) })
        continue
      }
      if (current) current.valueEnd = keyStart - 1
      current = {
        key: message.toString('latin1', keyStart, at),
        keyStart,
        valueStart: at + 1,
        valueEnd: message.length,
      }
      pairs.push(current)
    } else if (isForbiddenControl(byte)) {
      errors.push({ offset: at, reason: `The extension holds a raw ${controlName(byte)}.` })
    }
  }
  if (current === undefined && first < message.length) {
    errors.push({ offset: first, reason: 'The extension is not a list of key=value.' })
  }
  return pairs
}

function unexpectedEquals(current: Pair | undefined): string {
  return current
    ? `In the value of ${quoted(current.key)} an = stands neither escaped nor after a space and a key.`
    : 'Before this = there is no key that begins right after the header.'
}

/** Start of the run of key characters that ends before `at`; not before `from`. */
function keyStartBefore(message: Buffer, at: number, from: number): number {
  let start = at
  while (start > from && keyBytes[message[start - 1]!] === 1) start--
  return start
}

function isValueEscape(byte: number | undefined): boolean {
  return byte === backslash || byte === equals || byte === 0x6e || byte === 0x72
}

/** Undoes the four escapes, from left to right, so that `\\n` stays a backslash and an n. */
function unescapeValue(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\([\\=nr])/g, (_, escaped: string) =>
    escaped === 'n' ? '\n' : escaped === 'r' ? '\r' : escaped,
  )
}

function isForbiddenControl(byte: number): boolean {
  return (byte < space && byte !== tab) || byte === 0x7f
}

function controlName(byte: number): string {
  if (byte === 0x0a) return 'line feed'
  if (byte === 0x0d) return 'carriage return'
  return `control character 0x${byte.toString(16).padStart(2, '0')}`
}

/**
 * Decoding and encoding again puts U+FFFD (EF BF BD) where the first invalid byte was; the copy is valid, so
 * the start of the character that differs is found by stepping back over its continuation bytes.
 */
function firstInvalidUtf8(bytes: Buffer): number {
  const copy = Buffer.from(bytes.toString('utf8'))
  let at = 0
  while (at < bytes.length && bytes[at] === copy[at]) at++
  while (at > 0 && (copy[at]! & 0xc0) === 0x80) at--
  return at
}
