/** One file that is being written: whole lines at its end, and what is on disk of them. */
import { constants, type FileHandle, lstat, open } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What others may have done with a file since it was opened. */
export type Seen = 'as it was' | 'moved' | 'removed' | 'changed'

const LF = 0x0a
const BACK_BYTES = 64 * 1024

/** A sentence that says what is wrong with a file. */
export class FileTrouble extends Error {}

/** Opened for appending. Everything rejects with errors of the file system; one call at a time. */
export class OpenFile {
  readonly path: string
  readonly #handle: FileHandle
  #size: number
  #synced: number
  /** Where it will end when what is being appended is there. */
  #end: number
  #isClosed = false

  private constructor(path: string, handle: FileHandle, size: number) {
    this.path = path
    this.#handle = handle
    this.#size = size
    this.#synced = size
    this.#end = size
  }

  /**
   * Opens a file, or makes it. What stands behind `most` bytes, or behind its last whole line, is cut off and told to
   * `onCut`: nobody was told that it is there. Nothing but a file is opened: no link, no pipe.
   */
  static async open(
    path: string,
    { mode, most, onCut }: { mode: number; most?: number | undefined; onCut: (bytes: number) => void },
  ): Promise<OpenFile> {
    const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (found !== undefined && !found.isFile()) {
      const what = found.isSymbolicLink() ? 'a symbolic link' : 'no file'
      throw new FileTrouble(`${path} is ${what}, which is not written through: remove it`)
    }
    const { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW = 0 } = constants
    const flags = O_APPEND | O_RDWR | O_NOFOLLOW | (found === undefined ? O_CREAT | O_EXCL : 0)
    const handle = await open(path, flags, mode)
    try {
      const { size } = await handle.stat()
      const end = await endOfLines(handle, Math.min(size, most ?? size))
      if (end < size) {
        await handle.truncate(end)
        await handle.datasync()
        onCut(size - end)
      }
      if (found === undefined) await syncFolder(dirname(path))
      return new OpenFile(path, handle, end)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  get size(): number {
    return this.#size
  }

  /** How much of it is known to be on disk. */
  get synced(): number {
    return this.#synced
  }

  /** Appends all of it. */
  async append(bytes: Uint8Array): Promise<void> {
    this.#end = this.#size + bytes.length
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written)
      written += bytesWritten
    }
    this.#size = this.#end
  }

  /** Resolves when all that was appended before is on disk, and says whether it is still that file. */
  async sync(): Promise<Seen> {
    const size = this.#size
    await this.#handle.datasync()
    const now = await this.#handle.stat()
    if (now.nlink === 0) return 'removed'
    if (now.size < size || now.size > this.#end) return 'changed'
    this.#synced = Math.max(this.#synced, size)
    const there = await lstat(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    return there?.ino === now.ino && there.dev === now.dev ? 'as it was' : 'moved'
  }

  /** Cuts off what stands behind `size` bytes. */
  async cutTo(size: number): Promise<void> {
    await this.#handle.truncate(size)
    await this.#handle.datasync()
    this.#size = size
    this.#end = size
    this.#synced = Math.min(this.#synced, size)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#handle.close()
  }
}

/** Behind the last line end within the first `size` bytes. */
async function endOfLines(handle: FileHandle, size: number): Promise<number> {
  const block = Buffer.allocUnsafe(Math.min(size, BACK_BYTES))
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - block.length)
    const { bytesRead } = await handle.read(block, 0, end - start, start)
    const at = block.subarray(0, bytesRead).lastIndexOf(LF)
    if (at >= 0) return start + at + 1
    end = start
  }
  return 0
}

/** So that the name of a new file outlives a loss of power, where the system has that. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
