/** What can have mistakes of each destination, made before anything is sent, so that all are told at once. */
import { createHash } from 'node:crypto'
import { agentIdFor, keptAgentId } from '../checkpoint/agent-id.ts'
import type { Config, DestinationConfig } from '../config/schema.ts'
import { PipelineStatistics } from '../deliver/statistics.ts'
import { inTwoHands } from '../destinations/around/shared.ts'
import { createDestination } from '../destinations/destination.ts'
import { kindOf } from '../destinations/kinds.ts'
import { placeWrittenBy } from '../destinations/options.ts'
import { doubtsOf } from '../filter/doubts.ts'
import type { Destination } from '../flow/delivery.ts'
import { Events } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'
import type { SourceFields } from '../map/options.ts'
import { loadDictionary } from '../map/table/load.ts'
import { checkSourceFields } from '../map/table/source-fields.ts'
import { modeOfExposed } from '../mistakes/exposed-file.ts'
import { madeOfFiles, type NamedFiles } from '../mistakes/named-file.ts'
import { formatPlace, isUnplaced } from '../mistakes/place.ts'
import { formatProblem, type Problem, ProblemsError } from '../mistakes/problem.ts'
import type { Path } from '../mistakes/written.ts'
import type { Corrections } from '../rewrite/correct-time.ts'
import { isFolder, proveSource } from '../sources/options.ts'
import { createEventTransform, type EventOptions } from '../transform/event-transform.ts'
import { optionsOfMails } from '../transform/mail-rows.ts'
import type { Transforming } from '../transform/threads.ts'
import { agentHere } from './agent.ts'
import type { FileDigests } from './config-changes.ts'
import { httpCredentials } from './http.ts'

/** All that a pipeline is made of but what the state folder has of it: nothing of it is at work yet. */
export interface PreparedPipeline extends Transforming {
  readonly name: string
  readonly settings: DestinationConfig
  /** What becomes of rows; `options` of what is delivered, be it rows or mails. */
  readonly rowOptions: EventOptions
  /** Of all files that it was made of. */
  readonly digests: FileDigests
  readonly statistics: PipelineStatistics
  /** What happens in it; listened to from the start on. */
  readonly events: Events
  readonly destination: Destination
  /** Takes reports on the program itself, where the destination asks for them. */
  readonly reportsTo: Destination | undefined
}

/** All that a configuration asks for, made and not at work yet. */
export interface Prepared {
  /** In the order of the configuration. */
  readonly pipelines: readonly PreparedPipeline[]
  /** What the reading of each source is made of, by its name: certificates of brokers. */
  readonly sourceFiles: ReadonlyMap<string, FileDigests>
  /** What the certificate of the HTTP listener was made of. */
  readonly httpFiles: FileDigests
}

/** Closes what was made for nothing. */
export async function discard(pipelines: readonly PreparedPipeline[]): Promise<void> {
  await Promise.all(
    pipelines.flatMap(({ destination, reportsTo }) => [destination.close(), reportsTo?.close()]),
  )
}

/**
 * Makes what can have mistakes, of all destinations, so that all are reported at once, with those of HTTP; `log` hears of
 * doubts.
 */
export function prepare(config: Config, log: Log, known: NamedFiles = new Map()): Prepared {
  const cefVersion = config.destinations.every((one) => one.cefVersion === 1) ? 1 : 0
  const problems = checkSourceFields(config.sources, loadDictionary(), cefVersion).map((problem) =>
    placed(problem, config, []),
  )
  const collect = <T>(part: Path, make: () => T) => {
    try {
      return madeOfFiles(known, make)
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error
      problems.push(...error.problems.map((problem) => placed(problem, config, part)))
      return undefined
    }
  }
  const sourceFiles = new Map(
    config.sources.map((source, index) => {
      const proved = collect(['sources', index], () => proveSource(source))
      return [source.name, digestsOf(proved?.used ?? new Map())]
    }),
  )
  const pipelines = config.destinations.flatMap((settings, index) => {
    const { name } = settings
    const part = ['destinations', index]
    const rowOptions = eventOptions(config, settings, () => agentIdFor(config.state))
    const options = settings.records === 'mail' ? optionsOfMails(rowOptions) : rowOptions
    if (settings.records === 'mail') {
      const where = config.placeOf([...part, 'records'])
      problems.push(...noMails(config, options.format).map((problem) => ({ where, ...problem })))
    }
    problems.push(
      ...noOwnPositions(config, settings).map((problem) => {
        return { where: config.placeOf([...part, 'kafka', 'exactlyOnce']), ...problem }
      }),
    )
    const transform = collect(part, () => createEventTransform(options))
    const statistics = new PipelineStatistics()
    const events = new Events(statistics)
    const created = collect(part, () => createDestination(settings, log, events))
    if (transform === undefined || created === undefined) return []
    const digests = digestsOf(transform.used, created.used)
    const both = settings.selfReport
      ? withReports(settings, created.made, (others) => {
          // What is wrong with it is what is wrong with the other one.
          return madeOfFiles(known, () => createDestination(others, log)).made
        })
      : { destination: created.made, reportsTo: undefined }
    const made = { transform: transform.made, files: transform.used }
    return [{ name, settings, rowOptions, options, statistics, events, digests, ...both, ...made }]
  })
  const http = collect(['http'], () => httpCredentials(config))
  if (problems.length > 0) throw new ProblemsError(eachOnce(problems))
  tellDoubts(config, log)
  return { pipelines, sourceFiles, httpFiles: digestsOf(http?.used ?? new Map()) }
}

/** Reports have a connection of their own, but where only one may write. */
function withReports(
  settings: DestinationConfig,
  destination: Destination,
  create: (settings: DestinationConfig) => Destination,
): Pick<PreparedPipeline, 'destination' | 'reportsTo'> {
  const name = `${settings.name} (reports)`
  if (placeWrittenBy(settings.to) === undefined) {
    const others = kindOf(settings.to).forReports?.(settings) ?? settings
    return { destination, reportsTo: create({ ...settings, ...others, name }) }
  }
  const [events, reports] = inTwoHands(destination, name)
  return { destination: events, reportsTo: reports }
}

/** Why there can be no mails, if anything is against them. */
function noMails(
  { sources }: Config,
  format: EventOptions['format'],
): readonly Pick<Problem, 'message' | 'remedy'>[] {
  const topics = sources.filter((source) => !isFolder(source)).map(({ name }) => name)
  return [
    ...(format === 'message-tracking-log' || format === 'raw'
      ? [
          {
            message: 'asks for mails, and what is written here has columns for rows',
            remedy:
              'remove it, or deliver events (format: cef or json, in Sentinel the table CommonSecurityLog)',
          },
        ]
      : []),
    ...(topics.length > 0
      ? [
          {
            message: `asks for mails, and of ${topics.join(', ')} positions are kept where there is no room for open mails`,
            remedy: 'read the folders of the servers, or deliver rows',
          },
        ]
      : []),
  ]
}

/** Why a destination can't keep positions itself, if it wants to and anything is against that. */
function noOwnPositions(
  { sources, destinations }: Config,
  settings: DestinationConfig,
): readonly Pick<Problem, 'message' | 'remedy'>[] {
  const idOf = (of: DestinationConfig) => kindOf(of.to).ownIdOf?.(of)
  const id = idOf(settings)
  if (id === undefined) return []
  const topics = sources.filter((source) => !isFolder(source)).map(({ name }) => name)
  const other = destinations.find((one) => one !== settings && idOf(one) === id)
  return [
    ...(topics.length > 0
      ? [
          {
            message: `is for rows of folders, and positions of ${topics.join(', ')} are kept by its consumer group, not in the transaction`,
            remedy:
              'remove it, and let consumers tell repeats by the headers server, file and offset; or read the folders',
          },
        ]
      : []),
    ...(settings.records === 'mail'
      ? [
          {
            message: 'is for rows, and open mails have more to be kept than a position',
            remedy: 'remove it, or deliver rows',
          },
        ]
      : []),
    ...(other === undefined
      ? []
      : [
          {
            message: `has the id of ${other.name}, and each would end the other`,
            remedy: 'give each an id of its own',
          },
        ]),
  ]
}

function digestsOf(...files: readonly NamedFiles[]): FileDigests {
  return new Map(
    files
      .flatMap((some) => [...some])
      .map(([path, bytes]) => [path, createHash('sha256').update(bytes).digest('hex')]),
  )
}

function tellDoubts({ sources, destinations, secretFiles, placeOf }: Config, log: Log): void {
  const corrected = sources.filter(({ correctSeconds }) => correctSeconds !== 0).map(({ name }) => name)
  for (const [index, settings] of destinations.entries()) {
    if (settings.format === 'raw' && corrected.length > 0) {
      log.warn('Rows go out as they stand in the log, with times that are corrected elsewhere', {
        destination: settings.name,
        sources: corrected,
      })
    }
    for (const { message, fields, path } of doubtsOf(settings)) {
      const setting = path && { setting: formatPlace(placeOf(['destinations', index, ...path])) }
      log.warn(message, { destination: settings.name, ...setting, ...fields })
    }
  }
  for (const { file, path } of secretFiles) {
    const mode = modeOfExposed(file)
    if (mode === undefined) continue
    const remedy = `chmod 600 ${file}, or 640 for a group`
    log.warn('A secret can be read by every user of this machine', {
      setting: formatPlace(placeOf(path)),
      file,
      mode,
      remedy,
    })
  }
}

/** What is wrong with a setting, where it was written; a mistake inside a table has its own place in the table's file. */
export function placed(problem: Problem, { placeOf }: Config, part: Path): Problem {
  const { where } = problem
  return isUnplaced(where) ? { ...problem, where: placeOf([...part, ...where.setting]) } : problem
}

/** Destinations may share a table, and so its mistakes. */
function eachOnce(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()]
}

/** Seconds to add to the times of each source whose clock is wrong. */
export function correctionsOf({ sources }: Config): Corrections {
  return new Map(
    sources.flatMap(({ name, correctSeconds: seconds }) => (seconds === 0 ? [] : [[name, seconds]])),
  )
}

/** Constants of each source that has some. */
function sourceFieldsOf({ sources }: Config): SourceFields {
  return new Map(sources.flatMap(({ name, fields }) => (fields === undefined ? [] : [[name, fields]])))
}

/** What the events of a destination are made of, as the configuration says; `agentId`: by default the one that is kept. */
export function eventOptions(
  config: Config,
  settings: DestinationConfig,
  agentId: () => string | null = () => keptAgentId(config.state),
): EventOptions {
  const { frames } = kindOf(settings.to)
  return {
    ...settings,
    corrections: correctionsOf(config),
    sentBy: settings.agent ? agentHere(agentId()) : undefined,
    sourceFields: sourceFieldsOf(config),
    format: frames.formatOf?.(settings) ?? 'cef',
    framing: frames.framing ?? settings.framing,
    syslog: frames.header === undefined ? settings.syslog : { ...settings.syslog, header: frames.header },
    maxMessageBytes: settings.maxMessageBytes ?? frames.maxMessageBytes,
    origins: frames.origins,
  }
}
