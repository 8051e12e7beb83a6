/**
 * The running program: it holds the state folder and owns the pipelines, one for each destination. One that fails stops
 * the others: none may go on once the folder is given free.
 */
import { setMaxListeners } from 'node:events'
import type { Config } from '../config/schema.ts'
import { type Control, openControl } from '../control/server.ts'
import type { Log } from '../flow/log.ts'
import type { Wrong } from '../flow/trouble.ts'
import type { FolderLock } from '../lock/lock.ts'
import { formatPlace } from '../mistakes/place.ts'
import { ExitCode, formatProblem, type Problem, ProblemsError } from '../mistakes/problem.ts'
import type { TemporaryLevel } from '../observe/temporary-level.ts'
import type { InstanceStatus } from '../status/snapshot.ts'
import { keepAgent } from './agent.ts'
import { all } from './all.ts'
import { filesAnew, readAnew } from './anew.ts'
import { controlRoutes } from './control.ts'
import { hold } from './hold.ts'
import { HttpDoor } from './http.ts'
import { httpRoutes } from './http-routes.ts'
import type { InstanceListener, LastReload, ObservedInstance } from './instance-view.ts'
import { Observer } from './observer.ts'
import { Pauses } from './pauses.ts'
import { openState, tellChangedStarts } from './pipeline-state.ts'
import { Pipelines } from './pipelines.ts'
import { discard, type Prepared, type PreparedPipeline, prepare } from './prepare.ts'
import { planReload, type Reloaded, toldOf } from './reload-plan.ts'
import { ReloadQueue, type ReloadRequest } from './reload-queue.ts'
import { refusal, withConfirmation } from './reload-refusal.ts'
import { noteNames, renamed, tellRenamed } from './renamed.ts'
import type { PipelineView } from './running-pipeline.ts'
import { StatusHistory } from './status-history.ts'
import { Taps } from './taps.ts'
import { watchBacklogs } from './watch-backlogs.ts'

/** What an instance is put together from. */
export interface InstanceOptions {
  readonly config: Config
  readonly log: Log
  readonly stop: AbortSignal
  /** False: deliver all that is there now, then end. */
  readonly follow: boolean
  /** Reads the configuration again; without it, it can't be reloaded. */
  readonly read?: () => Config | Promise<Config>
  /** The level of `log`; without it, it can't be changed. */
  readonly level?: TemporaryLevel
  /** Why nothing can be written into the file of `log`; without it, or null, nothing is wrong there. */
  readonly logWrong?: () => Wrong | null
  /** Called once everything is put together and delivery begins. */
  readonly onStart?: (instance: ObservedInstance) => void
}

/** Pipelines, and what they share. */
export class Instance implements ObservedInstance {
  readonly pauses: Pauses
  readonly taps: Taps
  readonly #options: InstanceOptions
  readonly #lock: FolderLock
  readonly #failure = new AbortController()
  /** Aborts for whatever reason delivery has to end. */
  readonly #stopping: AbortSignal
  readonly #pipelines: Pipelines
  readonly #reloads = new ReloadQueue((request) => this.#reload(request))
  #prepared: Prepared
  #config: Config
  #lastReload: LastReload | null = null
  #control: Control | null = null
  readonly #observer: Observer
  #http: HttpDoor | undefined
  #history: StatusHistory | undefined
  /** A reload waits until pipelines are at work, or none will be. */
  #goOn: () => void = () => {}
  readonly #begun = new Promise<void>((resolve) => {
    this.#goOn = resolve
  })
  #isAtWork = false

  /** Takes the state folder; throws a `ProblemsError` before anything is sent. Whoever has one must `run` it. */
  static async open(options: InstanceOptions): Promise<Instance> {
    const { prepared, lock } = await hold(options.config, options)
    return new Instance(options, prepared, lock)
  }

  private constructor(options: InstanceOptions, prepared: Prepared, lock: FolderLock) {
    const { config, log, stop, follow } = options
    this.#options = options
    this.#config = config
    this.#prepared = prepared
    this.#lock = lock
    this.#stopping = AbortSignal.any([stop, this.#failure.signal, lock.lost])
    setMaxListeners(0, this.#stopping) // some for each destination: no leak
    this.#pipelines = new Pipelines({
      follow,
      log,
      lock,
      stopping: this.#stopping,
      failed: (error) => this.#failure.abort(error),
    })
    this.#observer = new Observer(this, {
      log: follow ? log : undefined,
      program: () => ({ logWrong: options.logWrong?.() ?? null, isHeard: this.#control !== null }),
    })
    this.pauses = new Pauses({ pipelines: () => this.pipelines, status: () => this.status(), log })
    this.taps = new Taps({ pipelines: () => this.pipelines, stop: this.#stopping, log })
    this.listen(this.taps)
  }

  get config(): Config {
    return this.#config
  }

  get pipelines(): readonly PipelineView[] {
    return this.#pipelines.running
  }

  get lastReload(): LastReload | null {
    return this.#lastReload
  }

  status(): Promise<InstanceStatus> {
    return this.#observer.status()
  }

  listen(listener: InstanceListener): void {
    this.#pipelines.listen(listener)
  }

  /**
   * Delivers to every destination until all is settled (not following) or `stop` aborts; gives the folder free.
   * `failed`: without following, a folder or a file could not be read, or went before it was delivered.
   */
  async run(): Promise<ExitCode> {
    const { log, stop, follow, onStart } = this.#options
    const config = this.#config
    const pipelines = this.#pipelines
    const prepared = this.#prepared.pipelines
    try {
      await tellRenamed(config, log)
      const states = await all(prepared.map((each) => openState(each, { config, lock: this.#lock, log })))
      await noteNames(config, log)
      await tellChangedStarts(config, log)
      pipelines.putTogether(config, prepared, states)
      // While the pipelines settle, not behind them: all of it together takes ten seconds at most.
      this.#stopping.addEventListener('abort', () => {
        void pipelines.reports?.end(this.#failure.signal.reason ?? this.#lock.lost.reason)
      })
      watchBacklogs(this, () => pipelines.reports, this.#stopping)
      await this.#openControl()
      this.#history = new StatusHistory(this, this.#observer)
      this.#http = await HttpDoor.open(config, httpRoutes(this, this.#observer, this.#history), log)
      onStart?.(this)
      const results = await this.#untilEnded()
      this.#failure.signal.throwIfAborted()
      this.#lock.lost.throwIfAborted()
      // Who reads once relies on it that all was there to be read.
      if (pipelines.isPartial && !follow && !stop.aborted) return ExitCode.failed
      return results.some((result) => result === 'unfinished') ? ExitCode.unfinished : ExitCode.ok
    } finally {
      this.#isAtWork = false
      this.#goOn()
      await this.#reloads.settled()
      await pipelines.close()
      this.pauses.close()
      await this.#http?.close()
      await this.#control?.close()
      this.#history?.close()
      this.#observer.close()
      await this.#lock.release()
    }
  }

  async #openControl(): Promise<void> {
    const { log } = this.#options
    const routes = controlRoutes(this, this.#observer, this.#options.level)
    this.#control = await openControl({ state: this.config.state, routes, log })
    this.#lock.onRemade(() => {
      void this.#control?.remake()
      void noteNames(this.config, log)
    })
  }

  /** A reload may put others in the place of those that are waited for. */
  async #untilEnded(): Promise<readonly ('settled' | 'unfinished')[]> {
    this.#pipelines.begin()
    this.#isAtWork = true
    this.#goOn()
    for (;;) {
      const { running } = this.#pipelines
      const results = await all(running.map((pipeline) => pipeline.run()))
      await this.#reloads.settled()
      if (running === this.#pipelines.running) return results
    }
  }

  /**
   * Reads the configuration again, with all that it refers to, and changes what differs; resolves when that is done, ten
   * seconds later at most. Rejects with a `ProblemsError` with all mistakes, and then nothing has changed. Who asks while
   * one is under way shares the next.
   */
  reload(request: ReloadRequest): Promise<Reloaded> {
    return this.#reloads.ask(request)
  }

  async #reload({ by, deliverAgain }: Required<ReloadRequest>): Promise<Reloaded> {
    const { log } = this.#options
    try {
      const done = await this.#change(deliverAgain)
      this.#lastReload = { atMs: Date.now(), isSuccessful: true }
      const sentence = done.changed.length === 0 ? 'Reloaded; nothing has changed' : 'Reloaded'
      log.info(sentence, { by, ...toldOf(done) })
      this.#pipelines.reports?.reloaded(done.changed)
      return done
    } catch (error) {
      this.#lastReload = { atMs: Date.now(), isSuccessful: false }
      if (!(error instanceof ProblemsError)) {
        log.error('Not reloaded', { by, error: error instanceof Error ? error.stack : String(error) })
        throw error
      }
      for (const { message, where, remedy } of error.problems) {
        log.error(`Not reloaded: ${message}`, {
          by,
          where: formatPlace(where),
          ...(remedy !== undefined && { remedy }),
        })
      }
      this.#pipelines.reports?.reloadFailed(error.problems.map(formatProblem).join('; '))
      throw error
    }
  }

  async #change(deliverAgain: boolean): Promise<Reloaded> {
    const { read, log, follow } = this.#options
    if (read === undefined || !follow) {
      throw refusal('it runs with --once, and ends by itself', 'wait for its end and start it again')
    }
    await this.#begun
    const config = await readAnew(read)
    const { prepared, problems } = await this.#prepareAnew(config, deliverAgain)
    const plan = planReload({ config: this.#config, prepared: this.#prepared }, { config, prepared })
    try {
      if (problems.length > 0) throw new ProblemsError(problems)
      await keepAgent(config)
      if (plan.changesHttp) await this.#http?.change(config)
    } catch (error) {
      await discard(prepared.pipelines)
      throw error
    }
    await tellChangedStarts(config, log)
    const isUsed = ({ name }: PreparedPipeline) =>
      plan.started.includes(name) || plan.restarted.includes(name)
    // Those that stay as they are go on with what they were made of.
    await discard(prepared.pipelines.filter((each) => !isUsed(each)))
    const before = this.#prepared.pipelines
    const pipelines = prepared.pipelines.map((each) =>
      isUsed(each) ? each : (before.find(({ name }) => name === each.name) ?? each),
    )
    this.#prepared = { ...prepared, pipelines }
    this.#config = config
    await this.#pipelines.change(config, pipelines)
    await noteNames(config, log)
    return plan
  }

  /** What would be at work, and all that is wrong with it: then nothing of it may be. */
  async #prepareAnew(
    config: Config,
    deliverAgain: boolean,
  ): Promise<{ readonly prepared: Prepared; readonly problems: readonly Problem[] }> {
    const problems = [
      ...(await this.#refused(config)),
      ...(deliverAgain ? [] : (await renamed(config)).map(withConfirmation)),
    ]
    if (this.#stopping.aborted || !this.#isAtWork) {
      problems.push(...refusal('it is being stopped', 'start it again').problems)
    }
    try {
      const files = await filesAnew(config, this.#prepared)
      return { prepared: prepare(config, this.#options.log, files), problems }
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error
      const nothing: Prepared = { pipelines: [], sourceFiles: new Map(), httpFiles: new Map() }
      return { prepared: nothing, problems: [...error.problems, ...problems] }
    }
  }

  /** What can't be changed while it runs, and what a new destination would find. */
  async #refused(config: Config): Promise<readonly Problem[]> {
    if (config.state === this.#config.state) return this.#pipelines.unreadableStates(config)
    return [
      {
        where: config.placeOf(['state']),
        message: `names another state folder than ${this.#config.state}, which is at work`,
        remedy: 'set it back, or stop msgtrk and start it again: positions in the new folder count then',
      },
    ]
  }
}
