/** Is the peer who it should be? Decided after the handshake and before anything is written. */
import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { plain } from '../../network/reasons.ts'

/** Who the peer should be. */
interface Identity {
  /** `host:port`, named in reasons. */
  readonly peer: string
  readonly serverName: string
  /** `AA:BB:…` of SHA-256; when given it decides alone. */
  readonly fingerprint: string | undefined
}

/**
 * The certificate that the peer showed, which Node.js gives once. Destroys the socket and throws an `Error` that says
 * which certificate was seen and what can be done.
 */
export function checkPeer(socket: TLSSocket, identity: Identity): X509Certificate {
  const certificate = socket.getPeerX509Certificate()
  const reason = objection(socket, certificate, identity)
  if (certificate !== undefined && reason === undefined) return certificate
  socket.on('error', () => {})
  socket.destroy()
  throw new Error(reason)
}

function objection(
  socket: TLSSocket,
  certificate: X509Certificate | undefined,
  identity: Identity,
): string | undefined {
  if (certificate === undefined) return `${identity.peer} showed no certificate`
  if (identity.fingerprint !== undefined) {
    return certificate.fingerprint256 === identity.fingerprint
      ? undefined
      : `${identity.peer} shows another certificate than tls.fingerprint names: ${describe(certificate)}. ` +
          'If the certificate was renewed, set tls.fingerprint to the new one; if not, someone may be listening in'
  }
  if (socket.authorized) return undefined
  return verdict(String(codeOf(socket.authorizationError)), certificate, identity)
}

/** @types/node calls it an Error; it is the error's code, or its message if it has none. */
function codeOf(authorizationError: unknown): unknown {
  return authorizationError instanceof Error ? authorizationError.message : authorizationError
}

function verdict(code: string, certificate: X509Certificate, { peer, serverName }: Identity): string {
  const seen = describe(certificate)
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return (
        `the certificate of ${peer} is not for ${serverName} but for ` +
        `${plain(certificate.subjectAltName ?? 'no name at all')}: ${seen}. ` +
        'Use one of its names in `to`, or set tls.serverName to one'
      )
    case 'CERT_HAS_EXPIRED':
      return `the certificate of ${peer}, or one it depends on, has expired: ${seen}. Renew it there, and check the clock here`
    case 'CERT_NOT_YET_VALID':
      return `the certificate of ${peer}, or one it depends on, is not valid yet: ${seen}. Check the clock here and there`
    case 'CERT_REVOKED':
      return `the certificate of ${peer} was revoked: ${seen}. Replace it there`
    default:
      return (
        `the certificate of ${peer} has no trusted chain (${plain(code)}): ${seen}. ` +
        "Set tls.ca to the issuing authority's certificate, or to system where this machine trusts it, or tls.fingerprint " +
        'to this fingerprint'
      )
  }
}

/** Names in a certificate are the peer's choice: they are made plain. */
function describe(certificate: X509Certificate): string {
  return (
    `subject ${distinguishedName(certificate.subject)}, issuer ${distinguishedName(certificate.issuer)}, ` +
    `sha-256:${certificate.fingerprint256}, valid from ${certificate.validFrom} to ${certificate.validTo}`
  )
}

function distinguishedName(name: string | undefined): string {
  return name === undefined || name === '' ? '(none)' : plain(name.replaceAll('\n', ', '), 200)
}
