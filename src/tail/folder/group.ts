/** The files of one prefix, which are read one after the other. */
import type { TrackedFile } from '../file/tracked-file.ts'
import { compareFileOrder } from './file-order.ts'

// Older ones are all alike.
const countedAge = 8

/** Files of one prefix, oldest first, and those of them whose turn it is. */
export class Group {
  readonly prefix: string
  readonly #files: TrackedFile[] = []
  /** Files to be looked at now, from `#next` on. */
  #queue: readonly TrackedFile[] = []
  #next = 0
  #scanAtMs = 0

  constructor(prefix: string) {
    this.prefix = prefix
  }

  get files(): readonly TrackedFile[] {
    return this.#files
  }

  /** The one that is being written, as a rule. */
  get newest(): TrackedFile | undefined {
    return this.#files.at(-1)
  }

  /** When the queue is to be made again: at the latest when another file falls due. */
  get scanAtMs(): number {
    return this.#scanAtMs
  }

  /** Takes a file in; once all are, they are to be sorted. */
  add(file: TrackedFile): void {
    this.#files.push(file)
    this.scan()
  }

  sort(): void {
    this.#files.sort((a, b) => compareFileOrder(a.order, b.order))
  }

  /** The next newer file. */
  after(file: TrackedFile): TrackedFile | undefined {
    return this.#files[this.#files.indexOf(file) + 1]
  }

  /** Drops those of its files that are gone. */
  drop(gone: ReadonlySet<TrackedFile>): void {
    const kept = this.#files.filter((file) => !gone.has(file))
    if (kept.length === this.#files.length) return
    this.#files.splice(0, this.#files.length, ...kept)
    this.scan()
  }

  /** The queue is to be made again now. */
  scan(): void {
    this.#scanAtMs = 0
  }

  /** The oldest file that is due; undefined when none is. */
  nextDue(nowMs: number): TrackedFile | undefined {
    if (nowMs >= this.#scanAtMs) this.#fillQueue(nowMs)
    // A file leaves the queue once it rests; until then it has all the turns of its prefix.
    while (this.#next < this.#queue.length) {
      const file = this.#queue[this.#next]
      if (file !== undefined && file.looks.dueAtMs <= nowMs) return file
      this.#next++
    }
    return undefined
  }

  /** At most so many files whose turns come next. */
  upcoming(most: number): readonly TrackedFile[] {
    return this.#queue.slice(this.#next, this.#next + most)
  }

  #fillQueue(nowMs: number): void {
    this.#queue = this.#files.filter(({ looks }) => looks.dueAtMs <= nowMs)
    this.#next = 0
    this.#scanAtMs = Number.POSITIVE_INFINITY
    for (const { looks } of this.#files) {
      if (looks.dueAtMs > nowMs) this.#scanAtMs = Math.min(this.#scanAtMs, looks.dueAtMs)
    }
  }

  /** Sets when a file is looked at next. */
  fallDue(file: TrackedFile, dueAtMs: number): void {
    file.looks.fallDue(dueAtMs)
    this.#scanAtMs = Math.min(this.#scanAtMs, dueAtMs)
  }

  /** How many files are newer, counted up to `countedAge`. */
  ageOf(file: TrackedFile): number {
    let age = 0
    while (age < countedAge && this.#files[this.#files.length - 1 - age] !== file) age++
    return age
  }
}
