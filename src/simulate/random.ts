/** Seeded random numbers: the same seed gives the same numbers on every machine and version of Node. */

/** A small fast generator (sfc32) whose 128 bits of state come from a text. Not for secrets. */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: string) {
    this.#a = hash(seed, 0x9e3779b9)
    this.#b = hash(seed, 0x243f6a88)
    this.#c = hash(seed, 0xb7e15162)
    // Seeds that differ in one bit start alike: the first numbers are thrown away.
    for (let i = 0; i < 12; i++) this.uint32()
  }

  /** 0 … 2^32 - 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** A whole number, both ends included. */
  integer(min: number, max: number): number {
    return min + Math.floor((this.uint32() / 2 ** 32) * (max - min + 1))
  }

  /** True with the given probability, 0 … 1. */
  chance(probability: number): boolean {
    return this.uint32() < probability * 2 ** 32
  }

  /** One member of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.integer(0, list.length - 1)] as T
  }

  /** Waiting time of independent arrivals: exponentially distributed around `mean`. */
  gap(mean: number): number {
    return -Math.log(1 - this.uint32() / 2 ** 32) * mean
  }

  /** Eight hexadecimal digits, lower case. */
  hex8(): string {
    const number = this.uint32()
    return (fourDigits[number >>> 16] as string) + (fourDigits[number & 0xffff] as string)
  }

  /** A GUID in lower case, of no particular variant, as the logs hold them. */
  guid(): string {
    const [b, c] = [this.hex8(), this.hex8()]
    return `${this.hex8()}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${this.hex8()}`
  }
}

/** Hexadecimal texts of all 16-bit numbers: rows are full of GUIDs. */
const fourDigits = Array.from({ length: 0x10000 }, (_, i) => i.toString(16).padStart(4, '0'))

/** Deals every card once, in random order, before any card comes again: rare cases surely appear. */
export class Deck<T> {
  readonly #random: Random
  readonly #cards: readonly T[]
  #left: T[] = []

  constructor(random: Random, cards: readonly T[]) {
    this.#random = random
    this.#cards = cards
  }

  deal(): T {
    if (this.#left.length === 0) this.#left = [...this.#cards]
    const [card] = this.#left.splice(this.#random.integer(0, this.#left.length - 1), 1)
    return card as T
  }
}

/** FNV-1a over UTF-16 units, with a final mix so that short texts fill all 32 bits. */
function hash(text: string, basis: number): number {
  let value = basis
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) | 0
}
