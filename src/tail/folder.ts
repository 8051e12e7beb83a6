/** Which logs a folder holds, by prefix, oldest first. */
import { readdir, stat } from 'node:fs/promises'
import type { Log, Position } from '../types.ts'
import { compareFileOrder, fileOrder } from './file-order.ts'
import { compileGlob } from './glob.ts'
import { createGroup, type Group } from './group.ts'
import type { SourceOptions } from './options.ts'
import { listMs } from './pace.ts'
import { type TrackedFile, trackFile } from './tracked-file.ts'

// A folder changed within the same tick of its clock looks unchanged: until this has passed it is listed.
const settledMs = 2_000n

/** One folder: its listing and its condition. Kept from one reading to the next. */
export class Folder {
  readonly options: SourceOptions
  readonly files = new Map<string, TrackedFile>()
  readonly groups = new Map<string, Group>()
  /** `startAt: end`: where the files stood when the folder was first seen, by file id. */
  readonly ends = new Map<string, Position>()
  readonly #matches: (name: string) => boolean
  readonly #log: Log
  #condition: 'new' | 'readable' | 'unreadable' = 'new'
  #readableSinceMs = 0
  #changedAtNs: bigint | null = null
  #listedAtMs = 0
  #left: Promise<void> = Promise.resolve()

  constructor(options: SourceOptions, log: Log) {
    this.options = options
    this.#matches = compileGlob(options.pattern)
    this.#log = log
  }

  get isReadable(): boolean {
    return this.#condition === 'readable'
  }

  /** Since when the folder could be read without a break. */
  get readableSinceMs(): number {
    return this.#readableSinceMs
  }

  /**
   * Waits until the reading before has left the folder, which a dead share may hold up: two readings must
   * never move the same files. Call the result to leave.
   */
  async enter(): Promise<() => void> {
    const before = this.#left
    let leave = (): void => {}
    this.#left = new Promise((resolve) => {
      leave = resolve
    })
    await before
    return leave
  }

  /** The newest file of each prefix: those that are being written. */
  newestPaths(): ReadonlySet<string> {
    const paths = new Set<string>()
    for (const { files } of this.groups.values()) {
      const newest = files.at(-1)
      if (newest !== undefined) paths.add(newest.path)
    }
    return paths
  }

  /** Lists the folder if it changed or it is time again; returns the files that are gone. */
  async refresh(nowMs: number, isForced: boolean): Promise<readonly TrackedFile[]> {
    try {
      const { mtimeNs } = await stat(this.options.folder, { bigint: true })
      const isDue = isForced || !this.isReadable || nowMs - this.#listedAtMs >= listMs
      if (!isDue && mtimeNs === this.#changedAtNs) return []
      const names = await readdir(this.options.folder)
      const sinceMs = BigInt(Date.now()) - mtimeNs / 1_000_000n
      this.#changedAtNs = sinceMs > -settledMs && sinceMs < settledMs ? null : mtimeNs
      this.#listedAtMs = nowMs
      const gone = this.#adopt(names, nowMs)
      this.#becomeReadable(nowMs)
      return gone
    } catch (error) {
      this.#becomeUnreadable(error as NodeJS.ErrnoException)
      return []
    }
  }

  #adopt(names: readonly string[], nowMs: number): readonly TrackedFile[] {
    const present = new Set<string>()
    const grown = new Set<Group>()
    // What was there at first may be old; what appears later is being written.
    const grewAtMs = this.#condition === 'new' ? Number.NEGATIVE_INFINITY : nowMs
    for (const name of names) {
      if (!this.#matches(name)) continue
      present.add(name)
      if (this.files.has(name)) continue
      const order = fileOrder(name)
      const file = trackFile(this.options.name, this.options.folder, order, grewAtMs)
      this.files.set(name, file)
      const group = this.#groupOf(order.prefix)
      // A newer file means that the last one is done: its tail is fetched first.
      const newest = group.files.at(-1)
      if (newest !== undefined) newest.dueAtMs = 0
      group.files.push(file)
      group.scanAtMs = 0
      grown.add(group)
    }
    for (const group of grown) group.files.sort((a, b) => compareFileOrder(a.order, b.order))
    return present.size === this.files.size ? [] : this.#drop(present)
  }

  #groupOf(prefix: string): Group {
    let group = this.groups.get(prefix)
    if (group === undefined) {
      group = createGroup()
      this.groups.set(prefix, group)
    }
    return group
  }

  #drop(present: ReadonlySet<string>): readonly TrackedFile[] {
    // A deleted file that is still open is read to its end first.
    const gone = [...this.files.values()].filter((file) => !present.has(file.name) && file.input === null)
    for (const file of gone) this.files.delete(file.name)
    for (const group of this.groups.values()) {
      const kept = group.files.filter((file) => this.files.get(file.name) === file)
      if (kept.length === group.files.length) continue
      group.files.splice(0, group.files.length, ...kept)
      group.scanAtMs = 0
    }
    return gone
  }

  #becomeReadable(nowMs: number): void {
    if (this.#condition === 'readable') return
    const { name, folder, pattern } = this.options
    const fields = { source: name, folder, files: this.files.size }
    if (this.#condition === 'unreadable') this.#log.info('The folder of a source is readable again', fields)
    else if (this.files.size > 0) this.#log.info('Found the folder of a source', fields)
    else {
      this.#log.warn('The folder of a source holds no file that matches its pattern yet', {
        ...fields,
        pattern,
        remedy: 'if it should, check folder and pattern of the source',
      })
    }
    this.#condition = 'readable'
    this.#readableSinceMs = nowMs
  }

  #becomeUnreadable(error: NodeJS.ErrnoException): void {
    if (this.#condition === 'unreadable') return
    this.#condition = 'unreadable'
    this.#log.error('The folder of a source cannot be read; it is tried again every few seconds', {
      source: this.options.name,
      folder: this.options.folder,
      error: error.message,
      remedy: remedyFor(error.code),
    })
  }
}

function remedyFor(code: string | undefined): string {
  if (code === 'EACCES' || code === 'EPERM')
    return 'give the account msgtrk runs under the right to list the folder and to read its files, on the share and on the file system'
  if (code === 'ENOTDIR') return 'write the path of the folder, not of a file'
  return 'check that the path exists and its server is up; a Windows service sees no mapped drives: write \\\\server\\share\\folder'
}
