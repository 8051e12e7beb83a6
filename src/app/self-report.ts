/**
 * Reports on the program itself, to the destinations that ask for them. Each of those gets a second, small
 * pipeline with a connection of its own, so that reports neither disturb the order nor the accounting of the
 * events, and what was reported while a destination was down is delivered when it is back.
 */
import { hostname } from 'node:os'
import type { DestinationConfig } from '../config/schema.ts'
import { runPipeline } from '../deliver/pipeline.ts'
import type { PipelineStatistics } from '../deliver/statistics.ts'
import { createDestination } from '../destinations/destination.ts'
import type { FrameOptions } from '../encode/frame-encoder.ts'
import type { FlowEvents } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'
import { WorkMemory } from '../hot-loop/memory.ts'
import { withLabels } from '../map/compile/label-text.ts'
import { version } from '../package/files.ts'
import { createPartParser } from '../parse/parser.ts'
import { reportPlan } from '../report/plan.ts'
import { ReportQueue } from '../report/queue.ts'
import { Reporter } from '../report/reporter.ts'
import { createTransform, inTurn } from '../transform/chunk-to-batch.ts'

/** How long the last reports may take before the connection is closed on them, which may take three seconds. */
const endMs = 6_500

/** A pipeline that is reported on, and its destination, which may get reports. */
export interface ReportedPipeline {
  readonly settings: DestinationConfig
  /** How the frames of its events are made. */
  readonly options: Omit<FrameOptions, 'host'>
  readonly statistics: PipelineStatistics
}

export interface SelfReportOptions {
  /** Names of the sources. */
  readonly sources: readonly string[]
  readonly pipelines: readonly ReportedPipeline[]
  readonly log: Log
}

/** What of a pipeline is reported. */
type ReportedEvents = Pick<FlowEvents, 'folderChanged' | 'lost' | 'unavailable' | 'available' | 'malformed'>

/** What the application tells, and what listens to the pipelines. */
export interface SelfReport {
  /** Delivery begins. */
  started(): void
  /** Reports what happens in the pipeline `name`. */
  listener(name: string): ReportedEvents
  /**
   * Reports the end, for this error if there is one, and resolves when all is delivered or ten seconds are
   * over. Nothing is reported afterwards; only the first call counts.
   */
  end(error?: Error): Promise<void>
}

/** Undefined when no destination asks for reports. Throws a `ProblemsError` as `createDestination` does. */
export function createSelfReport({ sources, pipelines, log }: SelfReportOptions): SelfReport | undefined {
  const outlets = pipelines
    .filter(({ settings }) => settings.selfReport)
    .map((pipeline) => openOutlet(pipeline, log))
  if (outlets.length === 0) return undefined
  const reporter = new Reporter({
    version,
    sources,
    destinations: pipelines.map(({ settings: { name, to }, statistics }) => ({
      name,
      to,
      counts: () => statistics.snapshot(),
    })),
    emit: (report) => {
      for (const { queue } of outlets) queue.add(report)
    },
  })
  let ending: Promise<void> | undefined
  return {
    started: () => reporter.started(),
    listener: (name) => ({
      folderChanged: (change) => reporter.folderChanged(change),
      lost: (loss) => reporter.lost(name, loss),
      unavailable: (wrong) => reporter.unavailable(name, wrong),
      available: (was) => reporter.available(name, was),
      malformed: (lines) => reporter.malformed(name, lines),
    }),
    end(error) {
      if (ending === undefined) {
        reporter.stopping(error)
        ending = Promise.all(outlets.map((outlet) => outlet.end())).then(() => undefined)
      }
      return ending
    },
  }
}

/** The reports for one destination on their way. */
interface Outlet {
  readonly queue: ReportQueue
  /** Delivers what is left, as long as there is time. */
  end(): Promise<void>
}

function openOutlet({ settings, options }: ReportedPipeline, log: Log): Outlet {
  const name = `${settings.name} (reports)`
  const host = hostname()
  const queue = new ReportQueue({ host })
  const plan = withLabels(reportPlan(version, settings.cefVersion), settings.labels)
  const stop = new AbortController()
  const memory = new WorkMemory()
  const running = runPipeline({
    name,
    source: queue,
    batches: inTurn(
      createTransform({
        memory,
        parse: createPartParser(memory),
        planFor: () => plan,
        filterFor: () => null,
        frame: { ...options, host },
        now: Date.now,
      }),
    ),
    destination: createDestination({ ...settings, name }, log),
    checkpoint: queue,
    deadLetters: { write: async () => {} },
    // Its destination says what there is to say, and the pipeline of the events much the same.
    log: quiet(log),
    stop: stop.signal,
    settleMs: 0,
  }).catch((error: unknown) => {
    // Delivery goes on without reports.
    log.error('Reports on msgtrk itself failed', { destination: name, error: String(error) })
  })
  return {
    queue,
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

function quiet(log: Log): Log {
  const debug: Log['debug'] = (message, fields) => log.debug(message, fields)
  return { debug, info: debug, warn: debug, error: debug }
}
