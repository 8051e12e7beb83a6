/**
 * Bytes of a file that were read ahead of the chunk at hand: a call of the system, and making sure afterwards that it
 * was still the same file, then serve several chunks.
 *
 *   file   ─────┬────────┬────────┬────────┬──────┬──────
 *   ahead       │ chunk  │ chunk  │ chunk  │ chun │          one read; a last part is read again with what follows
 *
 * What is left at its end is smaller than a chunk and never used, unless it is known that nothing follows: so the end of a
 * file is always found by a read.
 */
import path from 'node:path'
import type { ByteInput } from './input.ts'

/** So many times as much is read at a time. */
const times = 4
/**
 * So many readers may read ahead at a time, and of so many folders: it takes memory. Other readers of these folders read
 * one chunk at a time, and cut it at the same places, so that what is made of it is the same.
 */
const [mostReaders, mostFolders] = [4, 4]

let readers = 0
/** How many readers of a folder have memory for its chunks. */
const folders = new Map<string, number>()

/** What one reader has read ahead. */
export class ReadAhead {
  readonly #readBytes: number
  readonly #chunkBytes: number
  #buffer: Buffer | null = null
  #folder = ''
  #input: ByteInput | null = null
  #start = 0
  #length = 0

  /** What is asked for at a time: `usualBytes` where nothing is read ahead, else `chunkBytes`. */
  constructor(usualBytes: number, chunkBytes: number) {
    this.#readBytes = usualBytes * times
    this.#chunkBytes = chunkBytes
  }

  /** A chunk's bytes from `position` on, valid until the next read; null when not all of them were read. */
  at(input: ByteInput, position: number): Buffer | null {
    const from = position - this.#start
    if (this.#buffer === null || this.#input !== input || from < 0) return null
    const isRest = this.#start + this.#length === input.end && from < this.#length
    return from + this.#chunkBytes > this.#length && !isRest
      ? null
      : this.#buffer.subarray(from, Math.min(from + this.#chunkBytes, this.#length))
  }

  /** Reads from `position` of the file at `name` on, as much as there is room for; the first chunk's bytes, or null: it may not now. */
  async read(input: ByteInput, name: string, position: number): Promise<Buffer | null> {
    this.#buffer ??= this.#begin(path.dirname(name))
    if (this.#buffer === null) return null
    this.#input = null
    this.#length = await input.read(this.#buffer, position)
    this.#input = input
    this.#start = position
    return this.#buffer.subarray(0, Math.min(this.#length, this.#chunkBytes))
  }

  #begin(folder: string): Buffer | null {
    const count = folders.get(folder) ?? 0
    if (count === 0 && folders.size >= mostFolders) return null
    folders.set(folder, count + 1)
    this.#folder = folder
    return Buffer.allocUnsafeSlow(++readers > mostReaders ? this.#chunkBytes : this.#readBytes)
  }

  /** What was read is of no use any more. */
  forget(): void {
    this.#input = null
  }

  /** Gives the memory back, when nobody has use for what was read of it. */
  end(): void {
    this.#input = null
    if (this.#buffer === null) return
    this.#buffer = null
    readers--
    const count = folders.get(this.#folder) ?? 1
    if (count > 1) folders.set(this.#folder, count - 1)
    else folders.delete(this.#folder)
  }
}
