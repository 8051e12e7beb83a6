/**
 * What a kind of source says about itself. Each has a folder, and a line in `kinds.ts`. Who looks into folders beside the
 * reading asks `isFolder` (options.ts): only what is on a disk can be looked into.
 */
import type * as z from 'zod'
import type { Positions, Source } from '../flow/chunk.ts'
import type { Listener } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'
import type { Group } from '../mistakes/written.ts'
import type { KnownFile } from '../tail/source.ts'

/** Settings that sources of all kinds have. */
interface CommonOptions {
  /** In the log, in events, and in the ids of files. */
  readonly name: string
  /** Where reading begins the first time: `beginning`, `end` or a time with its zone. */
  readonly startAt: string
}

/** What reading works with. */
export interface ReadingOptions {
  /** Go on until aborted; else read what is there and end. */
  readonly follow: boolean
  readonly log: Log
  /** Hears of what can't be read, of what is lost and of what was appended. */
  readonly events: Listener
}

/** Reads all sources of a kind for one pipeline, one reading at a time. */
export interface Reader extends Source {
  /** Ids of files whose positions can go. */
  gone(): readonly string[]
  /**
   * To be called when nothing more is read: reports what is lost of that behind the `settled` positions, and returns how
   * many files are missing of which that is not sure.
   */
  lastLook(settled: Positions): Promise<number>
  /** What is not read now, out of reach or refused: as people know it. */
  unreadable(): readonly string[]
  /** What is known of the files of a source, by their names; for those that are folders. */
  files?(source: string): ReadonlyMap<string, KnownFile>
  /** What reading tells of a source into which nobody else looks; undefined for others. */
  told?(source: string): ToldSource | undefined
}

/** A source as those tell of it who read it. */
export interface ToldSource {
  /** Why it can't be read; null when it can. */
  readonly reason: string | null
  /** Time of the newest record that was seen, in milliseconds since 1970. */
  readonly newestMs: number | null
  readonly backlog: ToldBacklog
}

/** What there is of it that is not settled. */
interface ToldBacklog {
  readonly bytes: number
  /** False while it may be more. */
  readonly isComplete: boolean
  /** Time of the oldest of it, as far as is known. */
  readonly oldestMs: number | null
}

/** One kind of source. `Options`: its settings with all defaults filled in. */
export interface Kind<Options extends CommonOptions = CommonOptions> {
  /** The setting that says where it reads; a source has one such. */
  readonly where: string
  /** That setting as it may be written. */
  readonly example: string
  /** The settings that it has beside those of all kinds, by their schemas. None of them is required. */
  readonly settings: z.ZodRawShape
  /** What the schema does not fill in, such as absolute paths. */
  complete(settings: Options, absolute: (path: string) => string): object
  /** The same text for all that would read the same; undefined when what was written does not tell. */
  placeOf(written: Group, absolute: (path: string) => string): string | undefined
  /** What is said of the second one of the same place. */
  readonly alreadyRead: string
  /** A text that a name is made of where none is given. */
  nameOf(options: Options): string
  /** What is read there, for people. */
  describe(options: Options): string
  /** Begins nothing yet. Throws a `ProblemsError` when its files can't be used. */
  open(sources: readonly Options[], options: ReadingOptions): Reader
}
