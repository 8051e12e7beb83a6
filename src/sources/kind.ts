/**
 * What a kind of source says about itself. Each has a folder, and a line in `kinds.ts`. Who looks into folders beside the
 * reading asks `isFolder` (options.ts): only what is on a disk can be looked into.
 */
import type * as z from 'zod'
import type { Batch } from '../flow/batch.ts'
import type { Positions, Source } from '../flow/chunk.ts'
import type { Listener } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'
import type { Examined } from '../mistakes/examined.ts'
import type { Mistake } from '../mistakes/of-settings.ts'
import type { Group, Path } from '../mistakes/written.ts'
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
  /** Name of the destination that it is read for. */
  readonly destination: string
  /** Of several folders, and of the prefixes in each, the one whose rows are the oldest goes first, and not each in turn. */
  readonly byTime?: boolean
  /** By what this instance is known among others, from one start to the next. */
  readonly instance: () => string
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
  /** The series of a source of which more is there than was read, as far as it was looked at; not told where nobody knows. */
  behind?(source: string): readonly string[]
  /** What reading tells of a source into which nobody else looks; undefined for others. */
  told?(source: string): ToldSource | undefined
  /** Whether positions of this file are kept by `keep`, and not in the state folder. */
  isKept?(fileId: string): boolean
  /** Keeps positions; rejects when that is not possible now. */
  keep?(positions: Positions): Promise<void>
  /** The batch with its lines where people find them, if bytes of a file do not say that. */
  placed?(batch: Batch): Batch
}

/** A source as those tell of it who read it. */
export interface ToldSource {
  /** Why it can't be read; null when it can. */
  readonly reason: string | null
  /** Time of the newest record that was seen, in milliseconds since 1970. */
  readonly newestMs: number | null
  readonly backlog: ToldBacklog
  /** The parts that this instance reads, and how many messages of each are not settled; null while nobody knows. */
  readonly partitions: readonly { readonly partition: number; readonly messages: number | null }[]
}

/** What there is of it that is not settled. */
interface ToldBacklog {
  readonly bytes: number
  /** False while it may be more. */
  readonly isComplete: boolean
  /** Time of the oldest of it, as far as is known. */
  readonly oldestMs: number | null
}

/** Settings that are secret, and those that name files that are, by their paths; `references` may not stand in the file itself. */
interface Secrets {
  readonly texts: readonly Path[]
  readonly references: readonly Path[]
  readonly files: readonly Path[]
}

/** Reports a mistake in the setting at a path. */
type Report = (path: Path, message: string, remedy?: string) => void

/** One kind of source. `Options`: its settings with all defaults filled in. */
export interface Kind<Options extends CommonOptions = CommonOptions> {
  /** The setting that says where it reads; a source has one such. */
  readonly where: string
  /** That setting as it may be written. */
  readonly example: string
  /** The settings that it has beside those of all kinds, by their schemas. None of them is required. */
  readonly settings: z.ZodRawShape
  /** Which of them are secret, as with destinations. */
  readonly secrets?: Secrets
  /** Settings that contradict each other; any of them may be wrong in itself. */
  check?(settings: Group, report: Report): void
  /** Settings that do nothing beside the others that were written. */
  unused?(written: Group): readonly Mistake[]
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
  /**
   * Tries whether it can be read for these destinations, for `msgtrk check --live`; never rejects. Folders are looked at
   * by doctor/.
   */
  examine?(options: Options, destinations: readonly string[]): Promise<readonly Examined[]>
  /** Throws a `ProblemsError` when its files can't be used, or it can't work here. */
  prove?(options: Options): void
  /** Begins nothing yet; what can be wrong was proved before. */
  open(sources: readonly Options[], options: ReadingOptions): Reader
}
