/** What becomes of one value: dropped, masked, hashed or encrypted. */
import { createHmac, type KeyObject } from 'node:crypto'
import { replaceMembers } from '../records/list.ts'
import { RecentValues } from './cache.ts'
import { isAddressKind, isIpKind, type Kind } from './columns.ts'
import { Effort } from './effort.ts'
import { Ff1 } from './ff1.ts'
import { addressBytes, addressText } from './ip-address.ts'
import { masked, nullSender, withoutBrackets } from './notation.ts'
import type { Method, PrivacyOptions } from './options.ts'
import { encryptInParts, encryptOne } from './value-cipher.ts'

/** 128 bits. */
const HASH_BYTES = 16
const CACHED_VALUES = 10_000
const CACHED_TEXTS = 1000
/** Longer ones hardly come twice. */
const CACHED_LENGTH = 512

/** In microseconds, about: a hash and each letter of it, a block encrypted, each letter spelled and encrypted, anything else. */
const HASH_EFFORT = 4
const LETTER_EFFORT = 0.005
const BLOCK_EFFORT = 750
const SPELL_EFFORT = 0.02
const ENCRYPT_EFFORT = 3
const USUAL_EFFORT = 0.3

/** Protects values with the keys of one destination; keeps those that come often. */
export class Protector {
  readonly #hashKey: KeyObject | undefined
  readonly #ff1: Ff1 | undefined
  readonly #hashes = createCaches()
  readonly #encrypted = createCaches()
  /** What was done since other work had its turn. */
  readonly effort = new Effort()

  constructor({ hashKey, encryptKey, tweak }: Pick<PrivacyOptions, 'hashKey' | 'encryptKey' | 'tweak'>) {
    this.#hashKey = hashKey
    this.#ff1 = encryptKey && new Ff1(encryptKey.export(), tweak?.export() ?? new Uint8Array())
  }

  /** A field of this kind, a list member by member; `''` when it is dropped. Members never hold a `;` or a `'`. */
  field(method: Method, kind: Kind, value: string): string {
    if (method === 'drop') return ''
    if (kind !== 'addresses') return this.one(method, kind, value)
    return replaceMembers(value, (member) => this.one(method, kind, member))
  }

  /** One value; of a list this is a member. A dropped one leaves `***`. */
  one(method: Method, kind: Kind, value: string): string {
    if (value === '' || (isAddressKind(kind) && value === nullSender)) return value
    this.effort.add(USUAL_EFFORT)
    switch (method) {
      case 'drop':
        return masked
      case 'mask':
        return mask(value, kind)
      case 'hash':
        return cached(this.#hashes, kind, value, () => {
          this.effort.add(HASH_EFFORT + value.length * LETTER_EFFORT)
          return hash(keyOf(this.#hashKey), value, kind)
        })
      case 'encrypt':
        return cached(this.#encrypted, kind, value, () => {
          this.effort.add(value.length * ENCRYPT_EFFORT)
          return encryptOne(keyOf(this.#ff1), value, kind)
        })
    }
  }

  /** The same for a value of megabytes: other work gets its turn while it is encrypted. */
  *oneInParts(method: Method, kind: Kind, value: string): Generator<void, string> {
    if (method !== 'encrypt' || value.length <= CACHED_LENGTH) return this.one(method, kind, value)
    const parts = encryptInParts(keyOf(this.#ff1), value, kind)
    let isFirst = true
    for (let part = parts.next(); ; part = parts.next()) {
      // Before the first block it is spelled, and behind the last one put together.
      this.effort.add(BLOCK_EFFORT + (isFirst || part.done ? value.length * SPELL_EFFORT : 0))
      isFirst = false
      if (this.effort.isEnough) yield
      if (part.done) return part.value
    }
  }
}

/** The settings are checked before: without its key nothing is protected by a method. */
function keyOf<T>(key: T | undefined): T {
  if (key === undefined) throw new TypeError('a method of protection has no key')
  return key
}

/** One for each group of kinds that are protected alike. */
interface Caches {
  readonly addresses: RecentValues<string>
  readonly hosts: RecentValues<string>
  readonly texts: RecentValues<string>
}

function createCaches(): Caches {
  return {
    addresses: new RecentValues(CACHED_VALUES),
    hosts: new RecentValues(CACHED_VALUES),
    // Most subjects are of one mail only, and its rows stand together.
    texts: new RecentValues(CACHED_TEXTS),
  }
}

function cached(caches: Caches, kind: Kind, value: string, make: () => string): string {
  if (value.length > CACHED_LENGTH) return make()
  const values = isAddressKind(kind) ? caches.addresses : isIpKind(kind) ? caches.hosts : caches.texts
  return values.get(value, make)
}

/** The domain of an address stays, and the network of an IP address; of anything else nothing does. */
function mask(value: string, kind: Kind): string {
  if (isAddressKind(kind)) {
    const domain = /@([\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,253}[\p{L}\p{N}])?)$/u.exec(withoutBrackets(value))?.[1]
    return domain === undefined ? masked : `${masked}@${domain}`
  }
  const bytes = isIpKind(kind) ? addressBytes(value.trim()) : undefined
  if (bytes === undefined) return masked
  const network = bytes.length === 4 ? 3 : 8
  return addressText(bytes.map((byte, index) => (index < network ? byte : 0)))
}

/** The same for all spellings of a value, in whichever column it stands. */
function hash(key: KeyObject, value: string, kind: Kind): string {
  const plain = isAddressKind(kind) ? withoutBrackets(value) : value.trim()
  const bytes = isIpKind(kind) ? addressBytes(plain) : undefined
  const normal = (bytes === undefined ? plain : addressText(bytes)).toLowerCase()
  return createHmac('sha256', key).update(normal).digest().toString('hex', 0, HASH_BYTES)
}
