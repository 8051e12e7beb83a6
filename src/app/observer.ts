/**
 * Looks at a running instance and puts its status together: from the counts that the pipelines keep anyway, from what they
 * tell, and from looks at the folders, when somebody asks. Nothing of it stands in the way of a record.
 */
import { hostname } from 'node:os'
import type { FolderConfig, SourceConfig } from '../config/schema.ts'
import type { Log } from '../flow/log.ts'
import { version } from '../package/version.ts'
import { isFolder, placeOfSource } from '../sources/options.ts'
import { healthOf, worstFirst } from '../status/health.ts'
import { judgeConfiguration } from '../status/judge-configuration.ts'
import { judgeDestination } from '../status/judge-destination.ts'
import { judgeProgram, type ProgramFacts } from '../status/judge-program.ts'
import { judgeSource } from '../status/judge-source.ts'
import { PipelineWatch } from '../status/pipeline-watch.ts'
import { Rates } from '../status/rates.ts'
import { estimateRetention } from '../status/retention.ts'
import type { Finding, InstanceStatus, SourceStatus } from '../status/snapshot.ts'
import { begunAtMs, FolderLook } from '../tail/folder/folder-look.ts'
import { countFields } from './count-fields.ts'
import {
  countersOf,
  destinationStatus,
  isoOf,
  least,
  type ObservedPipeline,
  type ReportOnSource,
} from './destination-status.ts'
import type { InstanceView } from './instance-view.ts'
import type { PipelineView } from './running-pipeline.ts'

const sampleMs = 5_000
/** Folders are looked at so often though nobody asks, to see when logs are deleted. */
const lookMs = 60_000
/** Between lines of the log with the counts. */
const countMs = 5 * 60_000
/** Who asks more often than that gets the same answer. */
const freshMs = 1_000
const folderFreshMs = 2_000
/** A folder that takes longer to be looked at is shown as it was. */
const patienceMs = 2_000

/** What it works with. */
interface ObserverOptions {
  /** Is told the counts every few minutes. */
  readonly log: Log | undefined
  /** How what the program itself works with fares. */
  readonly program: () => ProgramFacts
}

/** What can be asked for the status of an instance. */
export class Observer {
  readonly #instance: InstanceView
  readonly #log: Log | undefined
  readonly #program: () => ProgramFacts
  #countedAtMs = performance.now()
  readonly #pipelines = new Map<PipelineView, ObservedPipeline>()
  readonly #looks = new Map<string, FolderLook>()
  readonly #startedMs = Date.now()
  readonly #timer: NodeJS.Timeout
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #last:
    | { readonly atMs: number; readonly steered: string; readonly status: Promise<InstanceStatus> }
    | undefined

  constructor(instance: InstanceView, { log, program }: ObserverOptions) {
    this.#instance = instance
    this.#log = log
    this.#program = program
    instance.listen({
      begins: (pipeline) => this.#begins(pipeline),
      ended: (pipeline) => void this.#pipelines.delete(pipeline),
      // Folders that are still followed are looked at anew.
      reloads: () => this.#looks.clear(),
    })
    this.#timer = setInterval(() => this.#sample(), sampleMs)
    this.#timer.unref()
    this.#sample()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** What there is to tell now; the same for all who ask within a second, unless somebody steered meanwhile. */
  status(): Promise<InstanceStatus> {
    const nowMs = performance.now()
    const steered = this.#steered()
    if (this.#last === undefined || nowMs - this.#last.atMs >= freshMs || this.#last.steered !== steered) {
      this.#last = { atMs: nowMs, steered, status: this.#status() }
    }
    return this.#last.status
  }

  /** Another text after each pause, resumption and reload: who asked for one wants to see it. */
  #steered(): string {
    const { lastReload, pipelines } = this.#instance
    return JSON.stringify([lastReload, pipelines.map(({ gate }) => gate.paused)])
  }

  #begins(view: PipelineView): void {
    const watch = new PipelineWatch()
    view.events.add(watch)
    const { sources } = this.#instance.config
    this.#pipelines.set(view, { view, watch, rates: new Rates(countersOf(view, sources)) })
  }

  #sample(): void {
    const { sources } = this.#instance.config
    for (const { view, rates } of this.#pipelines.values()) rates.sample(countersOf(view, sources))
    if (performance.now() - this.#countedAtMs >= countMs) this.#tellCounts()
    if (performance.now() - this.#lookedAtMs < lookMs) return
    this.#lookedAtMs = performance.now()
    for (const source of sources.filter(isFolder)) void this.#lookOf(source).look(lookMs / 2)
  }

  #tellCounts(): void {
    this.#countedAtMs = performance.now()
    for (const { name, statistics } of this.#pipelines.keys()) {
      this.#log?.info('Counts', { destination: name, ...countFields(statistics.snapshot()) })
    }
  }

  #lookOf(source: FolderConfig): FolderLook {
    const key = JSON.stringify([source.folder, source.pattern])
    let look = this.#looks.get(key)
    if (look === undefined) {
      look = new FolderLook(source)
      this.#looks.set(key, look)
    }
    return look
  }

  async #status(): Promise<InstanceStatus> {
    const { config } = this.#instance
    const folders = config.sources.filter(isFolder)
    await this.#lookAtAll(folders)
    const nowMs = Date.now()
    const views = this.#instance.pipelines
    const observed = views.flatMap((view) => this.#pipelines.get(view) ?? [])
    const retentions = new Map(
      folders.map((source) => [source.name, retentionOf(this.#lookOf(source), nowMs)]),
    )
    const destinations = await Promise.all(
      observed.map((pipeline) =>
        destinationStatus(pipeline, {
          sources: config.sources.map((source) => ({
            source,
            look: isFolder(source) ? this.#lookOf(source) : null,
          })),
          keeps: new Map([...retentions].map(([name, retention]) => [name, retention?.keepsSeconds])),
          nowMs,
        }),
      ),
    )
    const sources = await Promise.all(
      config.sources.map(async (source) => {
        const facts = destinations.flatMap(({ sources }) => sources.get(source.name) ?? [])
        return isFolder(source)
          ? this.#folderStatus(source, facts, retentions.get(source.name) ?? null, nowMs)
          : toldStatus(source, facts, views, nowMs)
      }),
    )
    const appendedAgoMs = (name: string): number | null =>
      least(observed.map(({ watch }) => watch.appendedAgoMs(name)))
    const keeps = new Map(
      sources.flatMap(({ name, retention }) => (retention === null ? [] : [[name, retention.keepsSeconds]])),
    )
    const remedies = new Map(folders.map((source) => [source.name, this.#lookOf(source).seen.remedy]))
    const isLastReachable = sources.every(({ reachable }) => !reachable)
    const configuration = configurationOf(this.#instance)
    const findings: readonly Finding[] = worstFirst([
      ...judgeConfiguration(configuration),
      ...judgeProgram(this.#program()),
      ...sources.flatMap((source) => {
        const told = destinations.flatMap(({ sources }) => sources.get(source.name) ?? [])
        const facts = {
          appendedAgoMs: appendedAgoMs(source.name),
          isLastReachable,
          remedy: remedies.get(source.name) ?? null,
          firstNotRead: told.find(({ firstNotRead }) => firstNotRead !== null)?.firstNotRead ?? null,
        }
        return judgeSource(source, facts)
      }),
      ...destinations.flatMap(({ status, facts }) => judgeDestination(status, facts, keeps, nowMs)),
    ])
    return {
      version: 1,
      at: isoOf(nowMs),
      program: { version, pid: process.pid, host: hostname(), startedAt: isoOf(this.#startedMs) },
      configuration,
      state: config.state,
      health: healthOf(findings),
      findings: [...findings],
      sources,
      destinations: destinations.map(({ status }) => status),
    }
  }

  /** A dead share must not hold up the answer. */
  async #lookAtAll(sources: readonly FolderConfig[]): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs)
    })
    await Promise.race([late, Promise.all(sources.map((source) => this.#lookOf(source).look(folderFreshMs)))])
    clearTimeout(timer)
  }

  async #folderStatus(
    source: FolderConfig,
    facts: readonly ReportOnSource[],
    retention: SourceStatus['retention'],
    nowMs: number,
  ): Promise<SourceStatus> {
    const look = this.#lookOf(source)
    const { reason, logs, unmeasured } = look.seen
    const newest = reason === null ? await look.newestRecord() : null
    const newestMs = newest === null ? null : newest.atMs + source.correctSeconds * 1000
    const oldestMs = logs.length === 0 ? null : Math.min(...logs.map(begunAtMs))
    return {
      name: source.name,
      kind: 'folder',
      folder: source.folder,
      server: newest?.server ?? null,
      reachable: reason === null,
      reason,
      files: logs.length + unmeasured,
      bytes: logs.reduce((sum, { size }) => sum + size, 0),
      oldestFileAt: oldestMs === null ? null : isoOf(oldestMs),
      newestRecordAt: newestMs === null ? null : isoOf(newestMs),
      newestRecordAgeSeconds: newestMs === null ? null : Math.round((nowMs - newestMs) / 1000),
      retention,
      ...mostOf(facts),
    }
  }
}

/** Of a source into which nobody looks but who reads it: one pipeline that can is enough to reach it. */
function toldStatus(
  source: SourceConfig,
  facts: readonly ReportOnSource[],
  views: readonly PipelineView[],
  nowMs: number,
): SourceStatus {
  const told = views.flatMap((view) => view.source.told(source.name) ?? [])
  const reason =
    told.length === 0 || told.some((one) => one.reason === null) ? null : (told[0]?.reason ?? null)
  const newestMs = Math.max(...told.map((one) => one.newestMs ?? 0)) || null
  return {
    name: source.name,
    kind: 'topic',
    folder: placeOfSource(source),
    server: null,
    reachable: reason === null,
    reason,
    files: 0,
    bytes: 0,
    oldestFileAt: null,
    newestRecordAt: newestMs === null ? null : isoOf(newestMs),
    newestRecordAgeSeconds: newestMs === null ? null : Math.round((nowMs - newestMs) / 1000),
    retention: null,
    ...mostOf(facts),
  }
}

function mostOf(
  facts: readonly ReportOnSource[],
): Pick<SourceStatus, 'filesNotRead' | 'rowsPerSecond' | 'backlogBytes'> {
  const most = (of: (each: ReportOnSource) => number) => Math.max(0, ...facts.map(of))
  return {
    filesNotRead: most(({ filesNotRead }) => filesNotRead),
    rowsPerSecond: most(({ rowsPerSecond }) => rowsPerSecond),
    backlogBytes: most(({ backlogBytes }) => backlogBytes),
  }
}

function configurationOf({ config, lastReload }: InstanceView): InstanceStatus['configuration'] {
  return {
    file: config.file ?? null,
    sha256: config.sha256,
    lastReload: lastReload && { at: isoOf(lastReload.atMs), successful: lastReload.isSuccessful },
  }
}

/** How long Exchange keeps the logs of a folder, as estimated. */
export function retentionOf(
  { seen: { logs, deletion } }: FolderLook,
  nowMs: number,
): SourceStatus['retention'] {
  return estimateRetention(
    logs.map((log) => ({ prefix: log.order.prefix, size: log.size, begunAtMs: begunAtMs(log) })),
    nowMs,
    deletion?.keptMs ?? null,
  )
}
