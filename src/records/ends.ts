/** Where things end that are put one behind the other, such as frames in a batch: as many as there are, batch after batch. */

const FEW = 1024

/** Ends, one after the other; the room for them is used again. */
export class Ends {
  #ends = new Uint32Array(FEW)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Those that were added since `clear`, valid until something is added. */
  get all(): Uint32Array {
    return this.#ends.subarray(0, this.#count)
  }

  clear(): void {
    this.#count = 0
  }

  add(end: number): void {
    if (this.#count === this.#ends.length) this.#reserve(1)
    this.#ends[this.#count++] = end
  }

  addAll(ends: Uint32Array): void {
    this.#reserve(ends.length)
    this.#ends.set(ends, this.#count)
    this.#count += ends.length
  }

  #reserve(more: number): void {
    if (this.#count + more <= this.#ends.length) return
    const larger = new Uint32Array(Math.max(this.#ends.length * 2, this.#count + more))
    larger.set(this.all)
    this.#ends = larger
  }
}
