/** The certificates that a receiver shows, looked at without trusting any of them: nothing is sent to it. */
import type { X509Certificate } from 'node:crypto'
import { connect as connectTcp, isIP } from 'node:net'
import { checkServerIdentity, connect } from 'node:tls'
import { formatHostPort, type HostPort } from '../../network/host-port.ts'
import { plain } from '../../network/reasons.ts'
import { opened } from './opening.ts'

/** What was seen of a receiver. */
export interface ShownChain {
  /** As it showed them: its own first, then those of the authorities above it. */
  readonly certificates: readonly [X509Certificate, ...X509Certificate[]]
  /** Whether the authorities that this program trusts by itself vouch for it, under the name that was asked for. */
  readonly isTrusted: boolean
  /** Why not, as OpenSSL calls it; null when they do. */
  readonly objection: string | null
}

/** How a receiver is looked at. */
export interface ShownChainOptions {
  readonly signal: AbortSignal
  /** For connecting and for the handshake, each. */
  readonly timeoutMs?: number
  /** The name its certificate should be for; the host by default. */
  readonly serverName?: string | undefined
}

/** A longer chain is none. */
const mostInChain = 10

/** Rejects with an `Error` whose message is the reason when it can't be reached or speaks no TLS. */
export async function chainShownBy(
  target: HostPort,
  { signal, timeoutMs = 10_000, serverName = target.host }: ShownChainOptions,
): Promise<ShownChain> {
  const peer = formatHostPort(target)
  const tcp = connectTcp({ host: target.host, port: target.port })
  await opened(tcp, { peer, event: 'connect', timeoutMs, signal })
  const socket = connect({
    socket: tcp,
    minVersion: 'TLSv1.2',
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    // Nothing is written to it: only what it shows is read.
    rejectUnauthorized: false,
  })
  try {
    await opened(socket, { peer, event: 'secureConnect', timeoutMs, signal })
    const own = socket.getPeerX509Certificate()
    if (own === undefined) throw new Error(`${peer} showed no certificate`)
    const { authorized, authorizationError } = socket
    const code: unknown =
      authorizationError instanceof Error ? authorizationError.message : authorizationError
    return {
      certificates: [own, ...issuersOf(own)],
      isTrusted: authorized,
      objection: authorized ? null : plain(String(code)),
    }
  } finally {
    socket.on('error', () => {})
    socket.destroy()
  }
}

function issuersOf(own: X509Certificate): X509Certificate[] {
  const issuers: X509Certificate[] = []
  let below = own
  while (issuers.length < mostInChain) {
    const issuer: X509Certificate | undefined = below.issuerCertificate
    if (issuer === undefined || issuer.fingerprint256 === below.fingerprint256) break
    issuers.push(issuer)
    below = issuer
  }
  return issuers
}

/** What a person compares: `of` says whose it is, the names are made plain. */
export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  /** `DNS:siem.example.com, IP Address:10.0.0.5`; empty when it names none. */
  readonly names: string
  readonly validFrom: string
  readonly validTo: string
  /** `sha-256:AB:CD:…`, as `tls.fingerprint` takes it. */
  readonly fingerprint: string
  readonly isSelfSigned: boolean
}

/** Names in a certificate are the choice of whoever made it: they are made plain. */
export function factsOf(certificate: X509Certificate): CertificateFacts {
  const { subject, issuer, subjectAltName, validFrom, validTo, fingerprint256 } = certificate
  return {
    subject: distinguishedName(subject),
    issuer: distinguishedName(issuer),
    names: plain(subjectAltName ?? '', 400),
    validFrom,
    validTo,
    fingerprint: `sha-256:${fingerprint256}`,
    isSelfSigned: isSelfSigned(certificate),
  }
}

/** Whether it vouches for itself, as a root does: only such a one can be trusted as an authority. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  try {
    return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey)
  } catch {
    return false // a key of a kind that is not known here
  }
}

function distinguishedName(name: string | undefined): string {
  return name === undefined || name === '' ? '(none)' : plain(name.replaceAll('\n', ', '), 200)
}
