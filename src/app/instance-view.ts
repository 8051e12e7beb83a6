/** What others see of the running program. */
import type { Config } from '../config/schema.ts'
import type { PipelineView } from './running-pipeline.ts'

/** What others may know of a running instance. */
export interface InstanceView {
  /** The configuration in force. */
  readonly config: Config
  /** In the order of the configuration. */
  readonly pipelines: readonly PipelineView[]
  /** From now on the listener hears of pipelines, of those that are there first. */
  listen(listener: InstanceListener): void
}

/** Who wants to hear of pipelines that come and go; must not throw. */
export interface InstanceListener {
  /** A pipeline is put together, and begins to deliver next. */
  begins?(pipeline: PipelineView): void
  /** It was stopped, and others go on. */
  ended?(pipeline: PipelineView): void
}
