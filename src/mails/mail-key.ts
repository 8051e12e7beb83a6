/** Ids of mails as numbers, where a hundred thousand are remembered, and those of mails that were closed lately. */

const MOST_IDS = 131_072

/** 53 bits of the id. Two that share a number are taken for one: a record may say wrongly that it continues one. */
export function mailKey(id: string): number {
  let one = 0xdeadbeef
  let other = 0x41c6ce57
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at)
    one = Math.imul(one ^ code, 2_654_435_761)
    other = Math.imul(other ^ code, 1_597_334_677)
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(other ^ (other >>> 13), 3_266_489_909)
  other = Math.imul(other ^ (other >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909)
  return (other & 0x1fffff) * 2 ** 32 + (one >>> 0)
}

/** Keys that are kept for a time, and up to twice as long; of too many the oldest are forgotten. */
export class RecentKeys {
  readonly #keepMs: number
  readonly #most: number
  #now = new Set<number>()
  #before = new Set<number>()
  #sinceMs = Number.NEGATIVE_INFINITY

  constructor(keepMs: number, most = MOST_IDS) {
    this.#keepMs = keepMs
    this.#most = most
  }

  add(key: number, nowMs: number): void {
    if (this.#now.size >= this.#most || nowMs - this.#sinceMs >= this.#keepMs) {
      this.#before = this.#now
      this.#now = new Set()
      this.#sinceMs = nowMs
    }
    this.#now.add(key)
  }

  has(key: number): boolean {
    return this.#now.has(key) || this.#before.has(key)
  }
}
