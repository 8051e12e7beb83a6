/**
 * Looks at a folder while nobody reads it: its consumer holds a chunk for long, or waits before it reads again.
 * Then, too, logs are written and deleted, and what went unseen would be lost without a word.
 */
import type { Positions } from '../../flow/chunk.ts'
import type { KnownIds } from '../file/known-ids.ts'
import type { TrackedFile } from '../file/tracked-file.ts'
import type { Folder } from './folder.ts'
import type { Group } from './group.ts'
import { measure } from './survey.ts'

/** As many sizes are asked for in one look at most, beside those of the newest files. */
const mostFiles = 256

/** How far the reading is that waits, and what the positions said when it began. */
export interface Waiting {
  readonly reached: Positions
  readonly known: KnownIds
}

/** The looks at one folder. Between `begin` and `end` nobody else may read it. */
export class Lookout {
  readonly #folder: Folder
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #isOn = false

  constructor(folder: Folder) {
    this.#folder = folder
  }

  /** Looks now and then from here on, for the first time after `firstMs`. No look keeps the process alive. */
  begin(waiting: Waiting, firstMs: number): void {
    this.#isOn = true
    this.#arm(waiting, firstMs)
  }

  /** Whether it looks; where it does not, nothing is to be ended. */
  get isOn(): boolean {
    return this.#isOn
  }

  /** Resolves when no look is under way any more, which a dead share may hold up. */
  async end(): Promise<void> {
    this.#isOn = false
    clearTimeout(this.#timer)
    await this.#looking
  }

  #arm(waiting: Waiting, pauseMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#looking = this.#look(waiting).finally(() => {
        this.#looking = undefined
        if (this.#isOn) this.#arm(waiting, this.#folder.pace.lookoutMs)
      })
    }, pauseMs).unref()
  }

  async #look({ reached, known }: Waiting): Promise<void> {
    const folder = this.#folder
    const nowMs = performance.now()
    for (const file of await folder.refresh(nowMs, false)) {
      folder.losses.depart(file, 'deleted', reached, known)
    }
    folder.troubles.judge(folder)
    if (!folder.isReadable) return
    await Promise.all(
      toMeasure(folder.files.groups).map(([group, file]) => measure(group, file, folder.lane, nowMs)),
    )
  }
}

/** The files whose size is not known for good: those being written, and those nobody asked about since. */
function toMeasure(groups: Iterable<Group>): readonly (readonly [Group, TrackedFile])[] {
  const asked: (readonly [Group, TrackedFile])[] = []
  let others = 0
  for (const group of groups) {
    const { newest } = group
    for (const file of group.files) {
      const { missingSinceMs, isOpenEnded } = file.looks
      if (missingSinceMs !== null) continue
      if (file === newest || (isOpenEnded && others++ < mostFiles)) asked.push([group, file])
    }
  }
  return asked
}
