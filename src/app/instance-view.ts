/** What others see of the running program, and may ask of it. */
import type { Config } from '../config/schema.ts'
import type { InstanceStatus } from '../status/snapshot.ts'
import type { Pauses } from './pauses.ts'
import type { Reloaded } from './reload-plan.ts'
import type { ReloadRequest } from './reload-queue.ts'
import type { PipelineView } from './running-pipeline.ts'
import type { Taps } from './taps.ts'

/** What others may know of a running instance. */
export interface InstanceView {
  /** The configuration in force. */
  readonly config: Config
  /** In the order of the configuration. */
  readonly pipelines: readonly PipelineView[]
  /** The last reload; null before the first. */
  readonly lastReload: LastReload | null
  /** From now on the listener hears of pipelines, of those that are there first. */
  listen(listener: InstanceListener): void
  /**
   * Reads the configuration again, with all that it refers to, and changes what differs; resolves when that is done, ten
   * seconds later at most. Rejects with a `ProblemsError` with all mistakes, and then nothing has changed. Who asks while
   * one is under way shares the next.
   */
  reload(request: ReloadRequest): Promise<Reloaded>
}

/** A running instance that can be asked how it fares. */
export interface ObservedInstance extends InstanceView {
  /** Pauses destinations, and lets them go on. */
  readonly pauses: Pick<Pauses, 'pause' | 'resume'>
  /** Live events, for who looks on. */
  readonly taps: Pick<Taps, 'open'>
  /** As it is now; the same for all who ask within a second. */
  status(): Promise<InstanceStatus>
}

/** What became of a reload, and when, in milliseconds since 1970. */
export interface LastReload {
  readonly atMs: number
  readonly isSuccessful: boolean
}

/** Who wants to hear of pipelines that come and go; must not throw. */
export interface InstanceListener {
  /** A pipeline is put together, and begins to deliver next. */
  begins?(pipeline: PipelineView): void
  /** It was stopped, and others go on. */
  ended?(pipeline: PipelineView): void
  /** Another configuration is in force from now on. */
  reloads?(config: Config): void
}
