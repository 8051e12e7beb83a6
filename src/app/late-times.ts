/** Warns of events that come so late that their receiver takes their own time from them. */
import { checkpointPath, createCheckpoint } from '../checkpoint/store.ts'
import type { Config } from '../config/schema.ts'
import { kindOf } from '../destinations/kinds.ts'
import type { Positions } from '../flow/chunk.ts'
import { positionsBySource } from '../flow/file-id.ts'
import type { Log } from '../flow/log.ts'
import { pause } from '../flow/pause.ts'
import { isFolder } from '../sources/options.ts'
import { duration } from '../status/words.ts'
import { FolderLook } from '../tail/folder/folder-look.ts'
import { backlogOnDisk } from './doctor/backlog.ts'

/** A share that does not answer is not waited for. */
const patienceMs = 2000

/** Looks at what there is to be delivered to destinations that keep no time for ever. Never rejects. */
export async function tellLateTimes({ state, sources, destinations }: Config, log: Log): Promise<void> {
  for (const settings of destinations) {
    const limit = kindOf(settings.to).keepsTime?.(settings)
    if (limit === undefined) continue
    // What is wrong with it a start says.
    const positions: Positions = await createCheckpoint(checkpointPath(state, settings.name), sources)
      .load()
      .catch(() => new Map())
    const ownOf = positionsBySource(positions)
    for (const source of sources.filter(isFolder)) {
      const look = new FolderLook(source)
      const over = new AbortController()
      await Promise.race([look.look(0), pause(patienceMs, over.signal)])
      over.abort()
      const behind = await backlogOnDisk(source, ownOf(source.name), look).catch(() => null)
      const age = behind?.ageSeconds ?? null
      if (age === null || age * 1000 <= limit.ms) continue
      log.warn(limit.message, {
        destination: settings.name,
        source: source.name,
        oldestRecord: `${duration(age)} old`,
        remedy: limit.remedy,
      })
    }
  }
}
