/** The one door to a configuration for commands: it is right, or all that is wrong with it is told at once. */
import { ConfigError, configFromOptions, loadConfig, type RunOptions } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { type Log, silent } from '../flow/log.ts'
import type { Problem } from '../mistakes/problem.ts'

/** Finds what only a try shows; `log` hears of doubts. */
export type TryOut = (config: Config, log: Log) => Promise<readonly Problem[]>

/**
 * The configuration in the file of this name, or that the options of a command line stand for. Throws a `ProblemsError`
 * with all its mistakes otherwise: `tryOut` finds those that only a try shows, in what is right of it.
 */
export async function readConfig(
  written: string | RunOptions,
  {
    env = process.env,
    tryOut = whole,
  }: { readonly env?: Readonly<Record<string, string | undefined>>; readonly tryOut?: TryOut } = {},
): Promise<Config> {
  try {
    return typeof written === 'string' ? await loadConfig(written, { env }) : configFromOptions(written)
  } catch (error) {
    if (!(error instanceof ConfigError) || error.remains.right === undefined) throw error
    // Doubts are for who has a configuration without mistakes.
    throw error.with(await tryOut(error.remains.right, silent))
  }
}

/** Loaded with all that it tries only where something is wrong already: most commands need none of it. */
const whole: TryOut = async (config, log) => (await import('./check.ts')).checkDeeply(config, log)
