import type { Destination, Log } from '../types.ts'
import type { DestinationOptions } from './options.ts'
import { parseTarget } from './target.ts'
import { createTcp } from './tcp.ts'
import { createTls } from './tls.ts'
import { createUdp } from './udp.ts'

/** Makes the destination that `options.to` names; throws a `ProblemsError` when its settings can't be used. */
export function createDestination(options: DestinationOptions, log: Log): Destination {
  const target = parseTarget(options.to)
  switch (target.protocol) {
    case 'udp':
      return createUdp(options, target, log)
    case 'tcp':
      return createTcp(options, target, log)
    case 'tls':
      return createTls(options, target, log)
  }
}
