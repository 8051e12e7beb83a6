/** The destination over a stream of bytes. TCP and TLS differ only in how they connect. */
import type { Socket } from 'node:net'
import type { Batch, Destination, Log, Outcome, Sending } from '../types.ts'
import { Connection } from './connection.ts'
import type { DestinationOptions } from './options.ts'
import { reasonFor } from './reasons.ts'
import { DestinationStatus } from './status.ts'
import { formatTarget, type Target } from './target.ts'

/**
 * Makes a socket that is fit to carry events: connected, and the peer's identity proved. Rejects with an
 * `Error` whose message is the reason, and with the reason of `signal` when that aborts.
 */
type Connect = (signal: AbortSignal) => Promise<Socket>

const closeGraceMs = 2000
const closed: Outcome = { status: 'unavailable', reason: 'the destination is closed' }

/** Connects at the first batch, and anew at the first batch after a connection broke. */
export class StreamDestination implements Destination {
  readonly name: string
  readonly #options: DestinationOptions
  readonly #peer: string
  readonly #connect: Connect
  readonly #status: DestinationStatus
  readonly #closing = new AbortController()
  #connection: Connection | undefined
  /** A connection on its way, or the reason why there is none. */
  #connecting: Promise<Connection | string> | undefined
  #closed: Promise<void> | undefined

  constructor(options: DestinationOptions, target: Target, connect: Connect, log: Log) {
    this.name = options.name
    this.#options = options
    this.#peer = formatTarget(target)
    this.#connect = connect
    this.#status = new DestinationStatus(options.name, options.to, log)
  }

  async send(batch: Batch): Promise<Sending> {
    // Nothing to send only moves a position: no reason to wait for the peer.
    if (batch.frames.length === 0) return settled({ status: 'delivered' })
    const connection = await this.#ready()
    if (this.#closing.signal.aborted) return settled(closed)
    const trouble = typeof connection === 'string' ? connection : connection.trouble
    if (typeof connection === 'string' || trouble !== undefined) {
      return settled({ status: 'unavailable', reason: trouble ?? '' })
    }
    return connection.send(batch.frames)
  }

  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    this.#closing.abort()
    await this.#connecting
    await this.#connection?.close(closeGraceMs)
  }

  async #ready(): Promise<Connection | string> {
    if (this.#connection !== undefined) return this.#connection
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #open(): Promise<Connection | string> {
    if (this.#closing.signal.aborted) return closed.status
    try {
      const socket = await this.#connect(this.#closing.signal)
      // With TLS 1.3 the refusal of a client certificate can come right behind the end of the handshake.
      if (socket.destroyed) throw new Error(this.#lost(socket))
      socket.setNoDelay(true)
      socket.setKeepAlive(true, 30_000)
      this.#status.connected({ address: socket.remoteAddress })
      this.#connection = this.#own(socket)
      return this.#connection
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (!this.#closing.signal.aborted) this.#status.unavailable(reason)
      return reason
    }
  }

  #lost(socket: Socket): string {
    return reasonFor(socket.errored ?? new Error('closed at once'), this.#peer, 'open')
  }

  #own(socket: Socket): Connection {
    const connection: Connection = new Connection(socket, this.#peer, this.#options, {
      delivered: () => this.#status.delivered(),
      broken: (reason, unsettled) => {
        if (this.#connection === connection) this.#connection = undefined
        if (this.#closing.signal.aborted) return
        if (unsettled > 0) this.#status.unavailable(reason)
        else this.#status.closedIdle(reason)
      },
    })
    return connection
  }
}

function settled(outcome: Outcome): Sending {
  return { outcome: Promise.resolve(outcome) }
}
