/** The pipelines at work, and what they share: threads, the watch on clocks, reports. Each can be stopped alone. */
import { availableParallelism } from 'node:os'
import { agentIdFor } from '../checkpoint/agent-id.ts'
import { checkpointPath, createCheckpoint } from '../checkpoint/store.ts'
import type { Config } from '../config/schema.ts'
import { Gate } from '../deliver/gate.ts'
import { placeWrittenBy } from '../destinations/options.ts'
import type { Log } from '../flow/log.ts'
import type { FolderLock } from '../lock/lock.ts'
import { type Problem, ProblemsError } from '../mistakes/problem.ts'
import { ClockWatch } from '../observe/clock-watch.ts'
import { PrefixedRows } from '../observe/prefixed-rows.ts'
import { openSource } from '../sources/open.ts'
import { Stage } from '../transform/threads.ts'
import { isSameValue } from './config-changes.ts'
import type { InstanceListener } from './instance-view.ts'
import { tellLateTimes } from './late-times.ts'
import { Mails } from './mails.ts'
import { openState, type PipelineState } from './pipeline-state.ts'
import { correctionsOf, discard, type PreparedPipeline } from './prepare.ts'
import { RunningPipeline } from './running-pipeline.ts'
import { haveSameEvents } from './same-events.ts'
import { SelfReport } from './self-report.ts'

/** What all pipelines are put together with. */
interface PipelinesOptions {
  readonly follow: boolean
  readonly log: Log
  readonly lock: FolderLock
  /** Stops all of them. */
  readonly stopping: AbortSignal
  /** Hears of an error that no pipeline may go on after. */
  readonly failed: (error: unknown) => void
}

/** Pipelines that come and go. */
export class Pipelines {
  readonly #options: PipelinesOptions
  readonly #listeners: InstanceListener[] = []
  readonly #stage = new Stage(haveSameEvents)
  #clocks: ClockWatch
  #corrections: ReadonlyMap<string, number> = new Map()
  #reports: SelfReport | undefined
  #running: readonly RunningPipeline[] = []
  /** By name: a destination with other settings is paused as before. */
  readonly #gates = new Map<string, Gate>()
  #hasLost = false

  constructor(options: PipelinesOptions) {
    this.#options = options
    this.#clocks = new ClockWatch({ log: options.log })
  }

  /** In the order of the configuration; another list after each change. */
  get running(): readonly RunningPipeline[] {
    return this.#running
  }

  /** Reports on the program itself; undefined before anything is put together. */
  get reports(): SelfReport | undefined {
    return this.#reports
  }

  /** Whether something was not there to be read. */
  get isPartial(): boolean {
    return this.#hasLost || this.#running.some(({ source }) => source.unreadable().length > 0)
  }

  /** From now on the listener hears of pipelines, of those that are there first. */
  listen(listener: InstanceListener): void {
    this.#listeners.push(listener)
    for (const pipeline of this.#running) listener.begins?.(pipeline)
  }

  /** Puts the first ones together; they deliver once they `begin`. */
  putTogether(config: Config, prepared: readonly PreparedPipeline[], states: readonly PipelineState[]): void {
    this.#reports = new SelfReport(
      { sources: namesOf(config.sources), pipelines: prepared },
      this.#options.log,
    )
    this.#watchClocks(config)
    // A share that does not answer holds up nothing.
    void tellLateTimes(config, this.#options.log)
    this.#running = prepared.map((each, index) => this.#join(config, each, states[index] as PipelineState))
    this.#stage.setThreads(threadsFor(this.#stage.different))
  }

  /** Delivery begins. */
  begin(): void {
    this.#reports?.started()
    for (const pipeline of this.#running) this.#run(pipeline)
  }

  /** What of the state folder new destinations could not begin with. */
  async unreadableStates({ state, sources, destinations }: Config): Promise<readonly Problem[]> {
    const added = destinations.filter(({ name }) => this.#running.every((one) => one.name !== name))
    const problems = added.map(async ({ name }): Promise<readonly Problem[]> => {
      try {
        await createCheckpoint(checkpointPath(state, name), sources).load()
        return []
      } catch (error) {
        if (error instanceof ProblemsError) return error.problems
        throw error
      }
    })
    return (await Promise.all(problems)).flat()
  }

  /**
   * Those that are `prepared` are at work when it resolves, and no others. Each begins as soon as what was in its place,
   * or had its positions, has ended.
   */
  async change(config: Config, prepared: readonly PreparedPipeline[]): Promise<void> {
    for (const listener of this.#listeners) listener.reloads?.(config)
    this.#watchClocks(config)
    const stays = new Set(prepared)
    const before = this.#running
    const left = before.filter((pipeline) => !stays.has(pipeline.prepared))
    const returning = new Set(namesOf(prepared))
    const ended = new Map(
      left.map((pipeline) => [pipeline.name, this.#end(pipeline, returning.has(pipeline.name))]),
    )
    const hasLeft = ({ settings }: Pick<PreparedPipeline, 'settings'>) =>
      this.#hasLeft(placeWrittenBy(settings.to), left, ended, () => reporting)
    const pipelines = { sources: namesOf(config.sources), pipelines: prepared }
    const reporting: Promise<void> | undefined = this.#reports?.change(pipelines, hasLeft)
    const begun = prepared.map(async (each) => {
      const kept = before.find((pipeline) => pipeline.prepared === each)
      if (kept !== undefined) return kept
      const { name, settings } = each
      await Promise.all([ended.get(name), ended.get(settings.formerName ?? name)])
      await hasLeft(each)
      return this.#replace(
        config,
        each,
        left.find((pipeline) => pipeline.name === name),
      )
    })
    // What is stopped and can't begin again ends the program, and a start tries once more.
    for (const each of [...begun, ...ended.values()])
      each.catch((error: unknown) => this.#options.failed(error))
    const results = await Promise.allSettled(begun)
    for (const name of this.#gates.keys()) if (!returning.has(name)) this.#gates.delete(name)
    this.#running = results.flatMap((result) =>
      result.status === 'fulfilled' && result.value !== undefined ? [result.value] : [],
    )
    this.#stage.setThreads(threadsFor(this.#stage.different))
    await Promise.all([...begun, ...ended.values(), reporting])
  }

  /** Resolves when nobody writes to a place any more to which only one may, with events or with reports. */
  async #hasLeft(
    place: string | undefined,
    left: readonly RunningPipeline[],
    ended: ReadonlyMap<string, Promise<void>>,
    reporting: () => Promise<void> | undefined,
  ): Promise<void> {
    const writers = left.filter(({ settings: { to } }) => place !== undefined && placeWrittenBy(to) === place)
    await Promise.all(writers.map(({ name }) => ended.get(name)))
    if (writers.some(({ settings: { selfReport } }) => selfReport)) await reporting()
  }

  /** Resolves when all have ended; something has stopped them. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running.map((pipeline) => pipeline.stop({ goesOn: false })))
    await this.#reports?.end()
    await this.#stage.close()
  }

  /** Undefined when all is being stopped, so that nothing may begin any more. */
  async #replace(
    config: Config,
    prepared: PreparedPipeline,
    before: RunningPipeline | undefined,
  ): Promise<RunningPipeline | undefined> {
    const { lock, log, stopping } = this.#options
    if (stopping.aborted) {
      await discard([prepared])
      return before
    }
    const state = await openState(prepared, { config, lock, log }, before?.unsaved())
    const pipeline = this.#join(config, prepared, state)
    this.#run(pipeline)
    return pipeline
  }

  #join(config: Config, prepared: PreparedPipeline, state: PipelineState): RunningPipeline {
    const { follow, log, stopping } = this.#options
    const { name, events } = prepared
    events.add({
      lost: () => {
        this.#hasLost = true
      },
    })
    events.add(this.#clocks)
    events.add(new PrefixedRows(log, name))
    if (this.#reports !== undefined) events.add(this.#reports.listener(name))
    const index = this.#stage.add(prepared)
    // Each destination reads for itself, and says so where there are several.
    const readingLog = config.destinations.length > 1 ? aboutDestination(log, name) : log
    const isMail = prepared.settings.records === 'mail'
    const source = openSource(config.sources, {
      follow,
      log: readingLog,
      events,
      destination: name,
      instance: () => agentIdFor(config.state),
      byTime: isMail,
    })
    const { checkpoint } = state
    const sources = namesOf(config.sources)
    const pipeline = new RunningPipeline({
      prepared,
      state,
      source,
      mails: isMail ? new Mails({ prepared, source, sources, checkpoint, log }) : null,
      batches: this.#stage.batchesOf(index),
      gate: this.#gateOf(prepared, config),
      greets: follow,
      log,
      stop: stopping,
      ended: () => this.#stage.remove(index),
    })
    for (const listener of this.#listeners) listener.begins?.(pipeline)
    return pipeline
  }

  #gateOf({ name, settings: { formerName = name } }: PreparedPipeline, { destinations }: Config): Gate {
    const isRenamed = destinations.every((other) => other.name !== formerName)
    const gate = this.#gates.get(isRenamed ? formerName : name) ?? new Gate()
    this.#gates.set(name, gate)
    return gate
  }

  #run(pipeline: RunningPipeline): void {
    pipeline.run().catch((error: unknown) => this.#options.failed(error))
  }

  async #end(pipeline: RunningPipeline, goesOn: boolean): Promise<void> {
    await pipeline.stop({ goesOn })
    this.#options.log.info('Stopped', { destination: pipeline.name, ...pipeline.statistics.snapshot() })
    for (const listener of this.#listeners) listener.ended?.(pipeline)
  }

  #watchClocks(config: Config): void {
    const corrections = correctionsOf(config)
    if (isSameValue(Object.fromEntries(corrections), Object.fromEntries(this.#corrections))) return
    this.#corrections = corrections
    this.#clocks = new ClockWatch({ log: this.#options.log, corrections })
  }
}

/** One alone leaves the other processors to others; several have a thread each, as far as there are processors. */
function threadsFor(transforms: number): number {
  return transforms > 1 ? Math.min(transforms + 1, availableParallelism()) : 1
}

function namesOf(members: readonly { readonly name: string }[]): readonly string[] {
  return members.map(({ name }) => name)
}

/** The log, in which each line also names a destination. */
function aboutDestination(log: Log, destination: string): Log {
  const about =
    (level: keyof Log) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      log[level](message, { destination, ...fields })
  return { debug: about('debug'), info: about('info'), warn: about('warn'), error: about('error') }
}
