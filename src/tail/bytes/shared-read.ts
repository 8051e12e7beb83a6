/** One read of a file ahead of what is wanted of it, which several readers may have. */
import type { LogFile } from '../../flow/chunk.ts'
import type { ByteInput } from './input.ts'
import { KnownCuts } from './known-cuts.ts'

/** What was read longer ago is read again: the file may have changed since, however it looks. */
const freshMs = 1000

/** Bytes of a file, and the memory they lie in, which is not used for others while anybody has them. */
export class SharedRead {
  readonly start: number
  readonly buffer: Buffer
  readonly cuts: KnownCuts
  /** Settles when the bytes are there. */
  readonly done: Promise<void>
  /** How many have it; at first who reads it. */
  users = 1
  /** Whether others may have it, too. */
  isOpen = true
  readonly #file: LogFile
  readonly #node: string | undefined
  #length: number
  #doneAtMs = Number.POSITIVE_INFINITY

  /** Begins to read what stands from `start` on; `number`: no other read has it. */
  constructor(number: number, input: ByteInput, file: LogFile, start: number, buffer: Buffer) {
    this.start = start
    this.buffer = buffer
    this.cuts = new KnownCuts(number)
    this.#file = file
    this.#node = input.node
    this.#length = buffer.length
    this.done = this.#fill(input)
  }

  get path(): string {
    return this.#file.path
  }

  /** How many bytes it gave; before that is known, for how many there is room. */
  get length(): number {
    return this.#length
  }

  /**
   * Whether so many bytes from `position` on are in it, or may come to be, which are those of this file. Open under the
   * same name as the same node it may still have been copied over: that its head tells, which whoever takes them reads after that.
   */
  holds({ node }: ByteInput, { id, path }: LogFile, position: number, length: number): boolean {
    return (
      this.isOpen &&
      node !== undefined &&
      node === this.#node &&
      id === this.#file.id &&
      path === this.#file.path &&
      position >= this.start &&
      position + length <= this.start + this.#length &&
      performance.now() - this.#doneAtMs < freshMs
    )
  }

  async #fill(input: ByteInput): Promise<void> {
    try {
      this.#length = await input.read(this.buffer, this.start)
      this.#doneAtMs = performance.now()
    } catch (error) {
      this.isOpen = false
      throw error
    }
  }
}
