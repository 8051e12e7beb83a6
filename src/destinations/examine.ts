/** Tries the receivers of a destination, each as its kind does. */
import type { Examined } from '../mistakes/examined.ts'
import { parseTarget } from './kinds.ts'
import type { DestinationOptions } from './options.ts'

/** What was seen of one receiver. */
export interface ExaminedReceiver {
  /** Its address, as it was written. */
  readonly to: string
  readonly examined: readonly Examined[]
}

/** `to` and those of `failover`, at the same time. Nothing is sent to them. `listenMs` is for tests. */
export function examineReceivers(
  options: DestinationOptions,
  signal: AbortSignal,
  listenMs?: number,
): readonly Promise<ExaminedReceiver>[] {
  return [options.to, ...(options.failover ?? [])].map(async (to) => {
    const { kind, address } = parseTarget(to)
    return { to, examined: await kind.examine({ ...options, to }, address, signal, listenMs) }
  })
}
