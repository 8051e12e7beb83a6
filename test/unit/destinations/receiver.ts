/** What the tests of the destinations share: receivers on loopback, batches, and a log to look at. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'
import * as z from 'zod'
import { parseTarget } from '../../../src/destinations/kinds.ts'
import {
  completeDestination,
  type DestinationOptions,
  destinationShape,
} from '../../../src/destinations/options.ts'
import { type StreamTimes, streamTimes } from '../../../src/destinations/stream/times.ts'
import type { Batch } from '../../../src/flow/batch.ts'
import type { Destination, Outcome } from '../../../src/flow/delivery.ts'
import type { Log } from '../../../src/flow/log.ts'
import type { HostPort } from '../../../src/network/host-port.ts'
import { countsOf } from '../../support/batches.ts'
import { freePort } from '../../support/free-port.ts'

/** A listening receiver that keeps what it gets. */
interface Receiver {
  readonly server: Server
  readonly port: number
  /** Connections so far, oldest first. */
  readonly sockets: readonly Socket[]
  /** All bytes so far, in the order of the connections. */
  received(): Buffer
  /** Resolves when `bytes` or more are there. */
  has(bytes: number): Promise<void>
  /** Resolves with connection number `index`. */
  socket(index: number): Promise<Socket>
}

/**
 * Starts a receiver; plain TCP without `tls`. It closes after the peer unless `halfOpen`, and is stopped when
 * the test ends.
 */
export async function startReceiver(
  options: { tls?: TlsOptions; host?: string; read?: boolean; port?: number; halfOpen?: boolean } = {},
): Promise<Receiver> {
  const { tls, host = '127.0.0.1', read = true, halfOpen: allowHalfOpen = false } = options
  // @types/node does not know allowHalfOpen of TLS, though Node documents it.
  const server: Server =
    tls === undefined
      ? createServer({ allowHalfOpen })
      : createTlsServer({ ...tls, allowHalfOpen } as TlsOptions)
  const sockets: Socket[] = []
  const chunks = new Map<Socket, Buffer[]>()
  const changed = new Set<() => void>()
  const tellAll = () => {
    for (const tell of changed) tell()
  }
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    const own: Buffer[] = []
    sockets.push(socket)
    chunks.set(socket, own)
    socket.on('error', () => {})
    if (read) {
      socket.on('data', (chunk: Buffer) => {
        own.push(chunk)
        tellAll()
      })
    }
    tellAll()
  })
  server.on('tlsClientError', () => {})
  // One that is closed may come back.
  server.listen(options.port ?? (await freePort()), host)
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  const received = () => Buffer.concat(sockets.flatMap((socket) => chunks.get(socket) ?? []))
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!holds()) return
        changed.delete(look)
        resolve()
      }
      changed.add(look)
      look()
    })
  return {
    server,
    port: (server.address() as AddressInfo).port,
    sockets,
    received,
    has: (bytes) => until(() => received().length >= bytes),
    socket: async (index) => {
      await until(() => sockets.length > index)
      return sockets[index]!
    },
  }
}

/** Settings with the defaults of the schema, and short waits. */
export function settings(to: string, changes: Partial<DestinationOptions> = {}): DestinationOptions {
  const written = { ...z.strictObject(destinationShape).parse({ to }), name: 'test' }
  const complete = completeDestination(written, (file) => file)
  return { ...complete, confirm: 'write', confirmAfterMs: 100, ...changes }
}

/** Times as short as tests can do with. */
export const brief: StreamTimes = { ...streamTimes, idleMs: 30, outliveMs: 50 }

/** The address of a destination over UDP, TCP or TLS. */
export function hostPortOf(to: string): HostPort {
  return parseTarget(to).address as HostPort
}

/** A batch of the frames given, the position being no matter here. */
export function batchOf(...texts: readonly (string | Buffer)[]): Batch {
  const frames = texts.map((text) => Buffer.from(text))
  let end = 0
  return {
    start: 0,
    position: { fileId: 'file', offset: 0, header: -1 },
    file: { id: 'file', source: 'test', path: 'file' },
    frames: Buffer.concat(frames),
    ends: Uint32Array.from(frames, (frame) => {
      end += frame.length
      return end
    }),
    counts: countsOf(frames.length),
    malformed: [],
  }
}

/** Sends a batch and waits for its fate. */
export async function deliver(destination: Destination, batch: Batch): Promise<Outcome> {
  const { outcome } = await destination.send(batch)
  return outcome
}

/** Sends a batch until it went out, and waits for its fate. */
export async function deliverAtLast(destination: Destination, batch: Batch): Promise<Outcome> {
  for (;;) {
    const outcome = await deliver(destination, batch)
    if (outcome.status !== 'unavailable' || !outcome.unsent) return outcome
  }
}

/** Why an outcome is unavailable; fails when it is not. */
export function reasonOf(outcome: Outcome): string {
  if (outcome.status !== 'unavailable') throw new Error(`the outcome is ${outcome.status}`)
  return outcome.reason
}

/** One entry of the log. */
interface Entry {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A log that keeps its entries. */
export function recordingLog(): Log & { readonly entries: Entry[]; at(level: Entry['level']): string[] } {
  const entries: Entry[] = []
  const keep =
    (level: Entry['level']) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      entries.push({ level, message, fields })
    }
  return {
    entries,
    at: (level) => entries.filter((entry) => entry.level === level).map(({ message }) => message),
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
  }
}
