/**
 * One process per folder, that of the state or another one (Node has no file locks): how a folder is taken is
 * in `take-folder.ts`. Who holds it looks with each heartbeat and before each change whether that is still so: the folder
 * may have been removed, or taken while this process was suspended.
 */
import { open, rm, utimes } from 'node:fs/promises'
import { ProblemsError } from '../mistakes/problem.ts'
import { guardPath } from './guard.ts'
import { formatOwner, readOwner } from './lock-owner.ts'
import {
  HEARTBEAT_MS,
  highestLock,
  inUse,
  type LockOptions,
  lockPath,
  type Taken,
  takeFolder,
} from './take-folder.ts'

/** A folder held by this process. */
export interface FolderLock {
  /** Aborts with a `ProblemsError` when another process has taken the folder. */
  readonly lost: AbortSignal
  /** Calls it whenever the folder was removed, with all in it, and made again; until what it returns is called. */
  onRemade(listener: () => void): () => void
  /** Makes sure that the folder is there and held; rejects when another process has it now. */
  confirm(): Promise<void>
  /** Gives the folder free; never rejects. */
  release(): Promise<void>
}

/**
 * Makes `folder` if it is missing and takes it for this process. Rejects with a `ProblemsError` when another
 * process holds it or when it can't be made or written.
 */
export async function lockFolder(folder: string, options: LockOptions = {}): Promise<FolderLock> {
  return new OwnLock(folder, options, await takeFolder(folder, options))
}

class OwnLock implements FolderLock {
  readonly #folder: string
  readonly #options: LockOptions
  readonly #lost = new AbortController()
  readonly #heartbeat: NodeJS.Timeout
  #taken: Taken
  #confirming: Promise<void> | undefined
  readonly #listeners = new Set<() => void>()

  constructor(folder: string, options: LockOptions, taken: Taken) {
    this.#folder = folder
    this.#options = options
    this.#taken = taken
    this.#heartbeat = setInterval(() => {
      // What went wrong is told by whoever has to write.
      this.confirm().catch(() => undefined)
    }, HEARTBEAT_MS)
    this.#heartbeat.unref()
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  onRemade(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  confirm(): Promise<void> {
    this.#confirming ??= this.#confirm().finally(() => {
      this.#confirming = undefined
    })
    return this.#confirming
  }

  async release(): Promise<void> {
    clearInterval(this.#heartbeat)
    await this.#confirming?.catch(() => undefined)
    const { number, owner, guard } = this.#taken
    const path = lockPath(this.#folder, number)
    try {
      if (!(await this.#isOurs())) return
      const file = await open(path, 'r+')
      try {
        await file.write(formatOwner({ ...owner, released: true }), 0)
      } finally {
        await file.close()
      }
      // On Windows a file that is open can't be removed.
      guard?.close()
      await rm(guardPath(path), { force: true })
    } catch {
      // The lock then counts as stale as soon as this process has ended.
    } finally {
      guard?.close()
    }
  }

  async #confirm(): Promise<void> {
    this.#lost.signal.throwIfAborted()
    const highest = await highestLock(this.#folder)
    if (highest === this.#taken.number && (await this.#isOurs())) {
      const now = new Date()
      await utimes(lockPath(this.#folder, highest), now, now)
      return
    }
    if (highest > this.#taken.number) return this.#lose(highest)
    await this.#takeAgain()
  }

  /** The folder was removed, and may be another one by now. */
  async #takeAgain(): Promise<void> {
    const { log, ...options } = this.#options
    const before = this.#taken
    try {
      this.#taken = await takeFolder(this.#folder, options)
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error
      const highest = await highestLock(this.#folder)
      // It was away, as a share may be, and is back with our lock in it.
      if (highest === before.number && (await this.#isOurs())) return
      if (highest > 0) return this.#lose(highest)
      throw error
    }
    before.guard?.close()
    log?.warn('The state folder was removed while in use; it is made again, with the positions as they are', {
      state: this.#folder,
      remedy: 'look who removes it: after a start without positions all logs are delivered again',
    })
    for (const listener of this.#listeners) listener()
  }

  async #isOurs(): Promise<boolean> {
    const owner = await readOwner(lockPath(this.#folder, this.#taken.number))
    return owner !== 'removed' && owner?.id === this.#taken.owner.id
  }

  async #lose(number: number): Promise<never> {
    const path = lockPath(this.#folder, number)
    const owner = await readOwner(path)
    const error = inUse(this.#folder, path, owner === 'removed' ? null : owner, this.#options)
    clearInterval(this.#heartbeat)
    this.#lost.abort(error)
    throw error
  }
}
