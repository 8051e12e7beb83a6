/**
 * What was read ahead of a folder, for all who read it: who comes to a place that another one has just read takes the
 * same bytes, and reads nothing.
 *
 *   file   ───────┬────────┬────────┬────────┬──────
 *   reads         │   7    │   8    │   9    │            each reader has one of them: nobody waits for another one
 *   readers         b          c, d    a
 *
 * Memory that nobody has is used again, the oldest first: there is as much of it as readers can have, and for two reads
 * more, since who is ahead may be so far ahead. Who finds its place in none of them reads for itself.
 */
import type { LogFile } from '../../flow/chunk.ts'
import type { ByteInput } from './input.ts'
import { SharedRead } from './shared-read.ts'

/** Of so many reads that those who share them may be apart. */
const apart = 2
/** So many reads, of all folders, have memory for several chunks; others for one. */
const mostLarger = 4

let larger = 0
let lastNumber = 0

/** The readers of one folder, and what they have read. */
export class SharedReads {
  readonly #readBytes: number
  readonly #chunkBytes: number
  /** The oldest first. */
  #reads: SharedRead[] = []
  #readers = 0

  /** Reads `readBytes` at a time, or `chunkBytes`, a chunk, where others have all the memory for more. */
  constructor(readBytes: number, chunkBytes: number) {
    this.#readBytes = readBytes
    this.#chunkBytes = chunkBytes
  }

  get readers(): number {
    return this.#readers
  }

  join(): void {
    this.#readers++
  }

  /** What a reader `has` may still be looked at by whoever it gave it to: nothing is read into that any more. */
  leave(has: SharedRead | null): void {
    this.#readers--
    if (has !== null) this.#drop(has)
    for (const read of this.#reads.filter(isFree)) if (this.#reads.length > this.#most) this.#drop(read)
  }

  /**
   * A read that holds what stands from `position` on: that of another one, where it is a chunk at least, or else a new one,
   * which rejects as the input does. The reader has it until it gives it back; it has no other one.
   */
  async read(input: ByteInput, file: LogFile, position: number): Promise<SharedRead> {
    const holds = (read: SharedRead) => read.holds(input, file, position, this.#chunkBytes)
    const known = this.#reads.find(holds)
    if (known !== undefined) {
      known.users++
      await known.done.catch(() => {})
      if (holds(known)) return known
      this.giveBack(known)
    }
    const read = new SharedRead(++lastNumber, input, file, position, this.#room())
    this.#reads.push(read)
    try {
      await read.done
      return read
    } catch (error) {
      // A call that was given up may still fill it.
      this.#drop(read)
      throw error
    }
  }

  giveBack(read: SharedRead): void {
    read.users--
  }

  /** Nobody else gets what was read of the file at `path`. */
  forget(path: string): void {
    for (const read of this.#reads) if (read.path === path) read.isOpen = false
  }

  /** One alone takes what it has. */
  get #most(): number {
    return this.#readers > 1 ? this.#readers + apart : this.#readers
  }

  #room(): Buffer {
    const free = this.#reads.filter(isFree)
    const used = free.find(({ isOpen }) => !isOpen) ?? (this.#reads.length < this.#most ? undefined : free[0])
    if (used !== undefined) {
      this.#reads = this.#reads.filter((read) => read !== used)
      return used.buffer
    }
    const isLarger = larger < mostLarger
    if (isLarger) larger++
    return Buffer.allocUnsafeSlow(isLarger ? this.#readBytes : this.#chunkBytes)
  }

  #drop(dropped: SharedRead): void {
    if (!this.#reads.includes(dropped)) return
    this.#reads = this.#reads.filter((read) => read !== dropped)
    if (dropped.buffer.length === this.#readBytes) larger--
  }
}

function isFree({ users }: SharedRead): boolean {
  return users === 0
}
