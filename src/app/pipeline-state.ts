/** What a pipeline keeps in its part of the state folder. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { keptCheckpoint, keptLetters } from '../checkpoint/kept.ts'
import type { FolderLock } from '../checkpoint/lock.ts'
import { checkpointPath, createCheckpoint } from '../checkpoint/store.ts'
import type { Config } from '../config/schema.ts'
import { createDeadLetters } from '../deliver/dead-letters.ts'
import { Occasional } from '../deliver/occasional.ts'
import type { Checkpoint, DeadLetters } from '../flow/delivery.ts'
import type { Log } from '../flow/log.ts'
import { changedStart } from '../tail/file/known-ids.ts'
import type { PreparedPipeline } from './prepare.ts'

/** Positions and dead letters of one destination. */
export interface PipelineState {
  readonly checkpoint: Checkpoint
  readonly deadLetters: DeadLetters
  /** Tells what was not told yet of them. */
  readonly lettersEnded: () => void
}

/** Tries it, so that nothing is sent when one checkpoint can't be read. */
export async function openState(
  { state, sources, deadLetters: { maxMegabytes } }: Config,
  { name, settings: { privacy }, events }: PreparedPipeline,
  lock: FolderLock,
  log: Log,
): Promise<PipelineState> {
  const folder = path.join(state, name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const positions = checkpointPath(state, name)
  const checkpoint = keptCheckpoint(lock, positions, createCheckpoint(positions, sources))
  await checkpoint.load()
  const withholdsLines = privacy !== undefined
  const file = path.join(folder, 'dead-letters.ndjson')
  const remedy = 'mend what writes such lines, remove what is done with, or raise deadLetters.maxMegabytes'
  const fellOut = new Occasional((lines) =>
    log.error('Dead letters fell out, the oldest first: their files are full', {
      destination: name,
      lines,
      maxMegabytes,
      remedy,
    }),
  )
  events.add({ lettersDropped: (lines) => fellOut.happened(lines, undefined) })
  const deadLetters = createDeadLetters(file, {
    withholdsLines,
    maxBytes: maxMegabytes * 1_000_000,
    events,
  })
  return { checkpoint, deadLetters: keptLetters(lock, file, deadLetters), lettersEnded: () => fellOut.end() }
}

/** Says which `startAt` is without effect, since the source has begun elsewhere. */
export async function tellChangedStarts({ state, sources, destinations }: Config, log: Log): Promise<void> {
  for (const { name: destination } of destinations) {
    // What is wrong with it a start says, and refuses.
    const positions = await createCheckpoint(checkpointPath(state, destination), sources)
      .load()
      .catch(() => new Map())
    for (const { name: source, startAt } of sources) {
      const begun = changedStart(source, startAt, positions)
      if (begun === null) continue
      log.warn(
        'The startAt of a source is without effect: it began elsewhere, and its positions go on from there',
        {
          destination,
          source,
          startAt,
          began: begun,
          remedy:
            'set it back to what it was; or begin anew from it, which delivers again what was delivered since: ' +
            `msgtrk state reset --destination ${destination} --source ${source}`,
        },
      )
    }
  }
}
