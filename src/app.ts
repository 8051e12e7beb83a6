/** Composition root: the only file that knows every part and puts pipelines together. */
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { lockFolder } from './checkpoint/lock.ts'
import { createCheckpoint } from './checkpoint/store.ts'
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
import { createSource } from './tail/source.ts'
import { createTransform } from './transform.ts'
import type { Destination, Log, Transform } from './types.ts'

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
 * Throws a `ProblemsError`, before anything is sent, for mistakes that show only now.
 */
export async function run({ config, log, stop, follow, onStart }: RunOptions): Promise<ExitCode> {
  const prepared = prepare(config, log)
  const lock = await lockFolder(config.state)
  try {
    onStart?.(prepared)
    const results = await Promise.all(
      prepared.map(async ({ name, statistics, transform, destination }) => {
        const folder = path.join(config.state, name)
        await mkdir(folder, { recursive: true, mode: 0o700 })
        const source = createSource({ sources: config.sources, follow, log })
        return runPipeline({
          name,
          source,
          transform,
          destination,
          checkpoint: createCheckpoint(path.join(folder, 'positions.json')),
          deadLetters: createDeadLetters(path.join(folder, 'dead-letters.ndjson')),
          log,
          stop,
          statistics,
          gone: () => source.gone(),
        })
      }),
    )
    return results.every((result) => result === 'settled') ? ExitCode.ok : ExitCode.unfinished
  } finally {
    await lock.release()
  }
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

interface PreparedPipeline extends PipelineView {
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
    const placeOf = (setting: string) => config.placeOf(['destinations', index, ...setting.split('.')])
    const transform = collect(() => createEventTransform(eventOptions(settings)))
    const destination = collect(() => createDestination(settings, log), placeOf)
    const { name } = settings
    return transform && destination
      ? [{ name, statistics: new PipelineStatistics(), transform, destination }]
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
