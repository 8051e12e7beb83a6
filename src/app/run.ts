/** An instance from its start to its end, for whoever only wants its result. */
import type { ExitCode } from '../mistakes/problem.ts'
import { Instance, type InstanceOptions } from './instance.ts'
import type { PipelineView } from './running-pipeline.ts'

export interface RunOptions extends Omit<InstanceOptions, 'onStart'> {
  /** Called once everything is put together and delivery begins. */
  readonly onStart?: (pipelines: readonly PipelineView[]) => void
}

/** Delivers as `Instance` does, and throws as it does. */
export async function run({ onStart, ...options }: RunOptions): Promise<ExitCode> {
  const instance = await Instance.open({ ...options, onStart: ({ pipelines }) => onStart?.(pipelines) })
  return instance.run()
}
