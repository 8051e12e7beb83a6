/** Which logs a folder holds, by prefix, oldest first. */
import { type BigIntStats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Position } from '../../flow/chunk.ts'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { Trouble } from '../../flow/trouble.ts'
import type { KnownIds } from '../file/known-ids.ts'
import { Losses } from '../file/losses.ts'
import type { TrackedFile } from '../file/tracked-file.ts'
import type { SourceOptions } from '../options.ts'
import { readNames } from './file-name.ts'
import { FileTroubles } from './file-troubles.ts'
import { FolderFiles } from './folder-files.ts'
import { compileGlob } from './glob.ts'
import type { Group } from './group.ts'
import { type Lane, type Lanes, lanes as lanesOfProcess } from './lanes.ts'
import { placeOf, unknownPlace } from './network-folder.ts'
import type { Pace } from './pace.ts'
import { remedyFor } from './remedy.ts'

interface FolderSurroundings {
  readonly lanes?: Lanes
  /** Whether it is looked at again and again. */
  readonly isFollowed?: boolean
}

/** One folder: its listing and its condition. Kept from one reading to the next. */
export class Folder {
  readonly options: SourceOptions
  readonly pace: Pace
  /** Through it go all system calls on the folder and its files. */
  readonly lane: Lane
  readonly losses: Losses
  readonly troubles: FileTroubles
  readonly files: FolderFiles
  readonly #ends = new Map<string, Position>()
  readonly #matches: (name: string) => boolean
  readonly #log: Log
  readonly #events: Listener
  readonly #isFollowed: boolean
  /** Why it can't be read; nothing is known of that before it is listed first. */
  readonly #trouble = new Trouble()
  #place = unknownPlace
  #device: number | null = null
  #readableSinceMs = 0
  #changedAtNs: bigint | null = null
  #listedAtMs = Number.NEGATIVE_INFINITY
  /** When to list once more after a change. */
  #surelyListedAtMs = 0
  #confirmAtMs = Number.POSITIVE_INFINITY
  #expects = true
  #left: Promise<void> = Promise.resolve()

  constructor(
    options: SourceOptions,
    pace: Pace,
    log: Log,
    events: Listener,
    { lanes = lanesOfProcess, isFollowed = true }: FolderSurroundings = {},
  ) {
    this.#isFollowed = isFollowed
    this.options = options
    this.pace = pace
    this.lane = lanes.of(options.folder)
    this.losses = new Losses(options.name, log, events, pace)
    this.troubles = new FileTroubles(log)
    this.files = new FolderFiles(options)
    this.#matches = compileGlob(options.pattern)
    this.#log = log
    this.#events = events
  }

  get isReadable(): boolean {
    return this.#trouble.now === null
  }

  /** False until it was listed, or could not be. */
  get isLookedAt(): boolean {
    return this.#trouble.now !== undefined
  }

  /** Since when the folder could be read without a break. */
  get readableSinceMs(): number {
    return this.#readableSinceMs
  }

  /** When to list again to tell which of the missing files are gone; infinity when none is missing. */
  get confirmAtMs(): number {
    return this.#confirmAtMs
  }

  /** `startAt: end`: where a file stood when the folder was first seen. */
  endOf(fileId: string): Position | undefined {
    return this.#ends.get(fileId)
  }

  keepEnd(end: Position): void {
    this.#ends.set(end.fileId, end)
  }

  /** True when the last listing had the file. */
  isThere(file: TrackedFile): boolean {
    return file.looks.missingSinceMs === null && this.files.named(file.name) === file
  }

  /** Paths of what is not read now: the folder, or files of it, those that are refused among them. */
  unreadable(): readonly string[] {
    if (this.#trouble.now) return [this.options.folder]
    return [...this.files]
      .filter(({ failures, condition }) => failures > 0 || condition === 'refused')
      .map(({ path }) => path)
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

  /** Files worth a watch: the newest of each prefix, which are being written, unless the folder is on another machine. */
  watchablePaths(): ReadonlySet<string> {
    return this.isWatchable ? new Set(this.files.newest.map(({ path }) => path)) : new Set()
  }

  /** Whether the system may tell of changes in it. */
  get isWatchable(): boolean {
    return !this.#place.isOnNetwork
  }

  /** Whether a file on this device is on this machine: a link may lead elsewhere, also out of a folder that is. */
  isLocal(device: number): boolean {
    return this.isWatchable && device === this.#device
  }

  /** Whether what it says of its files, those that are no links to another disk, is all there is to know of a change. */
  get tellsChanges(): boolean {
    return this.#place.tellsChanges
  }

  /** The same of a file on this device. */
  tellsChangesOn(device: number): boolean {
    return this.tellsChanges && device === this.#device
  }

  /** When a file that is being written grew last. */
  get grewAtMs(): number {
    return Math.max(...this.files.newest.map(({ looks }) => looks.grewAtMs))
  }

  /** Lists the folder if it changed or it is time again; returns the files that are gone. */
  async refresh(nowMs: number, isForced: boolean): Promise<readonly TrackedFile[]> {
    try {
      const { mtimeNs, dev } = await this.#ask()
      const device = Number(dev)
      // Another disk, or a share, may be mounted in its place.
      if (!this.isReadable || device !== this.#device) await this.#findOut()
      this.#device = device
      const isChanged = mtimeNs !== this.#changedAtNs
      if (!isForced && !isChanged && !this.#isDue(nowMs)) return []
      const names = await this.lane.call(() => readNames(this.options.folder))
      // A change in the same tick of the folder's clock would not show.
      if (isChanged) this.#surelyListedAtMs = nowMs + this.pace.tickMs
      this.#changedAtNs = mtimeNs
      this.#listedAtMs = nowMs
      this.#adopt(names, nowMs)
      const gone = this.#dropMissing(new Set(names), nowMs)
      this.#becomeReadable(nowMs)
      return gone
    } catch (error) {
      this.#becomeUnreadable(error as NodeJS.ErrnoException)
      return []
    }
  }

  /**
   * The files that were being read last should be there. Once, after the folder was first listed, those that
   * are not become missing ones, which are gone if that is confirmed.
   */
  expect(known: KnownIds, nowMs: number): void {
    if (!this.#expects) return
    this.#expects = false
    for (const { name, id } of known.newest()) {
      if (id === null || this.files.named(name) || !this.#matches(name)) continue
      const { file, group } = this.files.add(name, Number.NEGATIVE_INFINITY)
      file.presume(id)
      group.sort()
      this.#miss(file, nowMs)
    }
  }

  /** What was asked of a disk of this machine a moment ago is in memory: no thread is needed for it. */
  #ask(): Promise<BigIntStats> | BigIntStats {
    const { folder } = this.options
    const isInMemory = this.isReadable && this.tellsChanges && this.lane.isIdle
    return isInMemory
      ? statSync(folder, { bigint: true })
      : this.lane.call(() => stat(folder, { bigint: true }))
  }

  #isDue(nowMs: number): boolean {
    if (!this.isReadable || nowMs >= this.#confirmAtMs) return true
    if (nowMs >= this.#surelyListedAtMs && this.#listedAtMs < this.#surelyListedAtMs) return true
    return nowMs - this.#listedAtMs >= this.pace.listMs(this.files.count, this.tellsChanges)
  }

  #adopt(names: readonly string[], nowMs: number): void {
    const grown = new Set<Group>()
    // What was there at first may be old; what appears later is being written.
    const grewAtMs = this.#trouble.now === undefined ? Number.NEGATIVE_INFINITY : nowMs
    for (const name of names) {
      if (this.files.named(name) || !this.#matches(name)) continue
      grown.add(this.files.add(name, grewAtMs).group)
    }
    for (const group of grown) group.sort()
  }

  /** Marks the files that a listing lacks; drops those that were missing long enough. */
  #dropMissing(present: ReadonlySet<string>, nowMs: number): readonly TrackedFile[] {
    const gone = new Set<TrackedFile>()
    this.#confirmAtMs = Number.POSITIVE_INFINITY
    for (const file of this.files) {
      if (present.has(file.name)) this.files.find(file)
      // A deleted file that is still open is read to its end first.
      else if (file.input === null) {
        const { missingSinceMs } = file.looks
        if (missingSinceMs !== null && nowMs - missingSinceMs >= this.pace.confirmMs) gone.add(file)
        else this.#miss(file, nowMs)
      }
    }
    if (gone.size === 0) return []
    this.files.drop(gone)
    return [...gone]
  }

  #miss(file: TrackedFile, nowMs: number): void {
    this.#confirmAtMs = Math.min(this.#confirmAtMs, file.looks.miss(nowMs) + this.pace.confirmMs)
  }

  async #findOut(): Promise<void> {
    const { folder } = this.options
    this.#place = await this.lane.call(() => placeOf(folder).catch(() => unknownPlace))
  }

  #becomeReadable(nowMs: number): void {
    if (this.isReadable) return
    const { name, folder, pattern } = this.options
    const fields = { source: name, folder, files: this.files.count }
    if (this.#trouble.over() !== null) {
      this.#log.info('The folder of a source is readable again', fields)
      this.#events.folderChanged?.({ source: name, folder, reason: null })
    } else if (this.files.count > 0) this.#log.info('Found the folder of a source', fields)
    else {
      this.#log.warn('The folder of a source holds no file that matches its pattern yet', {
        ...fields,
        pattern,
        remedy: 'if it should, check folder and pattern of the source',
      })
    }
    this.#readableSinceMs = nowMs
  }

  #becomeUnreadable(error: NodeJS.ErrnoException): void {
    if (!this.#trouble.begins(error.message)) return
    // Whether a file is gone can't be told now: it has to be missing anew.
    for (const file of this.files) this.files.find(file)
    this.#confirmAtMs = Number.POSITIVE_INFINITY
    const { name, folder } = this.options
    const message = 'The folder of a source cannot be read'
    this.#log.error(this.#isFollowed ? `${message}; it is tried again every few seconds` : message, {
      source: name,
      folder,
      error: error.message,
      remedy: remedyFor(error.code, folder),
    })
    this.#events.folderChanged?.({ source: name, folder, reason: error.message })
  }
}
