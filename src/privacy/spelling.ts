/**
 * Any text spelled with letters and digits only, so that these can be encrypted one for one:
 *
 *   a–z A–Y 0–9   themselves
 *   Zxx           the byte xx of the text in UTF-8: `Z2e` is a dot, `Z5a` the letter Z
 *   Zz…z          the end of the text; what follows only makes it long enough
 *
 * Encrypted, the last `@` of an address and the dots behind it stay where they are, so that it still looks like one.
 */

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** How many letters and digits there are. */
export const alphabetSize = alphabet.length

/** 62⁶: nobody tries out 57 thousand million possibilities by having mails sent. NIST asks for a million. */
export const fewestDigits = 6

const codes = Buffer.from(alphabet)
const NO_DIGIT = 255
const digitOf = new Uint8Array(256).fill(NO_DIGIT)
for (const [digit, code] of codes.entries()) digitOf[code] = digit

const AT = 0x40
const DOT = 0x2e
const MARK = 0x5a
/** Letters for a byte that is none itself. */
const ESCAPED = 3
const hexadecimal = Buffer.from('0123456789abcdef')

/** Text as digits of the alphabet, with what stays visible between them. */
export interface Spelled {
  readonly digits: Uint8Array
  /** The text to be, in ASCII: any letter for each digit, and the characters that stay. */
  readonly shape: Buffer
}

/** Spells a text; of an address the `@` and the dots of the domain stay visible. There are at least six digits. */
export function spell(text: string, isAddress: boolean): Spelled {
  const bytes = Buffer.from(text)
  const at = isAddress ? bytes.lastIndexOf(AT) : -1
  const localEnd = at < 0 ? bytes.length : at
  const stays = (index: number): boolean => index >= localEnd && isSeparator(bytes[index] as number)
  let letters = 0
  for (let index = 0; index < bytes.length; index++) {
    if (!stays(index)) letters += isItself(bytes[index] as number) ? 1 : ESCAPED
  }
  const missing = fewestDigits - letters
  const padding = missing > 0 ? `Z${'z'.repeat(Math.max(missing - 1, 1))}` : ''
  const shape = Buffer.allocUnsafe(ESCAPED * bytes.length + padding.length)
  let length = 0
  for (let index = 0; index < bytes.length; index++) {
    if (index === localEnd) length += shape.write(padding, length, 'latin1')
    const byte = bytes[index] as number
    if (isItself(byte) || stays(index)) {
      shape[length++] = byte
    } else {
      shape[length++] = MARK
      shape[length++] = hexadecimal[byte >> 4] as number
      shape[length++] = hexadecimal[byte & 15] as number
    }
  }
  if (localEnd === bytes.length) length += shape.write(padding, length, 'latin1')
  return taken(shape.subarray(0, length))
}

/** The spelled text; undefined when it holds what no spelled text does. */
export function unspell({ digits, shape }: Spelled): string | undefined {
  const filled = fill(shape, digits)
  const at = filled.indexOf('@')
  const parts = at < 0 ? [filled] : [filled.slice(0, at), ...filled.slice(at + 1).split('.')]
  const [local, ...labels] = parts.map(unspelled)
  if (local === undefined || labels.includes(undefined)) return undefined
  return at < 0 ? local : `${local}@${labels.join('.')}`
}

/** Letters and digits in place of those of a shape. */
export function fill(shape: Buffer, digits: ArrayLike<number>): string {
  const filled = Buffer.from(shape)
  let next = 0
  for (let index = 0; index < filled.length; index++) {
    if (!isSeparator(filled[index] as number)) filled[index] = codes[digits[next++] as number] as number
  }
  return filled.toString('latin1')
}

/** What `fill` put together, taken apart again; undefined when it is nothing that `fill` gives. */
export function take(text: string): Spelled | undefined {
  return /^[0-9A-Za-z]*(?:@[0-9A-Za-z.]*)?$/.test(text) ? taken(Buffer.from(text)) : undefined
}

function taken(shape: Buffer): Spelled {
  const digits = new Uint8Array(shape.length)
  let length = 0
  for (let index = 0; index < shape.length; index++) {
    const code = shape[index] as number
    if (!isSeparator(code)) digits[length++] = digitOf[code] as number
  }
  return { digits: digits.subarray(0, length), shape }
}

function isSeparator(code: number): boolean {
  return code === AT || code === DOT
}

function isItself(code: number): boolean {
  return code !== MARK && digitOf[code] !== NO_DIGIT
}

function unspelled(text: string): string | undefined {
  const end = text.indexOf('Zz')
  const kept = end < 0 ? text : text.slice(0, end)
  if (end >= 0 && !/^Zz+$/.test(text.slice(end))) return undefined
  if (!/^(?:[0-9A-Ya-z]|Z[0-9a-f]{2})*$/.test(kept)) return undefined
  return kept.replace(/(?:Z[0-9a-f]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll('Z', ''), 'hex').toString(),
  )
}
