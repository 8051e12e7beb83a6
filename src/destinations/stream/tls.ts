import { isIP } from 'node:net'
import { type ConnectionOptions, checkServerIdentity, connect, type TLSSocket } from 'node:tls'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { chainOf, ownCertificate } from '../../network/certificates.ts'
import { loadCredentials } from '../../network/credentials.ts'
import { formatHostPort, type HostPort } from '../../network/host-port.ts'
import { reasonFor } from '../../network/reasons.ts'
import { DestinationStatus } from '../status.ts'
import type { Connect } from './connector.ts'
import { checkPeer } from './identity.ts'
import { tlsLink, Wire } from './link.ts'
import { opened } from './opening.ts'
import { StreamDestination } from './stream.ts'
import { beginTcp } from './tcp.ts'
import type { StreamTimes } from './times.ts'
import { normaliseFingerprint, type TlsStreamOptions } from './tls-options.ts'

/** Syslog over TLS 1.2 or newer. Throws a `ProblemsError` when a PEM file can't be used. */
export function createTls(
  options: TlsStreamOptions,
  target: HostPort,
  log: Log,
  events?: Listener,
  times?: StreamTimes,
): StreamDestination {
  return new StreamDestination(
    options,
    target,
    tlsConnect(options, target, times),
    new DestinationStatus(options.name, options.to, log, { events }),
    times,
  )
}

/** Connects and proves the identity of the peer. Throws a `ProblemsError` when a PEM file can't be used. */
export function tlsConnect(
  options: Pick<TlsStreamOptions, 'connectTimeoutMs' | 'preferredIp' | 'tls'>,
  target: HostPort,
  times?: StreamTimes,
): Connect {
  const { serverName = target.host, fingerprint } = options.tls ?? {}
  const secureContext = loadCredentials(options.tls ?? {})
  const peer = formatHostPort(target)
  const identity = {
    peer,
    serverName,
    fingerprint: fingerprint === undefined ? undefined : normaliseFingerprint(fingerprint),
  }
  const settings: ConnectionOptions = {
    secureContext,
    minVersion: 'TLSv1.2',
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    // Not a way around verification: Node judges the certificate all the same, `checkPeer` acts on the
    // verdict before a byte is written, and can still say which certificate it was.
    rejectUnauthorized: false,
  }
  const own = ownCertificate(options.tls?.cert)
  const refusal =
    options.tls?.cert === undefined
      ? 'so soon it may mean that it asks for a client certificate (tls.cert and tls.key)'
      : 'so soon it may mean that it does not accept the client certificate in tls.cert'
  return async (signal) => {
    const limit = { peer, timeoutMs: options.connectTimeoutMs, signal }
    const tcp = beginTcp(target, options.preferredIp)
    await opened(tcp, { ...limit, event: 'connect' })
    const wire = new Wire(tcp, times)
    const socket = connect({ ...settings, socket: wire })
    const startedAt = performance.now()
    await opened(socket, { ...limit, event: 'secureConnect' })
    const certificate = checkPeer(socket, identity)
    if (socket.getProtocol() === 'TLSv1.3')
      await heard(socket, { peer, refusal }, performance.now() - startedAt)
    return tlsLink(socket, wire, { refusal, certificates: [...chainOf(certificate), ...own] })
  }
}

/**
 * With TLS 1.3 the handshake is over before the peer has seen our certificate. Its answer, a refusal or a
 * session ticket, comes within a round trip; a peer that sends neither is given as long as the handshake took.
 */
async function heard(
  socket: TLSSocket,
  { peer, refusal }: { readonly peer: string; readonly refusal: string },
  handshakeMs: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('session', () => resolve())
      socket.once('error', (error) => reject(new Error(reasonFor(error, peer, 'open'))))
      socket.once('close', () => reject(new Error(`connection closed by ${peer}; ${refusal}`)))
      timer = setTimeout(resolve, handshakeMs)
    })
  } finally {
    clearTimeout(timer)
  }
}
