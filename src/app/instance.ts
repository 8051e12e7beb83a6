/**
 * The running program: it holds the state folder and owns the pipelines, one for each destination. One that fails stops
 * the others: none may go on once the folder is given free.
 */
import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import { type FolderLock, lockFolder } from '../checkpoint/lock.ts'
import type { Config } from '../config/schema.ts'
import { type Control, openControl } from '../control/server.ts'
import type { Log } from '../flow/log.ts'
import type { HttpListener } from '../http/listener.ts'
import { livez } from '../http/probes.ts'
import { ExitCode, type Problem, ProblemsError } from '../mistakes/problem.ts'
import { ClockWatch } from '../observe/clock-watch.ts'
import { PrefixedRows } from '../observe/prefixed-rows.ts'
import { createSource } from '../tail/source.ts'
import { openStage, type Stage } from '../transform/threads.ts'
import { controlRoutes } from './control.ts'
import { openHttp } from './http.ts'
import type { InstanceListener, InstanceView } from './instance-view.ts'
import { Observer } from './observer.ts'
import { openState, type PipelineState, tellChangedStarts } from './pipeline-state.ts'
import { correctionsOf, type PreparedPipeline, prepare } from './prepare.ts'
import { type PipelineEnd, type PipelineView, RunningPipeline } from './running-pipeline.ts'
import { createSelfReport, type SelfReport } from './self-report.ts'

/** What an instance is put together from. */
export interface InstanceOptions {
  readonly config: Config
  readonly log: Log
  readonly stop: AbortSignal
  /** False: deliver all that is there now, then end. */
  readonly follow: boolean
  /** Called once everything is put together and delivery begins. */
  readonly onStart?: (instance: InstanceView) => void
}

/** Pipelines, and what they share. */
export class Instance implements InstanceView {
  readonly #options: InstanceOptions
  readonly #prepared: readonly PreparedPipeline[]
  readonly #lock: FolderLock
  readonly #failure = new AbortController()
  /** Aborts for whatever reason delivery has to end. */
  readonly #stopping: AbortSignal
  readonly #stage: Stage
  #reports: SelfReport | undefined
  #control: Control | null = null
  #observer: Observer | undefined
  #running: readonly RunningPipeline[] = []
  #hasLost = false
  readonly #listeners: InstanceListener[] = []

  /**
   * Takes the state folder. Throws a `ProblemsError`, before anything is sent, for mistakes that show only now; whoever
   * has an instance must `run` it.
   */
  static async open(options: InstanceOptions): Promise<Instance> {
    const { config, log, stop } = options
    const prepared = prepare(config, log)
    return new Instance(options, prepared, await lockFolder(config.state, { log, stop }))
  }

  private constructor(options: InstanceOptions, prepared: readonly PreparedPipeline[], lock: FolderLock) {
    this.#options = options
    this.#prepared = prepared
    this.#lock = lock
    this.#stopping = AbortSignal.any([options.stop, this.#failure.signal, lock.lost])
    setMaxListeners(0, this.#stopping) // some for each destination: no leak
    // A pipeline alone leaves the other processors to others; several have a thread each, as far as there are processors.
    const threads = prepared.length > 1 ? Math.min(prepared.length + 1, availableParallelism()) : 1
    this.#stage = openStage(prepared, threads)
  }

  get config(): Config {
    return this.#options.config
  }

  get pipelines(): readonly PipelineView[] {
    return this.#running
  }

  listen(listener: InstanceListener): void {
    this.#listeners.push(listener)
    for (const pipeline of this.#running) listener.begins?.(pipeline)
  }

  /**
   * Delivers to every destination until all is settled (not following) or `stop` aborts; gives the folder free.
   * `failed`: without following, a folder or a file could not be read, or went before it was delivered.
   */
  async run(): Promise<ExitCode> {
    const { log, stop, follow, onStart } = this.#options
    let http: HttpListener | undefined
    try {
      http = await openHttp(this.config, [livez], log)
      const states = await all(this.#prepared.map((each) => openState(this.config, each, this.#lock, log)))
      await tellChangedStarts(this.config, log)
      this.#openReports()
      const clocks = new ClockWatch({ log, corrections: correctionsOf(this.config) })
      this.#running = this.#prepared.map((each, index) =>
        this.#putTogether(each, states[index] as PipelineState, index, clocks),
      )
      await this.#openControl()
      onStart?.(this)
      this.#reports?.started()
      const results = await all(this.#running.map((pipeline) => this.#watched(pipeline)))
      this.#lock.lost.throwIfAborted()
      // Who reads once relies on it that all was there to be read.
      const isPartial = this.#hasLost || this.#running.some(({ source }) => source.unreadable().length > 0)
      if (isPartial && !follow && !stop.aborted) return ExitCode.failed
      return results.some((result) => result === 'unfinished') ? ExitCode.unfinished : ExitCode.ok
    } finally {
      await this.#reports?.end()
      await http?.close()
      await this.#stage.close()
      await this.#control?.close()
      this.#observer?.close()
      await this.#lock.release()
    }
  }

  async #openControl(): Promise<void> {
    const { log } = this.#options
    this.#observer = new Observer(this)
    const routes = controlRoutes(this.#observer)
    this.#control = await openControl({ state: this.config.state, routes, log })
    this.#lock.onRemade(() => void this.#control?.remake())
  }

  #openReports(): void {
    const sources = this.config.sources.map(({ name }) => name)
    const reports = createSelfReport({ sources, pipelines: this.#prepared, log: this.#options.log })
    this.#reports = reports
    // While the pipelines settle, not behind them: all of it together takes ten seconds at most.
    this.#stopping.addEventListener('abort', () => {
      void reports?.end(this.#failure.signal.reason ?? this.#lock.lost.reason)
    })
  }

  #putTogether(
    prepared: PreparedPipeline,
    state: PipelineState,
    index: number,
    clocks: ClockWatch,
  ): RunningPipeline {
    const { follow, log } = this.#options
    const { name, events } = prepared
    events.add({
      lost: () => {
        this.#hasLost = true
      },
    })
    events.add(clocks)
    events.add(new PrefixedRows(log, name))
    if (this.#reports !== undefined) events.add(this.#reports.listener(name))
    const { sources } = this.config
    return new RunningPipeline({
      prepared,
      state,
      source: createSource({ sources, follow, log, isWatched: true, events }),
      batches: this.#stage.batchesOf(index),
      greets: follow,
      log,
      stop: this.#stopping,
    })
  }

  async #watched(pipeline: RunningPipeline): Promise<PipelineEnd> {
    try {
      return await pipeline.run()
    } catch (error) {
      this.#failure.abort(error)
      throw error
    }
  }
}

/** Waits for all of them, also when some fail; then throws what failed, the problems of all at once. */
async function all<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(promises)
  const errors = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []))
  const unexpected = errors.find((error) => !(error instanceof ProblemsError))
  if (unexpected !== undefined) throw unexpected
  const problems = errors.flatMap((error): readonly Problem[] =>
    error instanceof ProblemsError ? error.problems : [],
  )
  if (problems.length > 0) throw new ProblemsError(problems, ExitCode.state)
  return Promise.all(promises)
}
