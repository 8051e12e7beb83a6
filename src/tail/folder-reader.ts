/**
 * One reading of one folder. Within a prefix the files follow each other, oldest first; the prefixes take
 * turns, one read each. A file that can't be read is left and come back to: order within its prefix is given
 * up then, since the alternative is to deliver nothing until a person has mended it.
 */
import { ProblemsError } from '../problems.ts'
import type { Chunk, Log, Position } from '../types.ts'
import { beginAtEnd } from './begin-at-end.ts'
import { FileInput } from './byte-input.ts'
import { ChunkCutter, type ChunkLimits, type Cursor } from './chunk-cutter.ts'
import type { Folder } from './folder.ts'
import { ageOf, fallDue, type Group, nextDue } from './group.ts'
import { Hints } from './hints.ts'
import { fileRetryMs, folderRetryMs, hintPauseMs, pollMs, probeMs, refusedMs, stallMs } from './pace.ts'
import { seekRow, startCursor } from './start.ts'
import { hasNews, identify, refuseFile, type TrackedFile } from './tracked-file.ts'
import { Waker } from './waker.ts'

/** What a reading needs. */
export interface Reading extends ChunkLimits {
  /** Positions to go on from; moved along as chunks are read. */
  readonly reached: Map<string, Position>
  readonly follow: boolean
  readonly log: Log
  readonly signal: AbortSignal
}

/** Reads the files of a folder until all is read or, when following, until the signal aborts. */
export class FolderReader {
  readonly #folder: Folder
  readonly #reading: Reading
  readonly #cutter: ChunkCutter
  readonly #waker = new Waker()
  readonly #hints: Hints
  #failed: { readonly file: TrackedFile; readonly error: Error }[] = []
  #listAtMs = 0
  #isForced = true
  #stall: NodeJS.Timeout | undefined

  constructor(folder: Folder, reading: Reading) {
    this.#folder = folder
    this.#reading = reading
    this.#cutter = new ChunkCutter(reading)
    this.#hints = new Hints((path) => this.#onHint(path), reading.log)
  }

  /** The chunks, each valid until the next one is asked for. */
  async *chunks(): AsyncGenerator<Chunk> {
    const { signal } = this.#reading
    const leave = await this.#folder.enter()
    try {
      this.#resume()
      let hasBegun = false
      while (!signal.aborted) {
        if (performance.now() >= this.#listAtMs) await this.#list()
        if (this.#folder.isReadable) {
          if (!hasBegun) yield* this.#begin()
          hasBegun = true
          if (yield* this.#turns()) continue
          if (this.#isForced) continue
        }
        if (!this.#reading.follow) return
        await this.#pause()
      }
    } finally {
      clearTimeout(this.#stall)
      this.#hints.close()
      this.#closeFiles()
      leave()
    }
  }

  /** One turn of each prefix; false when none of them had a file to look at. */
  async *#turns(): AsyncGenerator<Chunk, boolean> {
    let isBusy = false
    for (const group of this.#folder.groups.values()) {
      if (this.#reading.signal.aborted) break
      const file = nextDue(group, performance.now())
      if (file === undefined) continue
      isBusy = true
      const chunk = await this.#look(group, file)
      if (chunk === null || this.#reading.signal.aborted) continue
      this.#advance(chunk)
      this.#stall = setTimeout(() => this.#closeFiles(), stallMs)
      yield chunk
      clearTimeout(this.#stall)
    }
    return isBusy
  }

  async *#begin(): AsyncGenerator<Chunk> {
    for await (const chunk of beginAtEnd(this.#folder, this.#reading.reached, this.#reading.log)) {
      this.#advance(chunk)
      yield chunk
    }
  }

  #advance({ file, end, header }: Chunk): void {
    this.#reading.reached.set(file.id, { fileId: file.id, offset: end, header })
  }

  /** Goes back to the positions; files that rest just there need no look before their time. */
  #resume(): void {
    const { reached, follow } = this.#reading
    for (const file of this.#folder.files.values()) {
      file.cursor = null
      file.seek = null
      file.headCheckedAtMs = Number.NEGATIVE_INFINITY
      const position = file.log === null ? undefined : reached.get(file.log.id)
      const isResting = file.restingAt >= 0 && position?.offset === file.restingAt
      if (follow && (isResting || file.condition === 'passed' || file.head?.refusal)) continue
      file.dueAtMs = 0
      if (file.log !== null && !isResting) file.restingAt = -1
    }
    for (const group of this.#folder.groups.values()) group.scanAtMs = 0
  }

  async #list(): Promise<void> {
    const { follow } = this.#reading
    const now = performance.now()
    const gone = await this.#folder.refresh(now, this.#isForced)
    this.#isForced = false
    const { isReadable } = this.#folder
    this.#listAtMs = follow ? now + (isReadable ? probeMs : folderRetryMs) : Number.POSITIVE_INFINITY
    for (const file of gone) this.#reportGone(file)
    // Errors of files are judged only now: when their folder is away, or they are, that is what to say.
    for (const { file, error } of this.#failed) {
      if (!isReadable) file.dueAtMs = 0
      else if (this.#folder.files.get(file.name) === file) this.#reportUnreadable(file, error)
    }
    this.#failed = []
    if (follow) await this.#hints.watch(this.#folder.newestPaths())
  }

  /** One read of one file; null when it gave no chunk. */
  async #look(group: Group, file: TrackedFile): Promise<Chunk | null> {
    const { log } = this.#reading
    const now = performance.now()
    try {
      const isReopened = file.input === null
      file.input ??= await FileInput.open(file.path)
      const { input } = file
      await identify(file, input, now, log)
      let cursor = await this.#cursorOf(file)
      if (cursor !== null && isReopened) {
        if (!(await hasNews(file, input, now, log))) return this.#rest(group, file)
        cursor = await this.#cursorOf(file)
      }
      if (file.log === null || cursor === null) return this.#rest(group, file)
      const cut = await this.#cutter.next(input, file.log, cursor, false)
      this.#becomeReadable(file)
      if (cut.chunk !== null && file.restingAt >= 0) file.grewAtMs = now
      if (cut.isAtEnd) this.#rest(group, file)
      else file.restingAt = -1
      return cut.chunk === null || file.seek === null ? cut.chunk : passOver(cut.chunk, file, file.seek)
    } catch (error) {
      this.#fail(group, file, error as Error)
      return null
    }
  }

  /** Null when the file has no identity yet, is refused, or has no row late enough. */
  async #cursorOf(file: TrackedFile): Promise<Cursor | null> {
    if (file.log === null || file.head?.refusal) return null
    if (file.cursor === null) {
      file.cursor = await startCursor(this.#folder, file, this.#reading.reached)
      if (file.cursor === null) file.condition = 'passed'
    }
    return file.cursor
  }

  /** Nothing more to read in this file now: it is closed, and looked at again when it is due. */
  #rest(group: Group, file: TrackedFile): null {
    close(file)
    this.#becomeReadable(file)
    file.restingAt = file.cursor?.offset ?? 0
    const age = ageOf(group, file, 4)
    // Old files are thousands: what can be read again is not kept in memory.
    if (age > 0 && file.cursor !== null) file.cursor.layout = undefined
    const now = performance.now()
    file.lookedAtMs = now
    this.#lookLater(group, file, file.condition === 'refused' ? refusedMs : pollMs(now - file.grewAtMs, age))
    return null
  }

  #lookLater(group: Group, file: TrackedFile, pauseMs: number): void {
    const isOnce = !this.#reading.follow
    fallDue(group, file, isOnce ? Number.POSITIVE_INFINITY : performance.now() + pauseMs)
  }

  #fail(group: Group, file: TrackedFile, error: Error): void {
    close(file)
    if (error instanceof ProblemsError) {
      const [problem] = error.problems
      const { message = error.message, remedy = '' } = problem ?? {}
      refuseFile(file, { message, remedy }, this.#reading.log)
      this.#lookLater(group, file, refusedMs)
      return
    }
    // A mistake in this program must not look like a bad disk.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    file.failures++
    this.#failed.push({ file, error })
    this.#lookLater(group, file, fileRetryMs(file.failures))
    this.#listAtMs = 0
    this.#isForced = true
  }

  #reportUnreadable(file: TrackedFile, error: Error): void {
    if (file.condition === 'unreadable') return
    file.condition = 'unreadable'
    this.#reading.log.error('A log file cannot be read; it is tried again, and the files after it go first', {
      file: file.path,
      error: error.message,
      remedy:
        'give the account msgtrk runs under the right to read the file, and look for a program that locks it',
    })
  }

  #becomeReadable(file: TrackedFile): void {
    file.failures = 0
    if (file.condition !== 'unreadable') return
    file.condition = 'readable'
    this.#reading.log.info('A log file is readable again', { file: file.path })
  }

  #reportGone(file: TrackedFile): void {
    if (file.restingAt >= 0 || file.condition === 'refused' || file.condition === 'passed') return
    this.#reading.log.error('A log file was deleted before it was read to its end; the rest of it is lost', {
      file: file.path,
      offset: file.cursor?.offset ?? 0,
      remedy: 'let the server keep its logs longer: Set-TransportService -MessageTrackingLogMaxDirectorySize',
    })
  }

  #onHint(path: string): void {
    for (const group of this.#folder.groups.values()) {
      const file = group.files.at(-1)
      if (file?.path !== path) continue
      const dueAtMs = Math.max(performance.now(), file.lookedAtMs + hintPauseMs)
      if (dueAtMs >= file.dueAtMs) continue
      fallDue(group, file, dueAtMs)
      this.#waker.wake()
    }
  }

  async #pause(): Promise<void> {
    let untilMs = this.#listAtMs
    if (this.#folder.isReadable) {
      for (const group of this.#folder.groups.values()) untilMs = Math.min(untilMs, group.scanAtMs)
    }
    await this.#waker.pause(untilMs - performance.now(), this.#reading.signal)
  }

  #closeFiles(): void {
    for (const file of this.#folder.files.values()) close(file)
  }
}

/** Leaves out the rows before `seek`; null when that is all of them. */
function passOver(chunk: Chunk, file: TrackedFile, seek: string): Chunk | null {
  const at = seekRow(chunk.bytes, seek)
  if (at < 0) return null
  file.seek = null
  return { ...chunk, start: chunk.start + at, bytes: chunk.bytes.subarray(at) }
}

function close(file: TrackedFile): void {
  const { input } = file
  file.input = null
  void input?.close()
}
