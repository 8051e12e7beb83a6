/** What a configuration asks for, made, and the state folder that it works in, taken. */

import type { Config } from '../config/schema.ts'
import type { Log } from '../flow/log.ts'
import { type FolderLock, lockFolder } from '../lock/lock.ts'
import { keepAgent } from './agent.ts'
import { type Prepared, prepare } from './prepare.ts'

/** Throws a `ProblemsError`, and then nothing is taken. */
export async function hold(
  config: Config,
  { log, stop }: { readonly log: Log; readonly stop: AbortSignal },
): Promise<{ readonly prepared: Prepared; readonly lock: FolderLock }> {
  const prepared = prepare(config, log)
  const lock = await lockFolder(config.state, { log, stop })
  try {
    // Another process may have kept an id since one was made here.
    return { prepared: (await keepAgent(config)) ? prepare(config, log) : prepared, lock }
  } catch (error) {
    await lock.release()
    throw error
  }
}
