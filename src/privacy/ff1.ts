/**
 * FF1 of NIST SP 800-38G over digits of a radix up to 256, in blocks: the work of FF1 grows with the square of the
 * length, and a row may hold a list of hundreds of kilobytes.
 *
 *   digits  [ block 0 ][ block 1 ][ block 2 ] …    as long as each other, give or take one
 *   tweak     T          T ‖ c₀     T ‖ c₁         cᵢ: the encrypted block i
 *
 * Text that fits into one block, as nearly every address does, is plain FF1.
 */
import { FF1 } from '@noble/ciphers/ff1.js'
import { atOnce } from '../records/at-once.ts'

/** Longest block in digits. */
const BLOCK = 96

/** A key and a tweak at work. */
export class Ff1 {
  readonly #key: Uint8Array
  readonly #tweak: Uint8Array

  /** `key`: 16, 24 or 32 bytes; `tweak` may be empty. */
  constructor(key: Uint8Array, tweak: Uint8Array) {
    this.#key = Uint8Array.from(key)
    this.#tweak = Uint8Array.from(tweak)
  }

  /** As many digits as there were. There must be at least two, of 100 possibilities or more together. */
  encrypt(radix: number, digits: ArrayLike<number>): number[] {
    const encrypted = Uint8Array.from(digits)
    atOnce(this.encryptInParts(radix, encrypted))
    return Array.from(encrypted)
  }

  /** The same in place, a block at a time. */
  *encryptInParts(radix: number, digits: Uint8Array): Generator<void> {
    let tweak = this.#tweak
    for (const block of blocksOf(digits)) {
      block.set(FF1(radix, this.#key, tweak).encrypt(Array.from(block)))
      tweak = this.#tweakBehind(block)
      yield
    }
  }

  /** The digits that `encrypt` made these of. */
  decrypt(radix: number, digits: ArrayLike<number>): number[] {
    const decrypted = Uint8Array.from(digits)
    let tweak = this.#tweak
    for (const block of blocksOf(decrypted)) {
      const cipher = FF1(radix, this.#key, tweak)
      tweak = this.#tweakBehind(block)
      block.set(cipher.decrypt(Array.from(block)))
    }
    return Array.from(decrypted)
  }

  #tweakBehind(encrypted: Uint8Array): Uint8Array<ArrayBuffer> {
    return Uint8Array.from([...this.#tweak, ...encrypted])
  }
}

function* blocksOf(digits: Uint8Array): Generator<Uint8Array> {
  const count = Math.ceil(digits.length / BLOCK)
  for (let index = 0; index < count; index++) {
    yield digits.subarray(
      Math.floor((index * digits.length) / count),
      Math.floor(((index + 1) * digits.length) / count),
    )
  }
}
