import { connect } from 'node:net'
import type { Log } from '../../flow/log.ts'
import type { DestinationOptions } from '../options.ts'
import { formatTarget, type Target } from '../target.ts'
import { tcpLine } from './link.ts'
import { opened } from './opening.ts'
import { StreamDestination } from './stream.ts'

/** Syslog over plain TCP. */
export function createTcp(options: DestinationOptions, target: Target, log: Log): StreamDestination {
  const peer = formatTarget(target)
  const timeoutMs = options.connectTimeoutMs
  return new StreamDestination(
    options,
    target,
    async (signal) => {
      const socket = connect({ host: target.host, port: target.port, allowHalfOpen: true })
      await opened(socket, { peer, event: 'connect', timeoutMs, signal })
      return tcpLine(socket)
    },
    log,
  )
}
