/** How far a destination is behind with a source: told by the running instance, or as its positions say. */
import type { FolderConfig } from '../../config/schema.ts'
import type { Positions } from '../../flow/chunk.ts'
import { type Examined, failure, ok, warning } from '../../mistakes/examined.ts'
import type { InstanceStatus } from '../../status/snapshot.ts'
import { duration, size } from '../../status/words.ts'
import { KnownIds } from '../../tail/file/known-ids.ts'
import type { FolderLook } from '../../tail/folder/folder-look.ts'
import { backlogOf, idsByName, SettledBytes } from '../backlog.ts'
import { retentionOf } from '../observer.ts'

/** With less than this share of the time left that Exchange keeps a log, as in the status of an instance. */
const nearShare = 0.2

/** What is not delivered of a source yet. */
export interface Behind {
  readonly source: string
  /** Nothing was delivered of it yet. */
  readonly isNew: boolean
  readonly bytes: number
  readonly ageSeconds: number | null
  /** How long until Exchange deletes the oldest of it, as estimated; null when nobody knows. */
  readonly leftSeconds: number | null
  readonly keepsSeconds: number | null
}

/** Undefined when the instance does not know the destination: its configuration is another one. */
export function backlogToldBy(
  { sources, destinations }: InstanceStatus,
  destination: string,
): readonly Behind[] | undefined {
  return destinations
    .find(({ name }) => name === destination)
    ?.backlog.sources.map(({ source, bytes, oldestRecordAgeSeconds, retentionLeftSeconds }) => ({
      source,
      isNew: false,
      bytes,
      ageSeconds: oldestRecordAgeSeconds,
      leftSeconds: retentionLeftSeconds,
      keepsSeconds: sources.find(({ name }) => name === source)?.retention?.keepsSeconds ?? null,
    }))
}

/** Null when reading would begin at the end. */
export async function backlogOnDisk(
  { name, startAt, correctSeconds }: FolderConfig,
  positions: Positions,
  look: FolderLook,
  nowMs = Date.now(),
): Promise<Behind | null> {
  const { begun } = new KnownIds(name, positions)
  if (begun === null && startAt === 'end') return null
  const fromMs = Date.parse(begun ?? startAt)
  const { bytes, oldestMs } = await backlogOf({
    look,
    known: new Map(),
    settled: new SettledBytes(name, positions, idsByName(positions)),
    isQuiet: true,
    fromMs: Number.isNaN(fromMs) ? Number.NEGATIVE_INFINITY : fromMs,
  })
  const keepsSeconds = retentionOf(look, nowMs)?.keepsSeconds ?? null
  const ageSeconds = oldestMs === null ? null : (nowMs - oldestMs) / 1000 - correctSeconds
  return {
    source: name,
    isNew: begun === null,
    bytes,
    ageSeconds,
    leftSeconds: keepsSeconds === null || oldestMs === null ? null : keepsSeconds - (nowMs - oldestMs) / 1000,
    keepsSeconds,
  }
}

/** In a line. */
export function backlogLine({
  source,
  isNew,
  bytes,
  ageSeconds,
  leftSeconds,
  keepsSeconds,
}: Behind): Examined {
  if (bytes === 0)
    return ok('backlog', `${source}: ${isNew ? 'nothing is there to deliver' : 'all is delivered'}`)
  const oldest = ageSeconds === null ? '' : `, the oldest record ${duration(ageSeconds)} old`
  const waits = `${source}: ${isNew ? 'nothing was delivered yet; ' : ''}${size(bytes)} to deliver${oldest}`
  if (leftSeconds === null || keepsSeconds === null) return ok('backlog', waits)
  if (leftSeconds <= 0) {
    return failure(
      'backlog',
      `${waits}, which Exchange may have begun to delete`,
      'deliver it now; have Exchange keep logs longer (Set-TransportService -MessageTrackingLogMaxAge)',
    )
  }
  const text = `${waits}; Exchange deletes it in about ${duration(leftSeconds)}`
  return leftSeconds < nearShare * keepsSeconds
    ? warning(
        'backlog',
        text,
        'see why delivery is so late; have Exchange keep logs longer (Set-TransportService -MessageTrackingLogMaxAge)',
      )
    : ok('backlog', text)
}
