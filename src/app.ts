/** Composition root: the only file that knows every part and puts pipelines together. */
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { lockFolder } from './checkpoint/lock.ts'
import { checkpointPath, createCheckpoint } from './checkpoint/store.ts'
import type { Config, DestinationConfig } from './config/schema.ts'
import { createDeadLetters } from './deliver/dead-letters.ts'
import { runPipeline } from './deliver/pipeline.ts'
import { PipelineStatistics } from './deliver/statistics.ts'
import { createDestination } from './destinations/destination.ts'
import { parseTarget } from './destinations/target.ts'
import { createFrameEncoder, type FrameOptions } from './encode/frame-encoder.ts'
import { compileEventFilter, unknownEvents } from './map/filter.ts'
import { createMapper, type MapperOptions } from './map/mapper.ts'
import { createParser } from './parse/parser.ts'
import { ExitCode, type Problem, ProblemsError } from './problems.ts'
import { createSelfReport, type ReportedPipeline, type SelfReport } from './self-report.ts'
import { createSource, type FolderSource } from './tail/source.ts'
import { createTransform } from './transform.ts'
import type { Checkpoint, DeadLetters, Destination, Log, Transform } from './types.ts'

const DATAGRAM_MESSAGE_BYTES = 8192
const STREAM_MESSAGE_BYTES = 65_536

/** What an event is made of, whatever becomes of it then. */
export interface EventOptions extends MapperOptions, Omit<FrameOptions, 'host'> {
  /** Event ids to let pass; all by default. */
  readonly events?: readonly string[] | undefined
}

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

/** Puts the pure middle of the flow together. Throws a `ProblemsError` when a mapping table has mistakes. */
export function createEventTransform(options: EventOptions): Transform {
  return createTransform({
    parse: createParser(),
    planFor: createMapper(options).planFor,
    filterFor: compileEventFilter(options.events),
    encodeFrame: createFrameEncoder({ ...options, host: hostname() }),
    now: Date.now,
  })
}

/**
 * Delivers to every destination of the configuration until all is settled (`follow: false`) or `stop` aborts.
 * `failed`: without following, a folder or a file could not be read.
 * Throws a `ProblemsError`, before anything is sent, for mistakes that show only now.
 */
export async function run({ config, log, stop, follow, onStart }: RunOptions): Promise<ExitCode> {
  const prepared = prepare(config, log)
  const lock = await lockFolder(config.state)
  // A pipeline that fails stops the others: none may go on once the folder is given free.
  const failure = new AbortController()
  const stopping = AbortSignal.any([stop, failure.signal])
  let reports: SelfReport | undefined
  try {
    const states = await all(prepared.map(({ name }) => openState(config.state, name)))
    reports = createSelfReport({ sources: config.sources.map(({ name }) => name), pipelines: prepared, log })
    // While the pipelines settle, not behind them: all of it together takes ten seconds at most.
    stopping.addEventListener('abort', () => void reports?.end(failure.signal.reason))
    onStart?.(prepared)
    reports?.started()
    const sources = prepared.map(({ name }) =>
      createSource({ sources: config.sources, follow, log, ...reports?.source(name) }),
    )
    const results = await all(
      prepared.map(async ({ name, statistics, transform, destination }, index) => {
        const source = sources[index] as FolderSource
        try {
          return await runPipeline({
            ...(states[index] as PipelineState),
            name,
            source,
            transform,
            destination,
            log,
            stop: stopping,
            statistics,
            gone: () => source.gone(),
            ...(reports && { observer: reports.observer(name) }),
          })
        } catch (error) {
          failure.abort(error)
          throw error
        }
      }),
    )
    if (results.some((result) => result === 'unfinished')) return ExitCode.unfinished
    // Who reads once relies on it that all was there to be read.
    const isPartial = !follow && !stop.aborted && sources.some((source) => source.unreadable().length > 0)
    return isPartial ? ExitCode.failed : ExitCode.ok
  } finally {
    await reports?.end()
    await lock.release()
  }
}

interface PipelineState {
  readonly checkpoint: Checkpoint
  readonly deadLetters: DeadLetters
}

/** What a pipeline keeps in its folder. Tried here, so that nothing is sent when one checkpoint can't be read. */
async function openState(state: string, name: string): Promise<PipelineState> {
  const folder = path.join(state, name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const checkpoint = createCheckpoint(checkpointPath(state, name))
  await checkpoint.load()
  return { checkpoint, deadLetters: createDeadLetters(path.join(folder, 'dead-letters.ndjson')) }
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

/** Everything that is wrong with a configuration beyond its schema; nothing is sent for it. */
export async function checkDeeply(config: Config): Promise<readonly Problem[]> {
  try {
    const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
    await Promise.all(prepare(config, silent).map(({ destination }) => destination.close()))
    return []
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems
    throw error
  }
}

interface PreparedPipeline extends PipelineView, ReportedPipeline {
  readonly transform: Transform
  readonly destination: Destination
}

/** Makes what can have mistakes, of all destinations, so that all are reported at once. */
function prepare(config: Config, log: Log): readonly PreparedPipeline[] {
  const problems: Problem[] = []
  const collect = <T>(make: () => T, placeOf = (where: string) => where): T | undefined => {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error
      problems.push(...error.problems.map((problem) => ({ ...problem, where: placeOf(problem.where) })))
      return undefined
    }
  }
  const prepared = config.destinations.flatMap((settings, index) => {
    const { name } = settings
    const placeOf = (setting: string) => config.placeOf(['destinations', index, ...setting.split('.')])
    // A mistake inside a table has its own place, in the file of the table.
    const mappingPlace = (where: string) => (where === 'mapping' ? placeOf(where) : where)
    const options = eventOptions(settings)
    const transform = collect(() => createEventTransform(options), mappingPlace)
    const destination = collect(() => createDestination(settings, log), placeOf)
    return transform && destination
      ? [{ name, settings, options, statistics: new PipelineStatistics(), transform, destination }]
      : []
  })
  if (problems.length > 0) throw new ProblemsError(problems)
  for (const { name, events = [] } of config.destinations) {
    const unknown = unknownEvents(events)
    if (unknown.length > 0) {
      log.warn('The filter names events that Exchange is not known to write', { destination: name, unknown })
    }
  }
  return prepared
}

function eventOptions(settings: DestinationConfig): EventOptions {
  const datagrams = parseTarget(settings.to).protocol === 'udp'
  return {
    ...settings,
    framing: datagrams ? 'datagram' : settings.framing,
    maxMessageBytes: settings.maxMessageBytes ?? (datagrams ? DATAGRAM_MESSAGE_BYTES : STREAM_MESSAGE_BYTES),
  }
}
