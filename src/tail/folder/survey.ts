/**
 * What the folder says about the files whose turn comes next: how large they are. It is a lower bound while
 * a writer holds a file open, so it is never used to say that a live file has ended. But it tells how much is
 * lost when a file goes before its turn; and an old file that is just as large as what is settled of it need
 * not be opened, which makes thousands of settled files cheap.
 */
import { type Stats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Positions } from '../../flow/chunk.ts'
import type { KnownIds } from '../file/known-ids.ts'
import type { TrackedFile } from '../file/tracked-file.ts'
import { systemPath } from './file-name.ts'
import type { Folder } from './folder.ts'
import type { Group } from './group.ts'
import type { Lane } from './lanes.ts'
import { isOld, type Pace } from './pace.ts'

const batchFiles = 256
/**
 * What was asked of a disk of this machine so lately is in memory, where going to a thread for the answer takes ten times as
 * long as that does.
 */
const inMemoryMs = 60_000

/** Asks for the sizes of the files next in turn; returns those of them that need not be opened now. */
export async function survey(
  group: Group,
  folder: Folder,
  reached: Positions,
  known: KnownIds,
): Promise<readonly TrackedFile[]> {
  const { pace, lane } = folder
  const nowMs = performance.now()
  const asked = group
    .upcoming(batchFiles)
    .filter((file) => file.looks.dueAtMs <= nowMs && needsSurvey(file, nowMs, folder))
  const areSettled = await Promise.all(
    asked.map(async (file) => {
      const wasModifiedAtMs = file.looks.modifiedAtMs
      const stats = await measure(group, file, lane, nowMs)
      if (stats === null) return false
      if (!isOld(group.ageOf(file))) return folder.tellsChangesOn(stats.dev) && isUntouched(file, stats, pace)
      return file.content.restingAt !== null
        ? isUnchanged(file, wasModifiedAtMs, nowMs, pace)
        : isSettled(file, reached, known, nowMs, pace)
    }),
  )
  return asked.filter((_, index) => areSettled[index])
}

/** True when the size of the file was not asked for lately; where the folder tells every change, since it fell due. */
export function needsSurvey(file: TrackedFile, nowMs: number, folder: Folder): boolean {
  const { looks, content, input } = file
  if (input !== null) return false
  const isQuiet = folder.tellsChanges && content.restingAt !== null
  return (isQuiet && looks.surveyedAtMs < looks.dueAtMs) || nowMs - looks.surveyedAtMs >= folder.pace.surveyMs
}

/** Asks for the size of a file; returns what its folder says, null when that fails. */
export async function measure(
  group: Group,
  file: TrackedFile,
  lane: Lane,
  nowMs: number,
): Promise<Stats | null> {
  const isInMemory = nowMs - file.looks.surveyedAtMs < inMemoryMs && file.looks.isTold && lane.isIdle
  file.looks.survey(nowMs)
  try {
    const path = systemPath(file.path)
    const stats = isInMemory ? statSync(path) : await lane.call(() => stat(path))
    // Its own turn refuses it.
    if (!stats.isFile()) return null
    file.looks.measured(stats.size, stats.mtimeMs, nowMs, group.newest === file)
    return stats
  } catch {
    return null // its own turn reports what is wrong with it
  }
}

/**
 * Whether its end was read when all that is said of it had been the same for a while, and still is: a change in the tick
 * of the clock in which it was asked first does not show.
 */
function isUntouched(
  { looks, content, openedAtMs, failures }: TrackedFile,
  stats: Stats,
  { tickMs, reopenMs }: Pace,
): boolean {
  const sinceMs = looks.sameSince(stats)
  return (
    content.restingAt !== null &&
    failures === 0 &&
    stats.size === content.extent.fileEnd &&
    openedAtMs - sinceMs >= tickMs &&
    performance.now() - openedAtMs < reopenMs
  )
}

function isUnchanged(
  file: TrackedFile,
  wasModifiedAtMs: number | null,
  nowMs: number,
  { verifyMs }: Pace,
): boolean {
  // Nothing to compare with yet: the time the file was modified is remembered from here on.
  const { size, modifiedAtMs } = file.looks
  const isSameTime = wasModifiedAtMs === null || wasModifiedAtMs === modifiedAtMs
  return isSameTime && size === file.content.extent.fileEnd && nowMs - file.openedAtMs < verifyMs
}

/** For a file not opened since the start: whether its name and size say that all of it is settled. */
function isSettled(
  file: TrackedFile,
  reached: Positions,
  known: KnownIds,
  nowMs: number,
  { verifyMs }: Pace,
): boolean {
  if (file.head !== null || file.content.extent.fileEnd !== null) return false
  const id = file.id ?? known.idOf(file.name)
  const offset = id === null ? undefined : reached.get(id)?.offset
  if (id === null || offset === undefined || offset !== file.looks.size) return false
  // As if opened some time ago: not all of them are to be verified at once.
  file.restSettled(id, offset, nowMs - verifyMs * Math.random())
  return true
}
