/**
 * The folder that files are written into, for this destination alone: who else would write into it is kept out by a lock
 * in it. It is never made: where a share is not mounted, the events would go onto the disk below it.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type FolderLock, lockFolder } from '../../lock/lock.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { FileTrouble } from './open-file.ts'

/** In it are the locks. */
const lockName = '.msgtrk'
const confirmEveryMs = 1000

/** A folder that this destination holds or tries to. */
export class HeldFolder {
  readonly path: string
  readonly #stop: AbortSignal
  readonly #onLost: () => void
  #lock: FolderLock | undefined
  #confirmedAtMs = 0

  /** `onLost`: called when another one has taken it, and writes into it. */
  constructor(path: string, stop: AbortSignal, onLost: () => void) {
    this.path = path
    this.#stop = stop
    this.#onLost = onLost
  }

  /**
   * Resolves when it is held, as was made sure of within so long; rejects with a sentence on why not, or an error of the
   * file system.
   */
  async hold(withinMs = confirmEveryMs): Promise<void> {
    const nowMs = performance.now()
    if (this.#lock !== undefined && nowMs - this.#confirmedAtMs < withinMs) return
    await requireFolder(this.path)
    try {
      if (this.#lock?.lost.aborted) this.#lock = undefined
      if (this.#lock === undefined) {
        this.#lock = await lockFolder(join(this.path, lockName), {
          what: `the folder ${this.path}`,
          isPart: true,
          stop: this.#stop,
        })
        this.#lock.lost.addEventListener('abort', this.#onLost)
      } else await this.#lock.confirm()
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error
      const [{ message = '' } = {}] = error.problems
      throw new FileTrouble(`${message}: give each destination a folder of its own that it may write into`)
    }
    this.#confirmedAtMs = nowMs
  }

  async release(): Promise<void> {
    await this.#lock?.release()
    this.#lock = undefined
  }
}

/** Rejects when it is no folder. */
export async function requireFolder(path: string): Promise<void> {
  if (!(await stat(path)).isDirectory()) throw new FileTrouble(`${path} is no folder`)
}
