/**
 * Bytes of a file that were read ahead of the chunk at hand: a call of the system, and making sure afterwards that it
 * was still the same file, then serve several chunks.
 *
 *   file   ─────┬────────┬────────┬────────┬──────┬──────
 *   ahead       │ chunk  │ chunk  │ chunk  │ chun │          one read; a last part is read again with what follows
 *
 * What is left at its end is smaller than a chunk and never used, unless it is known that nothing follows: so the end of a
 * file is always found by a read. Those who read the same at the same time share it (`shared-reads.ts`).
 */
import { dirname } from 'node:path'
import type { LogFile } from '../../flow/chunk.ts'
import type { ByteInput } from './input.ts'
import type { KnownCuts } from './known-cuts.ts'
import type { SharedRead } from './shared-read.ts'
import { SharedReads } from './shared-reads.ts'

/** So many times as much is read at a time. */
const times = 4
/** Of so many folders at a time, since it takes memory. */
const mostFolders = 4

/** By their paths and how much is read at a time. */
const folders = new Map<string, SharedReads>()

/** What one reader has read ahead, or another one for it. */
export class ReadAhead {
  readonly #readBytes: number
  readonly #chunkBytes: number
  #reads: SharedReads | null = null
  #key = ''
  #read: SharedRead | null = null
  #input: ByteInput | null = null

  /** What is asked for at a time: `usualBytes` where nothing is read ahead, else `chunkBytes`. */
  constructor(usualBytes: number, chunkBytes: number) {
    this.#readBytes = usualBytes * times
    this.#chunkBytes = chunkBytes
  }

  /** Where the read was cut of which the last bytes were. */
  get cuts(): KnownCuts | null {
    return this.#read?.cuts ?? null
  }

  /** A chunk's bytes from `position` on, valid until the next read; null when not all of them were read. */
  at(input: ByteInput, position: number): Buffer | null {
    if (this.#read === null || this.#input !== input) return null
    const { start, length, buffer } = this.#read
    const from = position - start
    if (from < 0) return null
    const isRest = start + length === input.end && from < length
    return from + this.#chunkBytes > length && !isRest
      ? null
      : buffer.subarray(from, Math.min(from + this.#chunkBytes, length))
  }

  /** Reads from `position` of a file on, as much as there is room for; the first chunk's bytes, or null: it may not now. */
  async read(input: ByteInput, file: LogFile, position: number): Promise<Buffer | null> {
    this.#reads ??= this.#begin(file.path)
    if (this.#reads === null) return null
    this.giveBack()
    this.#read = await this.#reads.read(input, file, position)
    this.#input = input
    const { start, length, buffer } = this.#read
    const from = position - start
    return buffer.subarray(from, Math.min(length, from + this.#chunkBytes))
  }

  #begin(path: string): SharedReads | null {
    const key = this.#keyOf(path)
    const known = folders.get(key)
    if (known === undefined && folders.size >= mostFolders) return null
    const reads = known ?? new SharedReads(this.#readBytes, this.#chunkBytes)
    folders.set(key, reads)
    reads.join()
    this.#key = key
    return reads
  }

  #keyOf(path: string): string {
    return `${this.#readBytes} ${this.#chunkBytes} ${dirname(path)}`
  }

  /** What was read is of no use any more. */
  giveBack(): void {
    if (this.#read !== null) this.#reads?.giveBack(this.#read)
    this.#read = null
    this.#input = null
  }

  /** The file at `path` may have other content now: what was read of it, by whomever, is for nobody any more. */
  forget(path: string): void {
    folders.get(this.#keyOf(path))?.forget(path)
    this.giveBack()
  }

  /** Gives the memory back, when nobody has use for what was read of it. */
  end(): void {
    this.#reads?.leave(this.#read)
    if (this.#reads?.readers === 0) folders.delete(this.#key)
    this.#reads = null
    this.#read = null
    this.#input = null
  }
}
