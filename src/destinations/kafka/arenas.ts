/** Memory that is used again and again: large buffers that come and go keep the collector busier than all that is done here. */

/** Memory for one batch, given out piece by piece. */
export class Arena {
  readonly #memory: Buffer
  readonly #putBack: (memory: Buffer) => void
  #at = 0

  constructor(memory: Buffer, putBack: (memory: Buffer) => void) {
    this.#memory = memory
    this.#putBack = putBack
  }

  /** So many bytes, which hold anything; memory of its own where the rest is less. */
  take(bytes: number): Buffer {
    if (this.#at + bytes > this.#memory.length) return Buffer.allocUnsafeSlow(bytes)
    const start = this.#at
    this.#at += bytes
    return this.#memory.subarray(start, this.#at)
  }

  /** Nothing of it is looked at any more; to be called once. */
  done(): void {
    this.#putBack(this.#memory)
  }
}

/** Keeps memory that is done with. */
export class Arenas {
  readonly #most: number
  readonly #mostBytes: number
  #spare: Buffer[] = []

  /** So many at most, of so many bytes each at most: unusual ones may never be needed again. */
  constructor(most: number, mostBytes: number) {
    this.#most = most
    this.#mostBytes = mostBytes
  }

  /** For so many bytes. */
  open(bytes: number): Arena {
    const last = this.#spare.pop()
    // The next one may be a little larger.
    const memory =
      last !== undefined && last.length >= bytes ? last : Buffer.allocUnsafeSlow(Math.ceil(bytes * 1.25))
    return new Arena(memory, (back) => {
      if (this.#spare.length < this.#most && back.length <= this.#mostBytes) this.#spare.push(back)
    })
  }
}
