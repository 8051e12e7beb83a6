/**
 * Reports on the program itself, to the destinations that ask for them. Each of those gets a second, small
 * pipeline with a connection of its own, so that reports neither disturb the order nor the accounting of the
 * events, and what was reported while a destination was down is delivered when it is back.
 */
import { hostname } from 'node:os'
import type { DestinationConfig } from '../config/schema.ts'
import { runPipeline } from '../deliver/pipeline.ts'
import type { PipelineStatistics } from '../deliver/statistics.ts'
import type { FrameOptions } from '../encode/frame-encoder.ts'
import { hostOrigin } from '../encode/syslog-header.ts'
import type { Destination } from '../flow/delivery.ts'
import type { FlowEvents } from '../flow/events.ts'
import type { Transform } from '../flow/in-parts.ts'
import type { Log } from '../flow/log.ts'
import { WorkMemory } from '../hot-loop/memory.ts'
import { type Agent, agentValues } from '../map/agent.ts'
import { withLabels } from '../map/compile/label-text.ts'
import { loadDictionary } from '../map/table/load.ts'
import { version } from '../package/version.ts'
import { createPartParser } from '../parse/parser.ts'
import { reportPlan } from '../report/plan.ts'
import { ReportQueue } from '../report/queue.ts'
import { Reporter, type Watched } from '../report/reporter.ts'
import { createTransform, inTurn } from '../transform/chunk-to-batch.ts'

/** How long the last reports may take before the connection is closed on them, which may take three seconds. */
const endMs = 6_500

/** A pipeline that is reported on, and its destination, which may get reports. */
interface ReportedPipeline {
  readonly settings: DestinationConfig
  /** How the frames of its events are made, and who sends them where they say so. */
  readonly options: Omit<FrameOptions, 'host'> & { readonly sentBy?: Agent | undefined }
  readonly statistics: PipelineStatistics
  /** Takes the reports, where it asks for them. */
  readonly reportsTo?: Destination | undefined
}

/** A pipeline that gets reports. */
type ReportingPipeline = ReportedPipeline & { readonly reportsTo: Destination }

/** What is reported on, and to whom. */
export interface SelfReportOptions {
  /** Names of the sources. */
  readonly sources: readonly string[]
  readonly pipelines: readonly ReportedPipeline[]
}

/** What of a pipeline is reported. */
type ReportedEvents = Pick<FlowEvents, 'folderChanged' | 'lost' | 'unavailable' | 'available' | 'malformed'>

/** What the application tells, and what listens to the pipelines. */
export class SelfReport {
  readonly #log: Log
  readonly #reporter: Reporter
  #outlets: readonly Outlet[] = []
  #ending: Promise<void> | undefined

  constructor(options: SelfReportOptions, log: Log) {
    this.#log = log
    this.#reporter = new Reporter({
      version,
      ...watched(options),
      emit: (report) => {
        for (const { queue, pipeline } of this.#outlets) {
          if (report.kind.forAgents && !pipeline.settings.agent) continue
          queue.add(report)
        }
      },
    })
    this.#outlets = reportedTo(options).map((pipeline) => openOutlet(pipeline, log))
  }

  /** Delivery begins. */
  started(): void {
    this.#reporter.started()
  }

  /** The configuration was read again and is in force. */
  reloaded(changed: readonly string[]): void {
    this.#reporter.reloaded(changed)
  }

  /** It was read again in vain. */
  reloadFailed(reason: string): void {
    this.#reporter.reloadFailed(reason)
  }

  /**
   * From now on it reports on these, and to those of them that ask for it. What waits for a destination whose settings
   * are others now waits for it with these, and until `hasLeft` says that nobody else writes to its place any more.
   * Resolves when the pipelines of before have ended.
   */
  async change(
    options: SelfReportOptions,
    hasLeft: (pipeline: ReportedPipeline) => Promise<void> = async () => {},
  ): Promise<void> {
    if (this.#ending !== undefined) return
    this.#reporter.watch(watched(options))
    const before = this.#outlets
    const left: Promise<void>[] = []
    this.#outlets = reportedTo(options).map((pipeline) => {
      const kept = before.find((outlet) => outlet.pipeline === pipeline)
      const outdated = before.find((outlet) => outlet.pipeline.settings.name === pipeline.settings.name)
      if (kept !== undefined) return kept
      const free = hasLeft(pipeline)
      if (outdated === undefined) return openOutlet(pipeline, this.#log, { after: free })
      const ended = outdated.stop()
      left.push(ended)
      const after = Promise.all([ended, free])
      return openOutlet(pipeline, this.#log, { queue: outdated.queue, after })
    })
    const queues = new Set(this.#outlets.map(({ queue }) => queue))
    left.push(...before.filter(({ queue }) => !queues.has(queue)).map((outlet) => outlet.end()))
    await Promise.all(left)
  }

  /** So many bytes of logs wait for the destination `name`. */
  backlog(name: string, bytes: number): void {
    this.#reporter.backlog(name, bytes)
  }

  /** Reports what happens in the pipeline `name`. */
  listener(name: string): ReportedEvents {
    const reporter = this.#reporter
    return {
      folderChanged: (change) => reporter.folderChanged(change),
      lost: (loss) => reporter.lost(name, loss),
      unavailable: (wrong) => reporter.unavailable(name, wrong),
      available: (was) => reporter.available(name, was),
      malformed: (lines) => reporter.malformed(name, lines),
    }
  }

  /**
   * Reports the end, for this error if there is one, and resolves when all is delivered or ten seconds are
   * over. Nothing is reported afterwards; only the first call counts.
   */
  end(error?: Error): Promise<void> {
    if (this.#ending === undefined) {
      this.#reporter.stopping(error)
      this.#ending = Promise.all(this.#outlets.map((outlet) => outlet.end())).then(() => undefined)
    }
    return this.#ending
  }
}

function watched({ sources, pipelines }: SelfReportOptions): Watched {
  return {
    sources,
    destinations: pipelines.map(({ settings: { name, to }, statistics }) => ({
      name,
      to,
      counts: () => statistics.snapshot(),
    })),
  }
}

function reportedTo({ pipelines }: SelfReportOptions): readonly ReportingPipeline[] {
  return pipelines.filter((pipeline): pipeline is ReportingPipeline => pipeline.reportsTo !== undefined)
}

/** The reports for one destination on their way. */
interface Outlet {
  readonly pipeline: ReportedPipeline
  readonly queue: ReportQueue
  /** Delivers what is left, as long as there is time. */
  end(): Promise<void>
  /** Ends its pipeline; what is left stays in the queue. */
  stop(): Promise<void>
}

/** `before`: a queue with reports that wait, and when nobody else works on it, or in its place, any more. */
interface Before {
  readonly queue?: ReportQueue
  readonly after: Promise<unknown>
}

function openOutlet(pipeline: ReportingPipeline, log: Log, before?: Before): Outlet {
  const { reportsTo } = pipeline
  const { name } = reportsTo
  const queue = before?.queue ?? new ReportQueue({ host: hostname() })
  const stop = new AbortController()
  const transform = createReportTransform(pipeline)
  const deliver = () =>
    runPipeline({
      name,
      source: queue,
      batches: inTurn(transform),
      destination: reportsTo,
      checkpoint: queue,
      deadLetters: { write: async () => {} },
      // Its destination says what there is to say, and the pipeline of the events much the same.
      log: quiet(log),
      stop: stop.signal,
      settleMs: 0,
    })
  const running = Promise.resolve(before?.after)
    .then(deliver)
    .then(
      () => {},
      (error: unknown) => {
        // Delivery goes on without reports.
        log.error('Reports on msgtrk itself failed', { destination: name, error: String(error) })
      },
    )
  return {
    pipeline,
    queue,
    stop() {
      stop.abort()
      return running
    },
    async end() {
      queue.end()
      const timer = setTimeout(() => stop.abort(), endMs)
      await running
      clearTimeout(timer)
      if (queue.waiting === 0) return
      const fields = { destination: name, reports: queue.waiting }
      log.warn('Stopped before the last reports on msgtrk itself were delivered; they are lost', fields)
    },
  }
}

/** Makes frames of reports as those of events are made. */
export function createReportTransform({
  settings,
  options,
}: Pick<ReportedPipeline, 'settings' | 'options'>): Transform {
  const ofReports = withLabels(reportPlan(version, settings.cefVersion), settings.labels)
  const agent = options.sentBy === undefined ? [] : agentValues(options.sentBy, loadDictionary())
  const plan = { ...ofReports, device: [...ofReports.device, ...agent] }
  // No source and no server of Exchange has written a report.
  const { host: named, ...unnamed } = options.syslog
  const syslog = hostOrigin(options.syslog) === null ? { ...unnamed, host: named } : unnamed
  const memory = new WorkMemory()
  return createTransform({
    memory,
    parse: createPartParser(memory),
    planFor: () => plan,
    filterFor: () => null,
    frame: { ...options, syslog, host: hostname() },
    now: Date.now,
  })
}

function quiet(log: Log): Log {
  const debug: Log['debug'] = (message, fields) => log.debug(message, fields)
  return { debug, info: debug, warn: debug, error: debug }
}
