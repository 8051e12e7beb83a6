/** Format-preserving encryption of values: addresses stay addresses, and the key's holder can undo it. */
import { atOnce } from '../records/at-once.ts'
import { joinList, splitList } from '../records/list.ts'
import { isAddressKind, isIpKind, type Kind } from './columns.ts'
import type { Ff1 } from './ff1.ts'
import { addressBytes, addressText } from './ip-address.ts'
import { nullSender } from './notation.ts'
import { alphabetSize, fewestDigits, fill, spell, take, unspell } from './spelling.ts'

/** One value encrypted; of a list this is a member. */
export function encryptOne(ff1: Ff1, value: string, kind: Kind): string {
  return atOnce(encryptInParts(ff1, value, kind))
}

/** The same, of which each part takes up to a millisecond. */
export function* encryptInParts(ff1: Ff1, value: string, kind: Kind): Generator<void, string> {
  if (value === '' || value === nullSender) return value
  const bytes = isIpKind(kind) ? addressBytes(value) : undefined
  if (bytes !== undefined) return addressText(ff1.encrypt(256, bytes))
  const { digits, shape } = spell(value, isAddressKind(kind))
  yield* ff1.encryptInParts(alphabetSize, digits)
  return fill(shape, digits)
}

/** The value, or the list, that was encrypted; undefined when this is nothing that the key encrypted. */
export function decryptValue(ff1: Ff1, encrypted: string, kind: Kind): string | undefined {
  if (kind !== 'addresses') return decryptOne(ff1, encrypted, kind)
  const members = splitList(encrypted).map((member) => decryptOne(ff1, member, kind))
  const known = members.filter((member) => member !== undefined)
  return known.length < members.length ? undefined : joinList(known)
}

function decryptOne(ff1: Ff1, encrypted: string, kind: Kind): string | undefined {
  if (encrypted === '' || encrypted === nullSender) return encrypted
  const bytes = isIpKind(kind) ? addressBytes(encrypted) : undefined
  if (bytes !== undefined) return addressText(ff1.decrypt(256, bytes))
  const taken = take(encrypted)
  if (taken === undefined || taken.digits.length < fewestDigits) return undefined
  return unspell({ shape: taken.shape, digits: Uint8Array.from(ff1.decrypt(alphabetSize, taken.digits)) })
}
