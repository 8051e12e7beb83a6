import { isIP } from 'node:net'
import { type ConnectionOptions, checkServerIdentity, connect } from 'node:tls'
import type { Destination, Log } from '../types.ts'
import { loadCredentials } from './credentials.ts'
import { checkPeer } from './identity.ts'
import { opened } from './opening.ts'
import { type DestinationOptions, normaliseFingerprint } from './options.ts'
import { StreamDestination } from './stream.ts'
import { formatTarget, type Target } from './target.ts'

/** Syslog over TLS 1.2 or newer. Throws a `ProblemsError` when a PEM file can't be used. */
export function createTls(options: DestinationOptions, target: Target, log: Log): Destination {
  const { serverName = target.host, fingerprint } = options.tls ?? {}
  const secureContext = loadCredentials(options.tls ?? {})
  const peer = formatTarget(target)
  const identity = {
    peer,
    serverName,
    fingerprint: fingerprint === undefined ? undefined : normaliseFingerprint(fingerprint),
  }
  // @types/node does not know allowHalfOpen here, though Node documents it.
  const settings: ConnectionOptions & { readonly allowHalfOpen: boolean } = {
    host: target.host,
    port: target.port,
    allowHalfOpen: true,
    secureContext,
    minVersion: 'TLSv1.2',
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    // Not a way around verification: Node judges the certificate all the same, `checkPeer` acts on the
    // verdict before a byte is written, and can still say which certificate it was.
    rejectUnauthorized: false,
  }
  return new StreamDestination(
    options,
    target,
    async (signal) => {
      const socket = connect(settings)
      await opened(socket, { peer, event: 'secureConnect', timeoutMs: options.connectTimeoutMs, signal })
      checkPeer(socket, identity)
      return socket
    },
    log,
  )
}
