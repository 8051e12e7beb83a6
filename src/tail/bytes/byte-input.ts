/** Bytes of an open file, or of a stream, readable by position. */
import { readSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Lane, lanes } from '../folder/lanes.ts'
import type { ByteInput } from './input.ts'
import { type OpenFile, openRegular } from './regular-file.ts'

const isLinux = process.platform === 'linux'
/** The last line end of a log is looked for in so many bytes: a longer line is none of a log. */
const lastLineBytes = 64 * 1024 * 1024

/**
 * A regular file open for reading, shared with everyone: it never locks and never writes. Where it ends is found
 * out by reading, since the size a folder shows is stale while the writer holds the file open. Each call rejects
 * with an `UnansweredError` when the folder does not answer; a buffer given to it must not be used again then.
 */
export class FileInput implements ByteInput {
  readonly isFile = true
  readonly #handle: FileHandle
  /** As the system said when it was opened. */
  readonly openSize: number
  readonly device: number
  readonly node: string | undefined
  readonly #lane: Lane

  private constructor({ handle, size, device, inode }: OpenFile, lane: Lane) {
    this.#handle = handle
    this.openSize = size
    this.device = device
    this.node = inode === 0 ? undefined : `${device}:${inode}`
    this.#lane = lane
  }

  /**
   * Opens `path`, in the lane of its folder; `isRegular`: it was seen just now that it is a regular file. Rejects with the
   * system's error, or since it is no regular file.
   */
  static async open(
    path: string,
    lane: Lane = lanes.of(dirname(path)),
    isRegular = false,
  ): Promise<FileInput> {
    const file = await lane.call(
      () => openRegular(path, isRegular),
      (late) => void late.handle.close(),
    )
    return new FileInput(file, lane)
  }

  read(target: Buffer, position: number): Promise<number> {
    return this.#lane.call(async () => {
      let length = 0
      // A single short read is no proof of the end on every file system; a read of nothing is, or one that ends where the
      // file did when it was opened.
      while (length < target.length && (length === 0 || position + length !== this.openSize)) {
        const more = await this.#handle.read(target, length, target.length - length, position + length)
        if (more.bytesRead === 0) break
        length += more.bytesRead
      }
      return length
    })
  }

  /** What another thread may read it by, as long as it is open here. */
  get descriptor(): number {
    return this.#handle.fd
  }

  /**
   * What one call of the system gives of bytes that were written just now to a file on this machine: fewer than there is
   * room for need not be the end. They are in memory, where going to a thread for them takes longer than they do; only
   * Linux tells for sure what is on this machine.
   */
  async readOnce(target: Buffer, position: number): Promise<number> {
    if (isLinux && this.#lane.isIdle) return readSync(this.#handle.fd, target, 0, target.length, position)
    const { bytesRead } = await this.#lane.call(() => this.#handle.read(target, 0, target.length, position))
    return bytesRead
  }

  /** What the system says: a lower bound while a writer holds the file open. */
  async size(): Promise<number> {
    return (await this.#lane.call(() => this.#handle.stat())).size
  }

  /** The byte before `position` and the one at it; undefined for what is beyond the end. */
  async around(position: number): Promise<{ before: number | undefined; after: number | undefined }> {
    const bytes = Buffer.alloc(2)
    const { bytesRead } = await this.#lane.call(() => this.#handle.read(bytes, 0, 2, position - 1))
    return {
      before: bytesRead > 0 ? bytes[0] : undefined,
      after: bytesRead > 1 ? bytes[1] : undefined,
    }
  }

  /** Offset after the last line end, 0 without one; null when the last line is too long for one of a log. */
  async lastLineEnd(): Promise<number | null> {
    const block = Buffer.allocUnsafe(64 * 1024)
    const size = await this.size()
    // The size may be stale: what stands behind it is looked at first.
    let found = 0
    for (let at = size; ; ) {
      if (at > size + lastLineBytes) return null
      const length = await this.read(block, at)
      const last = block.subarray(0, length).lastIndexOf('\n')
      if (last >= 0) found = at + last + 1
      if (length < block.length) break
      at += length
    }
    for (let end = size; found === 0 && end > 0; ) {
      if (end < size - lastLineBytes) return null
      const at = Math.max(0, end - block.length)
      const length = await this.read(block.subarray(0, end - at), at)
      const last = block.subarray(0, length).lastIndexOf('\n')
      if (last >= 0) found = at + last + 1
      end = at
    }
    return found
  }

  /** Never rejects: there is nothing to lose on a file open for reading. */
  close(): Promise<void> {
    return this.#lane.finally(() => this.#handle.close())
  }
}

/** A file that was read whole. */
export function inputOf(whole: Buffer): ByteInput {
  return { read: async (target, position) => whole.copy(target, 0, Math.min(position, whole.length)) }
}

/**
 * A regular file that another thread has open, and closes. Reading blocks the thread, so this is for one that nothing else
 * waits for.
 */
export class LentInput implements ByteInput {
  readonly isFile = true
  readonly #descriptor: number

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  async read(target: Buffer, position: number): Promise<number> {
    let length = 0
    // As above: only a read of nothing is the end.
    while (length < target.length) {
      const more = readSync(this.#descriptor, target, length, target.length - length, position + length)
      if (more === 0) break
      length += more
    }
    return length
  }
}

/** A stream as a ByteInput: it keeps what stands behind the position read last, and drops what is before. */
export class StreamInput implements ByteInput {
  readonly #chunks: AsyncIterator<Uint8Array | string>
  #kept: Buffer[] = []
  #keptFrom = 0
  #keptTo = 0
  #isEnd = false

  constructor(stream: AsyncIterable<Uint8Array | string>) {
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  /** Positions must not go back behind the position of an earlier read. */
  async read(target: Buffer, position: number): Promise<number> {
    while (this.#keptTo < position + target.length && !this.#isEnd) {
      const next = await this.#chunks.next()
      if (next.done) this.#isEnd = true
      else this.#keep(Buffer.from(next.value as Uint8Array))
    }
    this.#dropBefore(position)
    let length = 0
    let skip = position - this.#keptFrom
    for (const each of this.#kept) {
      if (length === target.length) break
      length += each.copy(target, length, Math.min(skip, each.length))
      skip = Math.max(0, skip - each.length)
    }
    return length
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  #keep(bytes: Buffer): void {
    this.#kept.push(bytes)
    this.#keptTo += bytes.length
  }

  #dropBefore(position: number): void {
    let count = 0
    for (const each of this.#kept) {
      if (this.#keptFrom + each.length > position) break
      this.#keptFrom += each.length
      count++
    }
    if (count > 0) this.#kept = this.#kept.slice(count)
  }
}
