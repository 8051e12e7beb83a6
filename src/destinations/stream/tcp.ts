import { connect } from 'node:net'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { formatHostPort, type HostPort } from '../host-port.ts'
import { DestinationStatus } from '../status.ts'
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
  const peer = formatHostPort(target)
  const timeoutMs = options.connectTimeoutMs
  return new StreamDestination(
    options,
    target,
    async (signal) => {
      const socket = connect({ host: target.host, port: target.port, allowHalfOpen: true })
      await opened(socket, { peer, event: 'connect', timeoutMs, signal })
      return tcpLink(socket)
    },
    new DestinationStatus(options.name, options.to, log, { events }),
    times,
  )
}
