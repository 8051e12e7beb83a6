import { connect, type Socket } from 'node:net'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { formatHostPort, type HostPort } from '../../network/host-port.ts'
import { type IpVersion, lookupPreferring } from '../../network/preferred-ip.ts'
import { DestinationStatus } from '../status.ts'
import type { Connect } from './connector.ts'
import { tcpLink } from './link.ts'
import { opened } from './opening.ts'
import type { StreamOptions } from './options.ts'
import { StreamDestination } from './stream.ts'
import type { StreamTimes } from './times.ts'

/** Syslog over plain TCP. */
export function createTcp(
  options: StreamOptions,
  target: HostPort,
  log: Log,
  events?: Listener,
  times?: StreamTimes,
): StreamDestination {
  return new StreamDestination(
    options,
    target,
    tcpConnect(options, target),
    new DestinationStatus(options.name, options.to, log, { events }),
    times,
  )
}

/** Connects. */
export function tcpConnect(
  { connectTimeoutMs: timeoutMs, preferredIp }: Pick<StreamOptions, 'connectTimeoutMs' | 'preferredIp'>,
  target: HostPort,
): Connect {
  const peer = formatHostPort(target)
  return async (signal) => {
    const socket = beginTcp(target, preferredIp)
    await opened(socket, { peer, event: 'connect', timeoutMs, signal })
    return tcpLink(socket)
  }
}

/** A socket that begins to connect; it may be ended on either side alone. */
export function beginTcp({ host, port }: HostPort, preferredIp: IpVersion | undefined): Socket {
  const lookup = lookupPreferring(preferredIp)
  return connect({ host, port, allowHalfOpen: true, ...(lookup !== undefined && { lookup }) })
}
