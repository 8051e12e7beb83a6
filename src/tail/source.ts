/** The source of a pipeline: all folders it reads, in turn. */
import { setMaxListeners } from 'node:events'
import type { Chunk, Position, Positions, Source } from '../flow/chunk.ts'
import type { Listener } from '../flow/events.ts'
import { positionsBySource } from '../flow/file-id.ts'
import type { Log } from '../flow/log.ts'
import { pause } from '../flow/pause.ts'
import { chunkBytesOf, chunkLimits } from './bytes/chunk-limits.ts'
import { KnownIds } from './file/known-ids.ts'
import type { TrackedFile } from './file/tracked-file.ts'
import { Beat } from './folder/beat.ts'
import { Folder } from './folder/folder.ts'
import { FolderReader } from './folder/folder-reader.ts'
import { forgottenIds } from './folder/forgotten.ts'
import { lanes as lanesOfProcess } from './folder/lanes.ts'
import { lastLook } from './folder/last-look.ts'
import { Lookout } from './folder/lookout.ts'
import { createPace } from './folder/pace.ts'
import { firstTimeMs } from './folder/row-times.ts'
import { mergeInTurn } from './merge.ts'
import type { SourceOptions } from './options.ts'

const lastLookMs = 500
/** By its first row; a folder that gives nothing for half a second has nothing, or is slow. */
const oldestFirst = { rankOf: firstTimeMs, patienceMs: 500 }

/** What to read and how. */
export interface CreateSourceOptions {
  readonly sources: readonly SourceOptions[]
  /** Go on until aborted; else read what is there (whole lines only) and end. */
  readonly follow: boolean
  readonly log: Log
  /** Something looks at the folders also while nothing is read, until `lastLook`. */
  readonly isWatched?: boolean
  /** Of several folders, and of the prefixes in each, the one whose rows are the oldest goes first, and not each in turn. */
  readonly byTime?: boolean
  /** Bytes of one read; 1 MiB by default, and less from 129 folders on. */
  readonly chunkBytes?: number
  /** Longer lines are malformed; 4 MiB by default. */
  readonly maxLineBytes?: number
  /** Hears of the folders, of what is lost and of what was appended. */
  readonly events?: Listener
}

/** A Source over folders of tracking logs. */
export interface FolderSource extends Source {
  /** Ids of files that were gone for a day while their folder was readable: their positions can go too. */
  gone(): readonly string[]
  /**
   * To be called when nothing more is read: reports what is lost of that behind the `settled` positions, and
   * returns how many files are missing of which that is not sure.
   */
  lastLook(settled: Positions): Promise<number>
  /** Paths of the folders and files that are not read now: out of reach, or refused. */
  unreadable(): readonly string[]
  /** What is known of the files of a source, by their names. */
  files(source: string): ReadonlyMap<string, KnownFile>
  /** The series of a source of which more is there than was read; a nameless one while nobody has looked. */
  behind(source: string): readonly string[]
}

/** What reading knows of a file. */
export interface KnownFile {
  /** Its id; null before it is known which one it is. */
  readonly id: string | null
  /** `leftOut`: nothing of it is wanted, since it is no tracking log or all of it is before `startAt`. */
  readonly state: 'read' | 'unreadable' | 'leftOut'
  /** Why it can't be read, or is refused; null for one that is read, or before `startAt`. */
  readonly notRead: string | null
  /** Bytes before this are passed over (`startAt`). */
  readonly start: number
  /** Bytes seen of it, in what was read; the folder may not say as many yet. */
  readonly seenBytes: number
  /** Where all of that was read; behind it stands no whole line. Null while there is more to read. */
  readonly restsAt: number | null
}

/**
 * A source whose `read` may be called again and again, one reading at a time; what was learnt of the folders
 * and files is kept in between. `Chunk.bytes` is valid until the next chunk is asked for.
 */
export function createSource(
  options: CreateSourceOptions,
  pace = createPace(1, options.sources.length),
  lanes = lanesOfProcess,
): FolderSource {
  const { follow, log, isWatched = false, events = {} } = options
  const folders = options.sources.map(
    (each) => new Folder(each, pace, log, events, { lanes, isFollowed: follow }),
  )
  const beat = new Beat(pace.beatMs, pace.busyBeatMs)
  const lookouts = folders.map((folder) => new Lookout(folder))
  const limits = chunkLimits({ chunkBytes: chunkBytesOf(folders.length), ...options })
  const missingSinceMs = new Map<string, number>()
  let forgotAtMs = Number.NEGATIVE_INFINITY
  let reached = new Map<string, Position>()

  async function* read(from: Positions, signal: AbortSignal): AsyncGenerator<Chunk> {
    // Ends the folders also when the consumer stops asking.
    const ending = new AbortController()
    setMaxListeners(0, ending.signal) // one for each folder: no leak
    const end = (): void => ending.abort()
    if (signal.aborted) return
    signal.addEventListener('abort', end)
    reached = new Map(from)
    const ownOf = positionsBySource(from)
    const { byTime = false } = options
    const reading = { ...limits, reached, follow, isWatched, byTime, log, signal: ending.signal, events }
    try {
      yield* mergeInTurn(
        folders.map((folder, index) => {
          const { name } = folder.options
          const known = new KnownIds(name, ownOf(name))
          return new FolderReader(folder, reading, known, lookouts[index] as Lookout, beat).chunks()
        }),
        ending.signal,
        byTime ? oldestFirst : undefined,
      )
    } finally {
      signal.removeEventListener('abort', end)
      end()
    }
  }

  function gone(): readonly string[] {
    const nowMs = performance.now()
    // Asked with each save of positions, of which there may be tens of thousands.
    if (nowMs - forgotAtMs < pace.forgetMs) return []
    forgotAtMs = nowMs
    const ids = forgottenIds(folders, reached, missingSinceMs, nowMs)
    for (const { losses } of folders) losses.forget(ids)
    return ids
  }

  async function lookAtLast(settled: Positions): Promise<number> {
    const isDone = new AbortController()
    // A dead share must not hold up the end.
    const isLate = pause(lastLookMs, isDone.signal).then(() => 0)
    const ownOf = positionsBySource(settled)
    const missing = await Promise.all(
      folders.map((folder, index) => {
        const own = ownOf(folder.options.name)
        return Promise.race([lastLook(folder, lookouts[index] as Lookout, own, log), isLate])
      }),
    )
    isDone.abort()
    return missing.reduce((sum, count) => sum + count, 0)
  }

  const folderOf = (source: string) => folders.find(({ options: { name } }) => name === source)

  return {
    read,
    gone,
    lastLook: lookAtLast,
    unreadable: () => folders.flatMap((folder) => folder.unreadable()),
    files: (source) => {
      return new Map([...(folderOf(source)?.files ?? [])].map((file) => [file.name, knownOf(file)]))
    },
    behind: (source) => {
      const folder = folderOf(source)
      if (folder === undefined) return []
      if (!folder.isReadable) return folder.isLookedAt ? [] : ['']
      const series = new Set<string>()
      for (const { isLeftOut, failures, content, order } of folder.files) {
        if (!isLeftOut && failures === 0 && content.restingAt === null) series.add(order.prefix)
      }
      return [...series]
    },
  }
}

function knownOf({
  id,
  isLeftOut,
  failures,
  notRead,
  content: { extent, restingAt },
}: TrackedFile): KnownFile {
  return {
    id,
    state: isLeftOut ? 'leftOut' : failures > 0 ? 'unreadable' : 'read',
    notRead,
    start: extent.start,
    seenBytes: Math.max(extent.rowsEnd, extent.fileEnd ?? 0, extent.openSize ?? 0),
    restsAt: restingAt,
  }
}
