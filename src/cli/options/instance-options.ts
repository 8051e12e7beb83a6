/** Which running instance a command is about. */
import path from 'node:path'
import type { Command } from 'commander'
import { readConfig } from '../../app/read-config.ts'
import { ConfigError } from '../../config/load.ts'
import { ask } from '../../control/client.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import type { InstanceStatus } from '../../status/snapshot.ts'

/** The options of a command that asks a running instance. */
export interface InstanceArguments {
  readonly config?: string
  readonly state?: string
}

/** Adds the options. */
export function withInstance(command: Command): Command {
  return command
    .option('--config <file>', 'configuration of the running instance')
    .option('--state <folder>', 'its state folder, when there is no configuration (default: msgtrk-state)')
}

/** The state folder of the instance. A configuration with mistakes elsewhere, as while it is edited, says it, too. */
export async function stateOf({ config, state }: InstanceArguments): Promise<string> {
  if (config === undefined) return path.resolve(state ?? 'msgtrk-state')
  if (state !== undefined) {
    throw new ProblemsError([
      { where: { option: '--state' }, message: 'does not go with --config', remedy: 'it is set in the file' },
    ])
  }
  try {
    // Only where the state is matters, and nothing else needs to be right for that.
    return (await readConfig(config, { tryOut: async () => [] })).state
  } catch (error) {
    if (error instanceof ConfigError && error.remains.state !== undefined) return error.remains.state
    throw error
  }
}

/** How it fares. Throws a `ProblemsError` when no instance answers. */
export async function askStatus(state: string): Promise<InstanceStatus> {
  return (await ask({ state, method: 'GET', path: '/status' })) as InstanceStatus
}
