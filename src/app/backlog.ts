/** What of the logs of a source is not settled yet for a destination: how much, and how old. */
import type { FolderConfig } from '../config/schema.ts'
import type { Positions } from '../flow/chunk.ts'
import type { FileNotRead } from '../status/judge-source.ts'
import { begunMark } from '../tail/file/start.ts'
import { begunAtMs, type FolderLook, type SeenLog } from '../tail/folder/folder-look.ts'
import type { KnownFile } from '../tail/source.ts'

/** The backlog of one source. */
export interface SourceBacklog {
  readonly bytes: number
  /** False while some of its logs are not measured, or the folder can't be read. */
  readonly isComplete: boolean
  /** Date-time of the oldest record that is not settled, as the log says; null when there is none. */
  readonly oldestMs: number | null
  /** Files that are not read, though they match the pattern, and the first of them. */
  readonly filesNotRead: number
  readonly firstNotRead: FileNotRead | null
}

/** What it is made of. */
export interface BacklogFacts {
  readonly look: Pick<FolderLook, 'seen' | 'recordFrom'>
  /** What the pipeline knows of the files. */
  readonly known: ReadonlyMap<string, KnownFile>
  readonly settled: SettledBytes
  /** Nothing that was read is still under way. */
  readonly isQuiet: boolean
  /** As `beginningOf` says. */
  readonly fromMs: number | null
}

/** Of a source that nobody reads yet, or of which nobody knows yet where reading begins. */
export const unknownBacklog: SourceBacklog = {
  bytes: 0,
  isComplete: false,
  oldestMs: null,
  filesNotRead: 0,
  firstNotRead: null,
}

/**
 * Where reading begins with logs of which nothing is settled: none of what was written last before this time is wanted. Null
 * before it is found where their ends are at which it begins.
 */
export function beginningOf({ name, startAt }: FolderConfig, positions: Positions): number | null {
  const everything = Number.NEGATIVE_INFINITY
  if (startAt === 'beginning' || positions.has(begunMark(name, 'at the end').fileId)) return everything
  if (startAt !== 'end') return Date.parse(startAt)
  if (positions.has(begunMark(name, 'ending').fileId)) return null
  // It began elsewhere before the setting was changed, which then counts no more.
  for (const id of positions.keys()) if (id.startsWith(`${name}/`)) return everything
  return null
}

/** Compares what a folder holds with what is settled of it. */
export async function backlogOf({
  look,
  known,
  settled,
  isQuiet,
  fromMs,
}: BacklogFacts): Promise<SourceBacklog> {
  if (fromMs === null) return unknownBacklog
  const { logs, unmeasured, reason } = look.seen
  const oldest = new Map<string, { readonly log: SeenLog; readonly from: number }>()
  let bytes = 0
  for (const log of logs) {
    const file = known.get(log.name)
    if (file?.state === 'leftOut') continue
    const position = settled.of(log.name, file?.id ?? null)
    if (file === undefined && position === null && log.modifiedAtMs < fromMs) continue
    const from = position ?? file?.start ?? 0
    const size = Math.max(log.size, file?.seenBytes ?? 0)
    // Behind its last whole line nothing is to be delivered; and a header alone leaves no position.
    const isRead = file !== undefined && file.restsAt !== null && size <= file.seenBytes
    if (isRead && (from >= (file.restsAt ?? 0) || (position === null && isQuiet))) continue
    if (size <= from) continue
    bytes += size - from
    if (!oldest.has(log.order.prefix)) oldest.set(log.order.prefix, { log, from })
  }
  const times = await Promise.all(
    [...oldest.values()].map(async ({ log, from }) => {
      return (await look.recordFrom(log, from))?.atMs ?? begunAtMs(log)
    }),
  )
  const notRead = [...known].flatMap(([name, { notRead: reason }]) =>
    reason === null ? [] : [{ name, reason }],
  )
  return {
    bytes,
    isComplete: unmeasured === 0 && reason === null,
    oldestMs: times.length === 0 ? null : Math.min(...times),
    filesNotRead: notRead.length,
    firstNotRead: notRead[0] ?? null,
  }
}

/** The settled bytes of the files of a source, by their names as long as nobody has looked which files they are. */
export class SettledBytes {
  readonly #positions: Positions
  readonly #ids: ReadonlyMap<string, string>
  readonly #source: string

  constructor(source: string, positions: Positions, ids: ReadonlyMap<string, string>) {
    this.#source = source
    this.#positions = positions
    this.#ids = ids
  }

  /** Null when nothing of the file is settled. */
  of(name: string, id: string | null): number | null {
    const known = id ?? this.#ids.get(`${this.#source}/${name}`)
    return known === undefined ? null : (this.#positions.get(known)?.offset ?? null)
  }
}

/** The ids of files with positions by `source/name`; of several files of a name the last. */
export function idsByName(positions: Positions): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  for (const id of positions.keys()) {
    const end = id.lastIndexOf('#')
    if (end > 0) ids.set(id.slice(0, end), id)
  }
  return ids
}
