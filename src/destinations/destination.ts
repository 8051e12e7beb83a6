import type { Destination } from '../flow/delivery.ts'
import type { Listener } from '../flow/events.ts'
import type { Log } from '../flow/log.ts'
import { Failover } from './around/failover.ts'
import { RateLimit } from './around/rate-limit.ts'
import { createUdp } from './datagrams/udp.ts'
import { type DestinationOptions, defaultFailback } from './options.ts'
import type { StreamDestination } from './stream/stream.ts'
import { createTcp } from './stream/tcp.ts'
import { createTls } from './stream/tls.ts'
import { parseTarget } from './target.ts'

/** A destination as its settings describe it, which may be several receivers. */
export interface ConfiguredDestination extends Destination {
  /** URL of the receiver that gets the batches now. */
  readonly active: string
}

/** Makes the destination that the settings describe; `events` hears of its failovers. Throws a `ProblemsError` when they can't be used. */
export function createDestination(
  options: DestinationOptions,
  log: Log,
  events?: Listener,
): ConfiguredDestination {
  const { name, to, maxEventsPerSecond } = options
  const failover = options.failover && createFailover(options, options.failover, log, events)
  const receiver = failover ?? createReceiver(options, log)
  // UDP has a pace of its own, which is smoother.
  const isLimited = maxEventsPerSecond !== undefined && parseTarget(to).protocol !== 'udp'
  const destination = isLimited ? new RateLimit(receiver, maxEventsPerSecond) : receiver
  return {
    name,
    get active() {
      return failover?.active ?? to
    },
    send: (batch) => destination.send(batch),
    close: () => destination.close(),
  }
}

function createFailover(
  options: DestinationOptions,
  others: readonly string[],
  log: Log,
  events: Listener | undefined,
): Failover {
  const targets = [options.to, ...others].map((to) => {
    const destination = createStream({ ...options, to }, log)
    return { to, destination, probe: (signal: AbortSignal) => destination.probe(signal) }
  })
  return new Failover(options.name, targets, options.failback ?? defaultFailback, log, events)
}

function createReceiver(options: DestinationOptions, log: Log): Destination {
  const target = parseTarget(options.to)
  return target.protocol === 'udp' ? createUdp(options, target, log) : createStream(options, log)
}

/** UDP has no part in failover: the settings are checked for it. */
function createStream(options: DestinationOptions, log: Log): StreamDestination {
  const target = parseTarget(options.to)
  return target.protocol === 'tls' ? createTls(options, target, log) : createTcp(options, target, log)
}
