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

const digitOf = new Map([...alphabet].map((letter, digit) => [letter, digit]))

/** Text as digits of the alphabet, with what stays visible between them. */
export interface Spelled {
  readonly digits: readonly number[]
  /** The text to be: a space for each digit, and the characters that stay. */
  readonly shape: string
}

/** Spells a text; of an address the `@` and the dots of the domain stay visible. There are at least six digits. */
export function spell(text: string, isAddress: boolean): Spelled {
  const at = isAddress ? text.lastIndexOf('@') : -1
  const local = spelled(at < 0 ? text : text.slice(0, at))
  const domain =
    at < 0
      ? ''
      : `@${text
          .slice(at + 1)
          .split('.')
          .map(spelled)
          .join('.')}`
  const letters = (local + domain).replace(/[@.]/g, '')
  const missing = fewestDigits - letters.length
  const padded = missing > 0 ? `${local}Z${'z'.repeat(Math.max(missing - 1, 1))}` : local
  return taken(padded + domain)
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

/** Letters and digits in place of the spaces of a shape. */
export function fill(shape: string, digits: readonly number[]): string {
  let next = 0
  return shape.replace(/ /g, () => alphabet[digits[next++] as number] as string)
}

/** What `fill` put together, taken apart again; undefined when it is nothing that `fill` gives. */
export function take(text: string): Spelled | undefined {
  return /^[0-9A-Za-z]*(?:@[0-9A-Za-z.]*)?$/.test(text) ? taken(text) : undefined
}

function taken(text: string): Spelled {
  const digits = Array.from(text.replace(/[@.]/g, ''), (letter) => digitOf.get(letter) as number)
  return { digits, shape: text.replace(/[^@.]/g, ' ') }
}

function spelled(text: string): string {
  return text.replace(/[^0-9A-Ya-z]+/g, (others) => Buffer.from(others).toString('hex').replace(/../g, 'Z$&'))
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
