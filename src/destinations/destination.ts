import type { Destination } from '../flow/delivery.ts'
import type { Listener } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'
import { Failover } from './around/failover.ts'
import { RateLimit } from './around/rate-limit.ts'
import type { Receiver } from './kind.ts'
import { parseTarget } from './kinds.ts'
import { type DestinationOptions, defaultFailback } from './options.ts'

/** Makes the destination that the settings describe; `events` hears of its receivers and failovers. Throws a `ProblemsError` when they can't be used. */
export function createDestination(options: DestinationOptions, log: Log, events?: Listener): Destination {
  const { to, failover, maxEventsPerSecond } = options
  const receiver =
    failover === undefined
      ? createReceiver(options, log, events)
      : createFailover(options, failover, log, events)
  // A pace of its own is smoother.
  const isLimited = maxEventsPerSecond !== undefined && !parseTarget(to).kind.hasOwnPace
  return isLimited ? new RateLimit(receiver, maxEventsPerSecond) : receiver
}

function createFailover(
  options: DestinationOptions,
  others: readonly string[],
  log: Log,
  events: Listener | undefined,
): Failover {
  const targets = [options.to, ...others].map((to) => {
    const destination = createReceiver({ ...options, to }, log, events)
    // Kinds that can't tell have no part in failover: the settings are checked for it.
    const probe = async (signal: AbortSignal) => (await destination.probe?.(signal)) ?? null
    return { to, destination, probe }
  })
  return new Failover(options.name, targets, options.failback ?? defaultFailback, log, events)
}

function createReceiver(options: DestinationOptions, log: Log, events: Listener | undefined): Receiver {
  const { kind, address } = parseTarget(options.to)
  return kind.create(options, address, log, events)
}
