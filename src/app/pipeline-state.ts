/** What a pipeline keeps in its part of the state folder. */
import path from 'node:path'
import { takeOver, underNewNames } from '../checkpoint/former-names.ts'
import { keptCheckpoint, keptLetters } from '../checkpoint/kept.ts'
import { checkpointPath, createCheckpoint } from '../checkpoint/store.ts'
import type { Config } from '../config/schema.ts'
import { createDeadLetters } from '../deliver/dead-letters.ts'
import { Occasional } from '../deliver/occasional.ts'
import { kindOf } from '../destinations/kinds.ts'
import type { Positions } from '../flow/chunk.ts'
import type { Checkpoint, DeadLetters } from '../flow/delivery.ts'
import { positionsBySource } from '../flow/file-id.ts'
import type { Log } from '../flow/log.ts'
import type { FolderLock } from '../lock/lock.ts'
import { makeFolder } from '../lock/make-folder.ts'
import { changedStart } from '../tail/file/known-ids.ts'
import { letterFiles } from './newest-letters.ts'
import type { PreparedPipeline } from './prepare.ts'

/** Positions and dead letters of one destination. */
export interface PipelineState {
  readonly checkpoint: Checkpoint
  readonly deadLetters: DeadLetters
  /** Positions that could not be saved; null when all are. */
  readonly unsaved: () => Positions | null
  /** Nothing is saved any more; tells what was not told yet of the dead letters. */
  readonly end: () => void
}

/** What a state is opened in. */
export interface StateSurroundings {
  readonly config: Config
  readonly lock: FolderLock
  readonly log: Log
}

/** Tries it, so that nothing is sent when one checkpoint can't be read. `unsaved`: positions newer than those on disk. */
export async function openState(
  { name, settings, events }: PreparedPipeline,
  { config, lock, log }: StateSurroundings,
  unsaved: Positions | null = null,
): Promise<PipelineState> {
  const { state, sources, destinations, deadLetters } = config
  const { maxMegabytes } = deadLetters
  const { privacy, formerName } = settings
  const copyOf = kindOf(settings.to).ownIdOf?.(settings)
  if (formerName !== undefined && destinations.every((other) => other.name !== formerName)) {
    await takeOver(state, formerName, name)
  }
  const folder = path.join(state, name)
  await makeFolder(folder, 0o700)
  const positions = checkpointPath(state, name)
  const onDisk = createCheckpoint(positions, sources, copyOf)
  const load = unsaved === null ? onDisk.load : async () => underNewNames(unsaved, sources)
  const checkpoint = keptCheckpoint(lock, positions, { ...onDisk, load })
  const found = await checkpoint.load()
  // Where they are a copy only, who keeps them learns of the names first.
  if (copyOf === undefined && sources.some((source) => source.formerName !== undefined)) {
    const saved = await createCheckpoint(positions).load()
    // So that the former name is of no use any more; what fails is told when the next positions are saved.
    if ([...found.keys()].some((id) => !saved.has(id))) await checkpoint.save(found).catch(() => undefined)
  }
  const withholdsLines = privacy !== undefined
  const [file] = letterFiles(state, name)
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
  const letters = createDeadLetters(file, { withholdsLines, maxBytes: maxMegabytes * 1_000_000, events })
  return {
    checkpoint,
    deadLetters: keptLetters(lock, file, letters),
    unsaved: () => checkpoint.unsaved(),
    end() {
      checkpoint.end()
      fellOut.end()
    },
  }
}

/** Says which `startAt` is without effect, since the source has begun elsewhere. */
export async function tellChangedStarts({ state, sources, destinations }: Config, log: Log): Promise<void> {
  for (const { name: destination } of destinations) {
    // What is wrong with it a start says, and refuses.
    const positions = await createCheckpoint(checkpointPath(state, destination), sources)
      .load()
      .catch((): Positions => new Map())
    const ownOf = positionsBySource(positions)
    for (const { name: source, startAt } of sources) {
      const begun = changedStart(source, startAt, ownOf(source))
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
