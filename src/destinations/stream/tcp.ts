import { connect } from 'node:net'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { formatHostPort, type HostPort } from '../../network/host-port.ts'
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
  { connectTimeoutMs: timeoutMs }: Pick<StreamOptions, 'connectTimeoutMs'>,
  target: HostPort,
): Connect {
  const peer = formatHostPort(target)
  return async (signal) => {
    const socket = connect({ host: target.host, port: target.port, allowHalfOpen: true })
    await opened(socket, { peer, event: 'connect', timeoutMs, signal })
    return tcpLink(socket)
  }
}
