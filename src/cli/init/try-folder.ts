/** Tries a folder of tracking logs for real, and finds a log of it to show a record of. */
import { examineFolder } from '../../doctor/folder.ts'
import type { Examined } from '../../mistakes/examined.ts'
import { sourceOptions } from '../../tail/options.ts'
import type { SourceAnswer } from './answers.ts'

const { pattern: anyPattern } = sourceOptions.shape

/** What a try has shown. */
export interface TriedFolder {
  readonly examined: readonly Examined[]
  /** Paths of its logs, the newest first. */
  readonly logs: readonly string[]
  /** Name of the server that writes the logs, as its newest records tell. */
  readonly server: string | null
}

/** Never rejects, and takes some seconds at most. */
export async function tryFolder({ folder, pattern }: SourceAnswer): Promise<TriedFolder> {
  const { examined, look } = await examineFolder({ folder, pattern: anyPattern.parse(pattern) })
  if (look === null) return { examined, logs: [], server: null }
  const logs = look.seen.logs.toSorted((a, b) => b.modifiedAtMs - a.modifiedAtMs).map(({ path }) => path)
  const record = await look.newestRecord()
  return { examined, logs, server: record?.server ?? null }
}
