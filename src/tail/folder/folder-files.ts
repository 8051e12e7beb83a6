/** The files of one folder, by name and by prefix. Only from here do they come and go. */
import type { Positions } from '../../flow/chunk.ts'
import { TrackedFile } from '../file/tracked-file.ts'
import type { SourceOptions } from '../options.ts'
import { fileOrder } from './file-order.ts'
import { Group } from './group.ts'

/** All that are there or missing, until they are known to be gone; iterated over in the order in which they were found. */
export class FolderFiles {
  readonly #options: SourceOptions
  readonly #byName = new Map<string, TrackedFile>()
  readonly #groups = new Map<string, Group>()

  constructor(options: SourceOptions) {
    this.#options = options
  }

  [Symbol.iterator](): Iterator<TrackedFile> {
    return this.#byName.values()
  }

  get count(): number {
    return this.#byName.size
  }

  /** The prefixes. */
  get groups(): Iterable<Group> {
    return this.#groups.values()
  }

  /** Prefix by prefix. */
  *oldestFirst(): Generator<TrackedFile> {
    for (const group of this.#groups.values()) yield* group.files
  }

  /** The newest of each prefix. */
  get newest(): readonly TrackedFile[] {
    return [...this.#groups.values()].flatMap(({ newest }) => newest ?? [])
  }

  named(name: string): TrackedFile | undefined {
    return this.#byName.get(name)
  }

  /** The next newer file of its prefix. */
  after(file: TrackedFile): TrackedFile | undefined {
    return this.#groups.get(file.order.prefix)?.after(file)
  }

  /** When a prefix looks next which of its files are due; infinity when none ever is. */
  get scanAtMs(): number {
    let earliestMs = Number.POSITIVE_INFINITY
    for (const { scanAtMs } of this.#groups.values()) earliestMs = Math.min(earliestMs, scanAtMs)
    return earliestMs
  }

  /** Takes in a file just found; once all are, its group is to be sorted. */
  add(name: string, grewAtMs: number): { readonly file: TrackedFile; readonly group: Group } {
    const order = fileOrder(name)
    const group = this.#groupOf(order.prefix)
    // One text for the prefix of all of them.
    const file = new TrackedFile(
      this.#options.name,
      this.#options.folder,
      { ...order, prefix: group.prefix },
      grewAtMs,
    )
    this.#byName.set(name, file)
    // A newer file means that the last one is done: its tail is fetched first.
    const { newest } = group
    if (newest?.looks.missingSinceMs === null) newest.looks.fallDue(0)
    group.add(file)
    return { file, group }
  }

  /** Drops those that are gone. */
  drop(gone: ReadonlySet<TrackedFile>): void {
    for (const { name } of gone) this.#byName.delete(name)
    for (const group of this.#groups.values()) group.drop(gone)
  }

  /** A listing has the file again: whatever bears the name now, it is to be looked at. */
  find(file: TrackedFile): void {
    if (file.looks.missingSinceMs === null) return
    file.find()
    this.#groups.get(file.order.prefix)?.scan()
  }

  /** Go back to their positions; those that rest just there need no look before their time. */
  rewind(reached: Positions, follow: boolean): void {
    for (const file of this) file.rewind(reached, follow)
    for (const group of this.#groups.values()) group.scan()
  }

  /** Closes those that are open. */
  close(): void {
    for (const file of this) file.close()
  }

  #groupOf(prefix: string): Group {
    let group = this.#groups.get(prefix)
    if (group === undefined) {
      group = new Group(prefix)
      this.#groups.set(prefix, group)
    }
    return group
  }
}
