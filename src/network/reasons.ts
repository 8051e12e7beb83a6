/** Errors of sockets and of TLS as sentences for a person. They stand in outcomes and in the own log. */

/** How far a connection had come when it failed. */
export type Phase = 'connecting' | 'handshake' | 'open'

const plainText = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_UNKNOWN_PROTOCOL',
  'ERR_SSL_RECORD_LAYER_FAILURE',
])

/** The code of an error: the peer answers plain text with an alert of TLS. */
export const speaksTls = 'SPEAKS_TLS'

/** Alerts (RFC 8446, 6.2) with which a peer refuses our certificate. */
const certificateAlert =
  /bad certificate|unsupported certificate|certificate (revoked|expired|unknown)|unknown ca|access denied/

/** Says what happened to the connection with `peer` (`host:port`). The same error gives the same sentence. */
export function reasonFor(error: Error, peer: string, phase: Phase): string {
  // When a name has several addresses, `connect` fails with one error for each of them.
  const cause: Error =
    error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error
  const code = codeOf(error) ?? codeOf(cause) ?? ''
  switch (code) {
    case 'ECONNREFUSED':
      return `connection refused by ${peer}: nothing listens there, or a firewall rejects it`
    case 'ENOTFOUND':
      return `name not found for ${peer}: check the host and the name server`
    case 'EAI_AGAIN':
      return `the name server does not answer for ${peer}`
    case 'ETIMEDOUT':
      return `no answer from ${peer}`
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return `no route to ${peer}`
    case 'EACCES':
    case 'EPERM':
      return `the system does not permit a connection to ${peer}: check the local firewall`
    case 'EMFILE':
    case 'ENFILE':
      return 'too many open files: raise the limit of this process'
    case 'ECONNRESET':
      return phase === 'handshake'
        ? `${peer} closed the connection during the TLS handshake: it may not speak TLS on this port, or not accept the client certificate`
        : `connection reset by ${peer}`
    case speaksTls:
      return `${peer} speaks TLS on this port: use tls:// for it, or its port for plain text`
    case 'EPIPE':
      return `connection closed by ${peer}`
  }
  if (phase === 'handshake' && plainText.has(code)) {
    return `${peer} does not speak TLS on this port: use its TLS port, or tcp:// if plain text is meant`
  }
  if (code === 'ERR_SSL_UNSUPPORTED_PROTOCOL' || code.endsWith('ALERT_PROTOCOL_VERSION')) {
    return `${peer} offers no TLS 1.2 or newer`
  }
  const alert = alertOf(error, code)
  if (alert !== undefined) return `${peer} refused with the TLS alert "${alert}"${alertHint(alert)}`
  return `connection with ${peer} failed: ${plain(cause.message)}${code === '' ? '' : ` (${code})`}`
}

/** Why a clean end proves nothing: what the kernel says of it, or, with that in order, what TLS does not say. */
export function doubtOf(answer: 'no' | 'forgotten' | 'yes' | 'unknown', peer: string): string {
  switch (answer) {
    case 'no':
      return `${peer} closed the connection without having acknowledged all that was sent`
    case 'forgotten':
      return (
        'this system does not keep ended connections (its limit is net.ipv4.tcp_max_tw_buckets), so that nothing shows ' +
        'whether all was acknowledged; from now on that is found out before the end'
      )
    default:
      return `${peer} ended the connection without the TLS goodbye that it has said before: a proxy or load balancer in between may have answered for it`
  }
}

/** One line without control characters, at most `limit` characters: safe in a log, whoever wrote it. */
export function plain(text: string, limit = 300): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim()
  return line.length > limit ? `${line.slice(0, limit)}…` : line
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function alertOf(error: Error, code: string): string | undefined {
  if (!code.includes('ALERT')) return undefined
  const text = 'reason' in error && typeof error.reason === 'string' ? error.reason : code
  return plain(
    text
      .toLowerCase()
      .replaceAll('_', ' ')
      .replace(/^.*alert /, ''),
  )
}

function alertHint(alert: string): string {
  if (alert === 'certificate required' || alert === 'handshake failure') {
    return ': it may ask for a client certificate; set tls.cert and tls.key'
  }
  return certificateAlert.test(alert)
    ? ': it does not accept the client certificate; check tls.cert, and who signed it'
    : ''
}
