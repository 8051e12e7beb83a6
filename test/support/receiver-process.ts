/**
 * A receiver as a process of its own, so that it can be killed. It takes lines over TCP or TLS, and writes
 * each to its file before it ends a connection; it shares no code with the program.
 */
import { openSync, readFileSync, writeSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

/** What the process is started with, as JSON. */
export interface ReceiverSettings {
  readonly port: number
  /** Gets all whole frames, each with its line feed, in the order in which they were read. */
  readonly frames: string
  /** Gets what stood behind the last line feed of a connection that the sender ended. */
  readonly cuts: string
  /** Paths of PEM files; with them it speaks TLS and wants a client certificate of the same authority. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string } | undefined
}

/**
 * What it can be told to do. `read`: read all as fast as it can; `drip`: a few bytes at a time; `ignore`: take
 * connections and read nothing; `reset` all connections; `hang up`: close them all, whatever may still come.
 */
export type Order = 'read' | 'drip' | 'ignore' | 'reset' | 'hang up'

const dripMs = 5
const dripBytes = 3000

const settings: ReceiverSettings = JSON.parse(process.argv[2] ?? '{}')
const frames = openSync(settings.frames, 'a')
const cuts = openSync(settings.cuts, 'a')
/** Raw sockets, also below TLS: only they can be reset. */
const sockets = new Set<Socket>()
const readers = new Map<Socket, Reader>()
let mode: 'read' | 'drip' | 'ignore' = 'read'

class Reader {
  readonly #socket: Socket
  #rest = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('readable', () => {
      if (mode === 'read') this.readAll()
    })
    socket.on('end', () => {
      if (this.#rest.length > 0) writeSync(cuts, `${this.#rest.toString('latin1')}\n`, null, 'latin1')
      socket.end()
    })
  }

  readAll(): void {
    for (let bytes = this.#socket.read(); bytes !== null; bytes = this.#socket.read()) this.#take(bytes)
  }

  readSome(): void {
    // Nothing to read yet: this asks for it.
    const bytes = this.#socket.read(Math.min(dripBytes, this.#socket.readableLength))
    if (bytes !== null) this.#take(bytes)
  }

  #take(bytes: Buffer): void {
    const all = Buffer.concat([this.#rest, bytes])
    const end = all.lastIndexOf('\n') + 1
    if (end > 0) writeSync(frames, all, 0, end)
    this.#rest = all.subarray(end)
  }
}

const { tls } = settings
const server = tls
  ? createTlsServer({
      ca: readFileSync(tls.ca),
      cert: readFileSync(tls.cert),
      key: readFileSync(tls.key),
      requestCert: true,
      rejectUnauthorized: true,
      allowHalfOpen: true,
    })
  : createServer({ allowHalfOpen: true })

server.on('connection', (socket: Socket) => {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
  socket.on('error', () => {})
})
server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
  readers.set(socket, new Reader(socket))
  socket.on('close', () => readers.delete(socket))
  socket.on('error', () => {})
})
server.listen(settings.port, '127.0.0.1', () => process.send?.('listening'))

setInterval(() => {
  if (mode === 'drip') for (const reader of readers.values()) reader.readSome()
}, dripMs)

process.on('message', (order: Order) => {
  if (order === 'reset') {
    for (const socket of sockets) socket.resetAndDestroy()
  } else if (order === 'hang up') {
    // What Node has read already is written first: taken along, it would be lost behind a clean end.
    for (const reader of readers.values()) reader.readAll()
    for (const socket of sockets) socket.destroy()
  } else {
    mode = order
    if (mode === 'read') for (const reader of readers.values()) reader.readAll()
  }
})
process.on('disconnect', () => process.exit())
