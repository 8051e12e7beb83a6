/**
 * One reading of one folder. Within a prefix the files follow each other, oldest first; the prefixes take
 * turns, one read each, or go by the time of their rows. A file that can't be read is left and come back to: order within its prefix is given
 * up then, since the alternative is to deliver nothing until a person has mended it.
 */

import type { Chunk } from '../../flow/chunk.ts'
import { Waker } from '../../flow/waker.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { FileReader, type Reading } from '../file/file-reader.ts'
import type { KnownIds } from '../file/known-ids.ts'
import { beginAtTime, placeAfter } from '../file/start.ts'
import type { TrackedFile } from '../file/tracked-file.ts'
import type { Beat } from './beat.ts'
import { beginAtEnd } from './begin-at-end.ts'
import { isLasting } from './file-troubles.ts'
import type { Folder } from './folder.ts'
import type { Group } from './group.ts'
import { Hints } from './hints.ts'
import type { Lookout, Waiting } from './lookout.ts'
import { lastTimeMs } from './row-times.ts'
import { SteadyFiles } from './steady.ts'
import { needsSurvey, survey } from './survey.ts'

/** How often a file is tried by who reads once. */
const onceTries = 3

/** Reads the files of a folder until all is read or, when following, until the signal aborts. */
export class FolderReader {
  readonly #folder: Folder
  readonly #reading: Reading
  readonly #lookout: Lookout
  readonly #files: FileReader
  readonly #waker = new Waker()
  readonly #hints: Hints
  readonly #beat: Beat
  /** Paths of files that have changed, since the last beat. */
  readonly #hinted = new Set<string>()
  /** What the positions said when this reading began. */
  readonly #known: KnownIds
  readonly #steady: SteadyFiles
  /** When the last row was written that was read of a prefix. */
  readonly #readToMs = new Map<Group, number>()
  #listedAtMs = Number.NEGATIVE_INFINITY
  #listAtMs = 0
  #isForced = true
  #stall: NodeJS.Timeout | undefined

  constructor(folder: Folder, reading: Reading, known: KnownIds, lookout: Lookout, beat: Beat) {
    this.#folder = folder
    this.#beat = beat
    this.#steady = new SteadyFiles(beat, folder.pace)
    this.#lookout = lookout
    this.#reading = reading
    this.#known = known
    this.#files = new FileReader(folder, reading, known)
    this.#hints = new Hints((path) => this.#onHint(path), reading.log)
  }

  /** The chunks, each valid until the next one is asked for. */
  async *chunks(): AsyncGenerator<Chunk> {
    const { signal } = this.#reading
    const leave = await this.#folder.enter()
    await this.#lookout.end()
    try {
      this.#resume()
      let hasBegun = false
      while (!signal.aborted) {
        if (performance.now() >= this.#listAtMs) await this.#list()
        if (this.#folder.isReadable) {
          if (!hasBegun) yield* this.#begin()
          hasBegun = true
          if (yield* this.#turns()) continue
        }
        if (!this.#reading.follow && this.#isDone) return
        await this.#pause()
      }
    } finally {
      clearTimeout(this.#stall)
      this.#hints.close()
      this.#files.end()
      this.#folder.files.close()
      await this.#lookout.end()
      if (this.#reading.isWatched) this.#lookout.begin(this.#waiting, this.#folder.pace.lookoutMs)
      leave()
    }
  }

  /** Without following: nothing is left to read, and nothing is missing that may come back. */
  get #isDone(): boolean {
    const { isReadable, confirmAtMs, files } = this.#folder
    if (!isReadable) return true
    if (this.#isForced || confirmAtMs !== Number.POSITIVE_INFINITY) return false
    return files.scanAtMs === Number.POSITIVE_INFINITY
  }

  /** One turn of each prefix, or of that which is behind the others; false when none of them had a file to look at. */
  async *#turns(): AsyncGenerator<Chunk, boolean> {
    const { pace } = this.#folder
    let isBusy = false
    for (const group of this.#groups) {
      if (this.#reading.signal.aborted) break
      const now = performance.now()
      const file = group.nextDue(now)
      if (file === undefined) continue
      isBusy = true
      if (needsSurvey(file, now, this.#folder)) await this.#survey(group)
      const chunk = file.looks.dueAtMs > now ? null : await this.#look(group, file)
      if (chunk === null || this.#reading.signal.aborted) continue
      this.#advance(chunk)
      const readToMs = lastTimeMs(chunk) || (this.#readToMs.get(group) ?? 0)
      this.#stall = setTimeout(() => this.#wait(), pace.stallMs)
      yield chunk
      clearTimeout(this.#stall)
      if (this.#lookout.isOn) await this.#takeOver()
      if (this.#reading.byTime) {
        this.#readToMs.set(group, readToMs)
        break
      }
    }
    return isBusy
  }

  /** In whose order they have their turns. */
  get #groups(): Iterable<Group> {
    const { groups } = this.#folder.files
    if (!this.#reading.byTime) return groups
    const readToMs = (group: Group): number => this.#readToMs.get(group) ?? 0
    return [...groups].sort((one, other) => readToMs(one) - readToMs(other))
  }

  async *#begin(): AsyncGenerator<Chunk> {
    const { reached, follow } = this.#reading
    // Who reads once reads what is there: files of an earlier run may have been put away since.
    if (follow) this.#folder.expect(this.#known, performance.now())
    for (const chunk of beginAtTime(this.#folder.options, this.#known)) {
      this.#advance(chunk)
      yield chunk
    }
    const startAt = this.#known.begun ?? this.#folder.options.startAt
    for await (const chunk of beginAtEnd(this.#folder, reached, this.#files, startAt)) {
      this.#advance(chunk)
      yield chunk
    }
  }

  #advance(chunk: Chunk): void {
    this.#reading.reached.set(chunk.file.id, placeAfter(chunk))
    this.#reading.events.read?.(chunk)
  }

  #resume(): void {
    const { reached, follow } = this.#reading
    this.#folder.losses.rewind(reached)
    this.#folder.files.rewind(reached, follow)
  }

  async #list(): Promise<void> {
    const { follow, reached } = this.#reading
    const { pace, losses, troubles } = this.#folder
    const now = performance.now()
    const gone = await this.#folder.refresh(now, this.#isForced)
    this.#isForced = false
    this.#listedAtMs = now
    const { isReadable, confirmAtMs } = this.#folder
    const pauseMs = isReadable ? pace.probeMs(now - this.#folder.grewAtMs) : pace.folderRetryMs
    this.#listAtMs = follow ? pace.dueAtMs(now, pauseMs) : confirmAtMs
    // Nobody looks at what is left open until the folder is back.
    if (!isReadable)
      for (const file of this.#folder.files.newest) if (file.content.restingAt !== null) file.close()
    for (const file of gone) losses.depart(file, 'deleted', reached, this.#known)
    troubles.judge(this.#folder)
    if (follow) await this.#hints.watch(this.#steady.wanted(this.#folder.watchablePaths(), now))
  }

  /** Old files that need not be opened have had their look with this. */
  async #survey(group: Group): Promise<void> {
    const { losses } = this.#folder
    for (const file of await survey(group, this.#folder, this.#reading.reached, this.#known)) {
      if (file.id !== null) losses.returned(file.id)
      this.#rest(group, file)
    }
  }

  /** One read of one file; null when it gave no chunk. */
  async #look(group: Group, file: TrackedFile): Promise<Chunk | null> {
    try {
      const { chunk, isAtEnd } = await this.#files.next(file)
      this.#folder.troubles.succeeded(file)
      if (isAtEnd) this.#rest(group, file, chunk)
      else if (chunk === null && file.content.isWithinLine) this.#letOthersGoFirst(group, file)
      return chunk
    } catch (error) {
      this.#fail(group, file, error as Error)
      return null
    }
  }

  /** Nothing more to read in this file now, behind the last `chunk`: it is looked at again when it is due. */
  #rest(group: Group, file: TrackedFile, chunk: Chunk | null = null): void {
    const { pace } = this.#folder
    const age = group.ageOf(file)
    if (age > 0) file.putAway(chunk === null ? this.#reading.reached.get(file.id ?? '') : placeAfter(chunk))
    const now = performance.now()
    file.looks.looked(now)
    file.looks.saw(now, group.newest === file)
    if (age === 0 && this.#folder.isWatchable && this.#steady.looked(file, now)) this.#onHint(file.path)
    this.#lookLater(
      group,
      file,
      file.condition === 'refused' ? pace.refusedMs : pace.pollMs(now - file.looks.grewAtMs, age),
    )
  }

  /** The file holds a line that may never end: those after it do not wait for that. */
  #letOthersGoFirst(group: Group, file: TrackedFile): void {
    group.fallDue(file, performance.now() + this.#folder.pace.longLineMs)
    const offset = file.content.cursor?.offset ?? 0
    if (!file.content.meetLongLine(offset)) return
    this.#reading.log.warn(
      'A log file holds a line without an end, far longer than any record; the files after it go first',
      { file: file.path, offset, remedy: 'look what stands there: a hole, or what is no tracking log' },
    )
  }

  #lookLater(group: Group, file: TrackedFile, pauseMs: number): void {
    const { pace } = this.#folder
    const { follow } = this.#reading
    group.fallDue(file, follow ? pace.dueAtMs(performance.now(), pauseMs) : Number.POSITIVE_INFINITY)
  }

  #fail(group: Group, file: TrackedFile, error: Error): void {
    const { pace, troubles } = this.#folder
    file.close()
    if (error instanceof ProblemsError) {
      const [problem] = error.problems
      const { message = error.message, remedy = '' } = problem ?? {}
      file.refuse({ message, remedy }, this.#reading.log)
      this.#lookLater(group, file, pace.refusedMs)
      return
    }
    // A mistake in this program must not look like a bad disk.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    troubles.failed(file, error)
    const retryMs = pace.fileRetryMs(file.failures)
    // Who reads once does not wait for a person, but for a share that was away for a moment.
    const isWorthIt = file.failures < onceTries && !isLasting(error)
    if (!this.#reading.follow && isWorthIt) group.fallDue(file, performance.now() + retryMs)
    else this.#lookLater(group, file, retryMs)
    // Hundreds of files may fail one after the other: the folder is not listed for each of them.
    this.#listAtMs = Math.min(this.#listAtMs, this.#listedAtMs + pace.probeMs(0))
    this.#isForced = true
  }

  #onHint(path: string): void {
    if (this.#hinted.size === 0) this.#beat.ask(() => this.#lookAtHinted())
    this.#hinted.add(path)
  }

  #lookAtHinted(): void {
    const nowMs = performance.now()
    for (const group of this.#folder.files.groups) {
      const file = group.newest
      if (file === undefined || !this.#hinted.has(file.path) || file.looks.missingSinceMs !== null) continue
      if (nowMs >= file.looks.dueAtMs) continue
      group.fallDue(file, nowMs)
      this.#waker.wake()
    }
    this.#hinted.clear()
  }

  async #pause(): Promise<void> {
    this.#files.end()
    const { isReadable, files } = this.#folder
    const untilMs = isReadable ? Math.min(this.#listAtMs, files.scanAtMs) : this.#listAtMs
    await this.#waker.pause(untilMs - performance.now(), this.#reading.signal)
  }

  /** The consumer asks for nothing for the time being. */
  #wait(): void {
    this.#files.end()
    this.#folder.files.close()
    this.#lookout.begin(this.#waiting, 0)
  }

  /** It does again. What was found missing meanwhile waits for a listing to confirm it. */
  async #takeOver(): Promise<void> {
    await this.#lookout.end()
    this.#listAtMs = 0
  }

  get #waiting(): Waiting {
    return { reached: this.#reading.reached, known: this.#known }
  }
}
