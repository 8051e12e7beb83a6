/**
 * A look at a receiver over TCP or TLS: connects as for delivery, listens, says goodbye and waits for the peer's. Nothing
 * is sent, and every wait is bounded. What can be told of a proxy that may stand in between decision 9 says.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import type { SeenCertificate } from '../../flow/events.ts'
import { type Examined, failure, ok, warning } from '../../mistakes/examined.ts'
import { authoritiesIn, examineCertificate, trustedBy } from '../../network/certificates.ts'
import { formatHostPort, type HostPort } from '../../network/host-port.ts'
import { examineName } from '../../network/names.ts'
import { plain } from '../../network/reasons.ts'
import { endsUnasked } from '../lasting.ts'
import { listsConnections } from '../proof/tcp-state.ts'
import { Connection } from './connection.ts'
import type { Connect } from './connector.ts'
import type { Link } from './link.ts'
import type { StreamOptions } from './options.ts'
import { tcpConnect } from './tcp.ts'
import { tlsConnect } from './tls.ts'
import type { TlsOptions, TlsStreamOptions } from './tls-options.ts'

/** Nobody waits longer, whatever the settings say. */
const mostMs = 10_000
/** How long a peer is listened to that was sent nothing. */
const usualListenMs = 500
/** On plain TCP a proxy takes connections for itself, and lets them go when it has tried its receiver for some seconds. */
const proxyListenMs = 4500
/** An empty connection is closed at once, unless somebody has to be asked first. */
const slowEndMs = 1000
const longestGreeting = 60
/** A file may hold all authorities of a system. */
const mostShown = 4
const tlsPort = 6514

/** A receiver over plain TCP. */
export function examineTcp(
  options: StreamOptions,
  target: HostPort,
  signal: AbortSignal,
  listenMs = proxyListenMs,
): Promise<readonly Examined[]> {
  return examineStream(tcpConnect(bounded(options), target), { options, target, signal, listenMs })
}

/** A receiver over TLS. */
export function examineTls(
  options: TlsStreamOptions,
  target: HostPort,
  signal: AbortSignal,
  listenMs = usualListenMs,
): Promise<readonly Examined[]> {
  const connect = tlsConnect(bounded(options), target)
  return examineStream(connect, { options, target, signal, listenMs, tls: options.tls ?? {} })
}

function bounded<Options extends StreamOptions>(options: Options): Options {
  return { ...options, connectTimeoutMs: Math.min(options.connectTimeoutMs, mostMs) }
}

interface Surroundings {
  readonly options: StreamOptions
  readonly target: HostPort
  readonly signal: AbortSignal
  readonly listenMs: number
  /** Undefined on plain TCP. */
  readonly tls?: TlsOptions
}

async function examineStream(connect: Connect, around: Surroundings): Promise<readonly Examined[]> {
  const { examined, addresses } = await examineName(around.target)
  if (addresses.length === 0) return examined
  const startedMs = performance.now()
  let link: Link
  try {
    link = await connect(around.signal)
  } catch (error) {
    return [...examined, refused(error instanceof Error ? error.message : String(error))]
  }
  const ms = Math.round(performance.now() - startedMs)
  return [
    ...examined,
    connected(link, ms, around),
    ...certificatesOf(link, around).map((certificate) => examineCertificate(certificate, Date.now())),
    ...(await examineEnd(link, around)),
  ]
}

/** Sentences about certificates end with what to do, in a sentence of its own. */
function refused(reason: string): Examined {
  const [, message = reason, remedy] = /^(.*?)\. ((?:Set|Use|Renew|Check|Replace|If) .*)$/s.exec(reason) ?? []
  const isOfTls = remedy !== undefined || /TLS|certificate/.test(reason)
  return failure(
    isOfTls ? 'TLS' : 'connection',
    message,
    remedy ??
      (isOfTls
        ? undefined
        : 'see that the receiver runs and listens at `to`, and what firewalls on the way let through'),
  )
}

function connected({ socket, tcp }: Link, ms: number, { target, tls }: Surroundings): Examined {
  const where = `${formatHostPort({ host: tcp.remoteAddress ?? target.host, port: target.port })}`
  if (tls !== undefined) {
    const secure = socket as TLSSocket
    const by = tls.fingerprint !== undefined ? 'its fingerprint' : trustedBy(tls.ca)
    const cipher = secure.getCipher().standardName
    return ok('connection', `${where} in ${ms} ms, ${secure.getProtocol()} with ${cipher}, trusted by ${by}`)
  }
  if (target.port !== tlsPort) return ok('connection', `${where} in ${ms} ms`)
  return warning(
    'connection',
    `${where} in ${ms} ms; but ${tlsPort} is the port of syslog over TLS, and this is plain TCP`,
    'write tls:// in `to` if the receiver expects TLS there',
  )
}

/** As the peer showed them; those that we trust, where they are few; and our own. */
function certificatesOf({ certificates = [] }: Link, { tls }: Surroundings): readonly SeenCertificate[] {
  const known = new Set(certificates.map(({ subject }) => subject))
  const trusted = authoritiesIn(tls?.fingerprint === undefined ? tls?.ca : undefined)
  return [
    ...certificates,
    ...(trusted.length > mostShown ? [] : trusted.filter(({ subject }) => !known.has(subject))),
  ]
}

/** What the peer does that is sent nothing, and what when we end. */
async function examineEnd(link: Link, around: Surroundings): Promise<readonly Examined[]> {
  const { options, target, signal, listenMs } = around
  const peer = formatHostPort(target)
  let greeting = Buffer.alloc(0)
  const hear = (bytes: Buffer) => {
    if (greeting.length < longestGreeting) greeting = Buffer.concat([greeting, bytes])
  }
  link.socket.on('data', hear)
  let saidGoodbye: boolean | undefined
  const connection = new Connection(link, peer, options, {
    delivered() {},
    resetAtEnd: () => '',
    endedBy(closeNotify) {
      saidGoodbye = closeNotify
      return true
    },
    broken() {},
  })
  const stopped = new AbortController()
  const wait = <T>(ms: number, value: T) =>
    pause(ms, value, { signal: AbortSignal.any([signal, stopped.signal]) }).catch(() => value)
  try {
    const openedMs = performance.now()
    await Promise.race([connection.over, wait(listenMs, undefined)])
    const greeted = greeting.length === 0 ? [] : [strange(greeting, peer)]
    if (connection.trouble !== undefined)
      return [...greeted, endedUnasked(connection, performance.now() - openedMs, around)]
    const startedMs = performance.now()
    const limitMs = Math.min(options.closeTimeoutMs, mostMs)
    const ended = await Promise.race([connection.finish(), wait(limitMs, null)])
    const ms = Math.round(performance.now() - startedMs)
    if (ended === null) return [...greeted, neverEnded(limitMs, around)]
    if (typeof ended === 'string') return [...greeted, brokenAtEnd(ended, around)]
    const isListed = await listsConnections()
    return [...greeted, endedAfter(ms, isListed, around), ...betweenUs(saidGoodbye, around)]
  } finally {
    stopped.abort()
    connection.giveUp('looked at')
  }
}

function strange(greeting: Buffer, peer: string): Examined {
  return warning(
    'protocol',
    `${peer} speaks first, which no syslog receiver does: "${plain(greeting.toString('latin1'), longestGreeting)}"`,
    'compare the port in `to` with that of the receiver: another service seems to listen there',
  )
}

function endedUnasked(connection: Connection, ms: number, { options }: Surroundings): Examined {
  const { trouble = '', peerEndedFirst } = connection
  if (ms >= slowEndMs) {
    return warning(
      'end',
      `${trouble} after ${(ms / 1000).toFixed(1)} s, before anything was sent: a proxy whose receiver is down does so`,
      'see that the receiver itself is up, and set relay: true if a proxy stands before it; a receiver that lets quiet ' +
        'connections go so soon shows itself with --send-test-event',
    )
  }
  const remedy =
    'look into the log of the receiver: it may refuse this machine; a proxy whose receiver is down does so, too'
  if (!peerEndedFirst) return failure('end', `${trouble} before anything was sent`, remedy)
  return options.confirm === 'write'
    ? warning('end', `${trouble} before anything was sent`, remedy)
    : failure('end', `${trouble}${endsUnasked}`, remedy)
}

function neverEnded(limitMs: number, { options: { confirm, closeTimeoutMs } }: Surroundings): Examined {
  const message = `the peer has not closed the connection ${limitMs / 1000} s after our goodbye`
  if (confirm !== 'close') return ok('end', `${message}; with confirm: ${confirm} it need not`)
  return warning(
    'end',
    `${message}; after ${closeTimeoutMs / 1000} s delivery would count by time`,
    'set confirm: time if it never closes; or have it close, which proves what it has read',
  )
}

function brokenAtEnd(reason: string, { options: { confirm } }: Surroundings): Examined {
  const message = `answered our goodbye so that it proves nothing: ${reason}`
  return confirm === 'close'
    ? warning('end', message, 'set confirm: time, unless the receiver was just stopped')
    : ok('end', `${message}; with confirm: ${confirm} it need not`)
}

function endedAfter(ms: number, isListed: boolean, { options, tls }: Surroundings): Examined {
  const message = `closed ${ms} ms after our goodbye${
    isListed
      ? ', having acknowledged it'
      : '; this system does not tell whether all was acknowledged, so that the next connection alone shows it'
  }`
  if (ms >= slowEndMs) {
    return warning(
      'end',
      `${message}, which is long for an empty connection: a proxy whose receiver does not answer does so`,
      'see that the receiver itself is up; set relay: true if a proxy or load balancer stands before it',
    )
  }
  if (tls !== undefined || options.relay) return ok('end', message)
  return ok('end', `${message}; on plain TCP nobody can tell whether it was a proxy (then set relay: true)`)
}

/** Whether the end came from the receiver itself. */
function betweenUs(saidGoodbye: boolean | undefined, { options, tls }: Surroundings): readonly Examined[] {
  if (options.relay) {
    const by = options.confirm === 'time' ? `${options.confirmAfterMs / 1000} s after writing` : 'at once'
    const when = options.confirm === 'close' ? "with TLS's goodbye of the receiver" : by
    return [ok('relay', `relay: true, so that events count ${when}`)]
  }
  if (tls === undefined) return []
  if (saidGoodbye)
    return [ok('relay', 'said goodbye in TLS: no proxy that passes TLS on can do that in its place')]
  return [
    warning(
      'relay',
      'closed without a goodbye in TLS: a proxy or load balancer may have done it in the place of the receiver',
      'set relay: true if there is one in between; a receiver that never says goodbye may do without',
    ),
  ]
}
