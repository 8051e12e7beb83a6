/**
 * What the folder says about the files whose turn comes next: how large they are. It is a lower bound while
 * a writer holds a file open, so it is never used to say that a live file has ended. But it tells how much is
 * lost when a file goes before its turn; and an old file that is just as large as what is settled of it need
 * not be opened, which makes thousands of settled files cheap.
 */
import { stat } from 'node:fs/promises'
import type { Positions } from '../../flow/chunk.ts'
import type { KnownIds } from '../file/known-ids.ts'
import type { TrackedFile } from '../file/tracked-file.ts'
import { systemPath } from './file-name.ts'
import type { Group } from './group.ts'
import type { Lane } from './lanes.ts'
import { isOld, type Pace } from './pace.ts'

const batchFiles = 256

/** Asks for the sizes of the files next in turn; returns those of them that need not be opened now. */
export async function survey(
  group: Group,
  { pace, lane }: { readonly pace: Pace; readonly lane: Lane },
  reached: Positions,
  known: KnownIds,
): Promise<readonly TrackedFile[]> {
  const nowMs = performance.now()
  const asked = group
    .upcoming(batchFiles)
    .filter((file) => file.looks.dueAtMs <= nowMs && needsSurvey(file, nowMs, pace))
  const areSettled = await Promise.all(
    asked.map(async (file) => {
      const wasModifiedAtMs = file.looks.modifiedAtMs
      if (!(await measure(group, file, lane, nowMs)) || !isOld(group.ageOf(file))) return false
      return file.content.restingAt !== null
        ? isUnchanged(file, wasModifiedAtMs, nowMs, pace)
        : isSettled(file, reached, known, nowMs, pace)
    }),
  )
  return asked.filter((_, index) => areSettled[index])
}

/** True when the size of the file was not asked for lately. */
export function needsSurvey(file: TrackedFile, nowMs: number, { surveyMs }: Pace): boolean {
  return file.input === null && nowMs - file.looks.surveyedAtMs >= surveyMs
}

/** Asks for the size of a file; false when that fails. */
export async function measure(group: Group, file: TrackedFile, lane: Lane, nowMs: number): Promise<boolean> {
  file.looks.survey(nowMs)
  try {
    const stats = await lane.call(() => stat(systemPath(file.path)))
    // Its own turn refuses it.
    if (!stats.isFile()) return false
    const { size, mtimeMs } = stats
    file.looks.measured(size, mtimeMs, nowMs, group.newest === file)
    return true
  } catch {
    return false // its own turn reports what is wrong with it
  }
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
  const id = file.log?.id ?? known.idOf(file.name)
  const offset = id === null ? undefined : reached.get(id)?.offset
  if (id === null || offset === undefined || offset !== file.looks.size) return false
  // As if opened some time ago: not all of them are to be verified at once.
  file.restSettled(id, offset, nowMs - verifyMs * Math.random())
  return true
}
