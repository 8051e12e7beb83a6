/** Composition root: the only file that knows every part and puts pipelines together. */
import { setMaxListeners } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { keptCheckpoint, keptLetters } from '../checkpoint/kept.ts'
import { type FolderLock, lockFolder } from '../checkpoint/lock.ts'
import { checkpointPath, createCheckpoint } from '../checkpoint/store.ts'
import type { Config, DestinationConfig } from '../config/schema.ts'
import { createDeadLetters } from '../deliver/dead-letters.ts'
import { Occasional } from '../deliver/occasional.ts'
import { runPipeline } from '../deliver/pipeline.ts'
import { PipelineStatistics } from '../deliver/statistics.ts'
import { createDestination } from '../destinations/destination.ts'
import { kindOf } from '../destinations/kinds.ts'
import { doubtsOf } from '../filter/doubts.ts'
import type { Checkpoint, DeadLetters, Destination } from '../flow/delivery.ts'
import { Events } from '../flow/events.ts'
import type { Transform } from '../flow/in-parts.ts'
import type { Log } from '../flow/log.ts'
import { modeOfExposed } from '../mistakes/exposed-file.ts'
import { ExitCode, formatProblem, type Problem, ProblemsError } from '../mistakes/problem.ts'
import { ClockWatch } from '../observe/clock-watch.ts'
import { PrefixedRows } from '../observe/prefixed-rows.ts'
import type { Corrections } from '../rewrite/correct-time.ts'
import { changedStart } from '../tail/file/known-ids.ts'
import { createSource, type FolderSource } from '../tail/source.ts'
import { createEventTransform, type EventOptions } from '../transform/event-transform.ts'
import { openStage } from '../transform/threads.ts'
import { createSelfReport, type ReportedPipeline, type SelfReport } from './self-report.ts'

/** One pipeline at work. */
export interface PipelineView {
  readonly name: string
  readonly statistics: PipelineStatistics
}

export interface RunOptions {
  readonly config: Config
  readonly log: Log
  readonly stop: AbortSignal
  /** False: deliver all that is there now, then end. */
  readonly follow: boolean
  /** Called once everything is put together and delivery begins. */
  readonly onStart?: (pipelines: readonly PipelineView[]) => void
}

/**
 * Delivers to every destination of the configuration until all is settled (`follow: false`) or `stop` aborts.
 * `failed`: without following, a folder or a file could not be read, or went before it was delivered.
 * Throws a `ProblemsError`, before anything is sent, for mistakes that show only now.
 */
export async function run({ config, log, stop, follow, onStart }: RunOptions): Promise<ExitCode> {
  const prepared = prepare(config, log)
  const lock = await lockFolder(config.state, { log, stop })
  // A pipeline that fails stops the others: none may go on once the folder is given free.
  const failure = new AbortController()
  const stopping = AbortSignal.any([stop, failure.signal, lock.lost])
  setMaxListeners(0, stopping) // some for each destination: no leak
  let reports: SelfReport | undefined
  // A pipeline alone leaves the other processors to others; several have a thread each, as far as there are processors.
  const threads = prepared.length > 1 ? Math.min(prepared.length + 1, availableParallelism()) : 1
  const stage = openStage(prepared, threads)
  try {
    const states = await all(prepared.map((pipeline) => openState(config, pipeline, lock, log)))
    await tellChangedStarts(config, log)
    reports = createSelfReport({ sources: config.sources.map(({ name }) => name), pipelines: prepared, log })
    // While the pipelines settle, not behind them: all of it together takes ten seconds at most.
    stopping.addEventListener('abort', () => void reports?.end(failure.signal.reason ?? lock.lost.reason))
    onStart?.(prepared)
    reports?.started()
    const clocks = new ClockWatch({ log, corrections: correctionsOf(config) })
    let hasLost = false
    const sources = prepared.map(({ name, events }) => {
      events.add({ lost: () => (hasLost = true) })
      events.add(clocks)
      events.add(new PrefixedRows(log, name))
      if (reports !== undefined) events.add(reports.listener(name))
      return createSource({ sources: config.sources, follow, log, isWatched: true, events })
    })
    const results = await all(
      prepared.map(async ({ name, statistics, events, destination }, index) => {
        const source = sources[index] as FolderSource
        const batches = stage.batchesOf(index)
        try {
          return await runPipeline({
            ...(states[index] as PipelineState),
            name,
            source,
            batches: (chunks, mostFrames) => batches(clocks.watch(chunks), mostFrames),
            destination,
            log,
            stop: stopping,
            statistics,
            gone: () => source.gone(),
            lastLook: (settled) => source.lastLook(settled),
            events,
          })
        } catch (error) {
          failure.abort(error)
          throw error
        } finally {
          states[index]?.lettersEnded()
        }
      }),
    )
    lock.lost.throwIfAborted()
    // Who reads once relies on it that all was there to be read.
    const isPartial = hasLost || sources.some((source) => source.unreadable().length > 0)
    if (isPartial && !follow && !stop.aborted) return ExitCode.failed
    return results.some((result) => result === 'unfinished') ? ExitCode.unfinished : ExitCode.ok
  } finally {
    await reports?.end()
    await stage.close()
    await lock.release()
  }
}

interface PipelineState {
  readonly checkpoint: Checkpoint
  readonly deadLetters: DeadLetters
  /** Tells what was not told yet of them. */
  readonly lettersEnded: () => void
}

/** What a pipeline keeps in its folder. Tried here, so that nothing is sent when one checkpoint can't be read. */
async function openState(
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

/** Waits for all of them, also when some fail; then throws what failed, the problems of all at once. */
async function all<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(promises)
  const errors = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []))
  const unexpected = errors.find((error) => !(error instanceof ProblemsError))
  if (unexpected !== undefined) throw unexpected
  const problems = errors.flatMap((error) => (error instanceof ProblemsError ? error.problems : []))
  if (problems.length > 0) throw new ProblemsError(problems, ExitCode.state)
  return Promise.all(promises)
}

interface PreparedPipeline extends PipelineView, ReportedPipeline {
  readonly options: EventOptions
  readonly transform: Transform
  /** What happens in it; listened to from the start on. */
  readonly events: Events
  readonly destination: Destination
}

/** Makes what can have mistakes, of all destinations, so that all are reported at once; `log` hears of doubts. */
export function prepare(config: Config, log: Log): readonly PreparedPipeline[] {
  const problems: Problem[] = []
  const prepared = config.destinations.flatMap((settings, index) => {
    const { name } = settings
    const collect = <T>(make: () => T): T | undefined => {
      try {
        return make()
      } catch (error) {
        if (!(error instanceof ProblemsError)) throw error
        problems.push(...error.problems.map((problem) => placed(problem, config, index)))
        return undefined
      }
    }
    const options = eventOptions(config, settings)
    const transform = collect(() => createEventTransform(options))
    const statistics = new PipelineStatistics()
    const events = new Events(statistics)
    const destination = collect(() => createDestination(settings, log, events))
    return transform && destination
      ? [{ name, settings, options, statistics, events, transform, destination }]
      : []
  })
  if (problems.length > 0) throw new ProblemsError(eachOnce(problems))
  for (const [index, settings] of config.destinations.entries()) {
    for (const { message, fields, path } of doubtsOf(settings)) {
      const setting = path && { setting: config.placeOf(['destinations', index, ...path]) }
      log.warn(message, { destination: settings.name, ...setting, ...fields })
    }
  }
  for (const { file, path } of config.secretFiles) {
    const mode = modeOfExposed(file)
    if (mode === undefined) continue
    const remedy = `chmod 600 ${file}, or 640 for a group`
    log.warn('A secret can be read by every user of this machine', {
      setting: config.placeOf(path),
      file,
      mode,
      remedy,
    })
  }
  return prepared
}

/** What is wrong with a setting, where it was written; a mistake inside a table has its own place in the table's file. */
function placed({ setting, ...problem }: Problem, { placeOf }: Config, destination: number): Problem {
  return setting === undefined
    ? problem
    : { ...problem, where: placeOf(['destinations', destination, ...setting]) }
}

/** Destinations may share a table, and so its mistakes. */
function eachOnce(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()]
}

function correctionsOf({ sources }: Config): Corrections {
  return new Map(
    sources.flatMap(({ name, correctSeconds: seconds }) => (seconds === 0 ? [] : [[name, seconds]])),
  )
}

/** What the events of a destination are made of, as the configuration says. */
export function eventOptions(config: Config, settings: DestinationConfig): EventOptions {
  const { frames } = kindOf(settings.to)
  return {
    ...settings,
    corrections: correctionsOf(config),
    framing: frames.framing ?? settings.framing,
    maxMessageBytes: settings.maxMessageBytes ?? frames.maxMessageBytes,
  }
}
