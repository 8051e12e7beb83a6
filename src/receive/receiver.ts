/**
 * Listens on one address and hands out frames: TCP, TLS or UDP.
 *
 * When a peer half-closes, everything it sent is read and handed out first and only then is the own side
 * closed: a sender may take the clean end of the connection as proof that all was read. A connection that is
 * given up for any other reason is reset, so that it proves nothing.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv6, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { ExitCode, ProblemsError } from '../mistakes/problem.ts'
import { BegunFrames } from './begun-frames.ts'
import { Deframer } from './framing.ts'
import { type ListenAddress, parseListen } from './listen-address.ts'

/** What went wrong with a peer. `frame`: data was unreadable; `connection`: the connection broke. */
export interface PeerProblem {
  readonly kind: 'frame' | 'connection'
  /** `address:port` of the other side. */
  readonly peer: string
  readonly reason: string
}

/** PEM texts. With `ca`, clients must show a certificate that it signed. */
export interface ReceiverTls {
  readonly cert: string
  readonly key: string
  readonly ca?: string
}

/** How a receiver is set up. */
export interface ReceiverOptions {
  /** `tcp://`, `tls://` or `udp://` with host and port; port 0 takes a free one. */
  readonly listen: string
  /** Required for `tls://`. */
  readonly tls?: ReceiverTls
  /** Longest frame in bytes, 1 MiB by default. */
  readonly maxFrameBytes?: number
  /** Most connections at a time, 4000 by default; more are closed at once. */
  readonly maxConnections?: number
  /** Most memory for frames that have begun and not ended, of all connections together; 64 MiB by default. */
  readonly maxBegunBytes?: number
  /** A frame without its framing; stays valid as long as it is kept. `peer` is `address:port`. */
  onFrame(frame: Buffer, peer: string): void
  onProblem?(problem: PeerProblem): void
}

/** A running receiver. */
export interface Receiver {
  /** The address with the port that was taken. */
  readonly url: string
  readonly port: number
  /** Connections open now (0 for UDP). */
  readonly connections: number
  /** Reads no more from connections, old and new; senders are held up. UDP can't be held up: see `dropped`. */
  pause(): void
  resume(): void
  /** Datagrams thrown away while paused. */
  readonly dropped: number
  /** Resets every connection: what was unread is lost to the peer, and it can tell. */
  destroyConnections(): void
  /** Stops listening and resets what is still open. */
  close(): Promise<void>
}

const defaultMaxFrameBytes = 1024 * 1024
const defaultMaxConnections = 4000
const defaultMaxBegunBytes = 64 * 1024 * 1024
const udpBufferBytes = 8 * 1024 * 1024

/** Starts to listen; rejects with a ProblemsError when the address can't be had. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const address = parseListen(options.listen)
  return address.protocol === 'udp' ? startUdp(address, options) : startStream(address, options)
}

async function startStream(address: ListenAddress, options: ReceiverOptions): Promise<Receiver> {
  // Raw sockets by peer, also under TLS: only they can be reset.
  const sockets = new Map<string, Socket>()
  const readers = new Set<Socket>()
  let paused = false

  const begun = new BegunFrames(options.maxBegunBytes ?? defaultMaxBegunBytes)
  const server = createStreamServer(address, options)
  server.maxConnections = options.maxConnections ?? defaultMaxConnections
  let isFull = false
  server.on('drop', (data) => {
    // Told once until there was room again: whoever connects so often would fill the terminal, too.
    if (isFull) return
    isFull = true
    const peer = joinPeer(data?.remoteAddress ?? 'unknown', data?.remotePort ?? 0)
    const reason = `Refused, as are all that follow: ${server.maxConnections} connections are open.`
    options.onProblem?.({ kind: 'connection', peer, reason })
  })
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket)
    sockets.set(peer, socket)
    socket.on('close', () => {
      sockets.delete(peer)
      isFull = false
    })
    // Under TLS the error also comes out of the socket above it, which reports it.
    if (address.protocol === 'tls') socket.on('error', () => {})
  })
  server.on(address.protocol === 'tls' ? 'secureConnection' : 'connection', (socket: Socket) => {
    const peer = peerOf(socket)
    readers.add(socket)
    socket.on('close', () => readers.delete(socket))
    readFrames(socket, peer, options, begun, () => sockets.get(peer)?.resetAndDestroy())
    if (paused) socket.pause()
  })
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    // Handshakes that the own close() ended are no news.
    if (!server.listening) return
    const reason = `The TLS handshake failed: ${error.message}`
    options.onProblem?.({ kind: 'connection', peer: peerOf(socket), reason })
  })
  await listening(server, address, () => server.listen({ host: address.host, port: address.port }))
  reportErrors(server, address, options)
  const port = portOf(server.address())

  function destroyConnections(): void {
    for (const socket of sockets.values()) socket.resetAndDestroy()
  }
  return {
    url: address.url(port),
    port,
    dropped: 0,
    get connections() {
      return sockets.size
    },
    pause() {
      paused = true
      for (const socket of readers) socket.pause()
    },
    resume() {
      paused = false
      for (const socket of readers) socket.resume()
    },
    destroyConnections,
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      destroyConnections()
      await closed
    },
  }
}

function createStreamServer(address: ListenAddress, { tls }: ReceiverOptions): Server {
  // allowHalfOpen: the own side is closed by readFrames, once everything has been handed out.
  if (address.protocol === 'tcp') return createServer({ allowHalfOpen: true })
  if (tls === undefined) {
    throw problem(address, 'tls:// needs a certificate and its key.', 'Give both as PEM.')
  }
  const { cert, key, ca } = tls
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }
  try {
    return createTlsServer({ cert, key, ...clients, minVersion: 'TLSv1.2', allowHalfOpen: true })
  } catch (error) {
    const remedy = 'Give PEM files; the key must belong to the certificate.'
    throw problem(address, `The certificate or key can't be used: ${messageOf(error)}`, remedy)
  }
}

/** Deframes what comes in, closes after the peer has; `giveUp` ends a connection that can't be read on. */
function readFrames(
  socket: Socket,
  peer: string,
  options: ReceiverOptions,
  begun: BegunFrames,
  giveUp: () => void,
): void {
  const deframer = new Deframer({
    maxFrameBytes: options.maxFrameBytes ?? defaultMaxFrameBytes,
    onFrame: (frame) => options.onFrame(frame, peer),
    onError(reason, fatal) {
      options.onProblem?.({ kind: 'frame', peer, reason })
      if (fatal) giveUp()
    },
  })
  const giveUpFrame = () => {
    const reason =
      'Closed in the middle of a frame: too much has begun on all connections, and most of it here.'
    options.onProblem?.({ kind: 'frame', peer, reason })
    giveUp()
  }
  socket.on('data', (chunk: Buffer) => {
    // Closed while this was on its way.
    if (socket.destroyed) return
    deframer.push(chunk)
    begun.keep(socket, deframer.kept, giveUpFrame)
  })
  socket.on('close', () => begun.release(socket))
  socket.on('end', () => {
    deframer.end()
    begun.release(socket)
    socket.end()
  })
  socket.on('error', (error) => {
    options.onProblem?.({ kind: 'connection', peer, reason: `The connection broke: ${error.message}` })
  })
}

async function startUdp(address: ListenAddress, options: ReceiverOptions): Promise<Receiver> {
  const socket: UdpSocket = createSocket({ type: isIPv6(address.host) ? 'udp6' : 'udp4' })
  let paused = false
  let dropped = 0
  let open = true
  socket.on('message', (datagram, { address: host, port }) => {
    if (paused) dropped++
    else options.onFrame(datagram, joinPeer(host, port))
  })
  await listening(socket, address, () => socket.bind({ address: address.host, port: address.port }))
  reportErrors(socket, address, options)
  try {
    socket.setRecvBufferSize(udpBufferBytes)
  } catch {
    // Some systems refuse a size over their limit instead of granting less: their default stays.
  }
  const { port } = socket.address()
  return {
    url: address.url(port),
    port,
    connections: 0,
    get dropped() {
      return dropped
    },
    pause() {
      paused = true
    },
    resume() {
      paused = false
    },
    destroyConnections() {},
    async close() {
      if (!open) return
      open = false
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

async function listening(
  server: Server | UdpSocket,
  address: ListenAddress,
  start: () => void,
): Promise<void> {
  const ready = once(server, 'listening')
  start()
  try {
    await ready
  } catch (error) {
    throw problem(address, `Can't listen: ${messageOf(error)}`, remedyFor(error))
  }
}

/** An error of a server that already listens, such as too many open files, must not end the process. */
function reportErrors(server: Server | UdpSocket, address: ListenAddress, options: ReceiverOptions): void {
  server.on('error', (error: Error) => {
    const peer = address.url(address.port)
    options.onProblem?.({ kind: 'connection', peer, reason: `The listener failed: ${error.message}` })
  })
}

function remedyFor(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return 'Another program listens there: stop it or choose another port.'
  if (code === 'EACCES') return 'Ports below 1024 need special rights: choose a higher one, such as 5514.'
  return 'Choose an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them.'
}

function problem(address: ListenAddress, message: string, remedy: string): ProblemsError {
  return new ProblemsError(
    [{ where: { argument: address.url(address.port) }, message, remedy }],
    ExitCode.mistake,
  )
}

function peerOf(socket: Socket): string {
  return joinPeer(socket.remoteAddress ?? 'unknown', socket.remotePort ?? 0)
}

function joinPeer(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

function portOf(address: ReturnType<Server['address']>): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
