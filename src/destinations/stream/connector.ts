/** Makes connections to one peer. */
import { pause } from '../../flow/pause.ts'
import { reasonFor } from '../../network/reasons.ts'
import type { Clock } from '../clock.ts'
import { endsUnasked } from '../lasting.ts'
import type { DestinationStatus } from '../status.ts'
import { Connection, type ConnectionEvents, youngMs } from './connection.ts'
import type { Link } from './link.ts'
import type { StreamOptions } from './options.ts'

/**
 * Makes a link that is fit to carry events: connected, and the peer's identity proved. Rejects with an
 * `Error` whose message is the reason, and with the reason of `signal` when that aborts.
 */
export type Connect = (signal: AbortSignal) => Promise<Link>

/** A connection, or why there is none. */
export type Opening = Connection | string

export const closedTooSoon = 'closed before the delivery was confirmed'

/** How long a fresh connection is listened to, when the peer has closed one before us. */
const listenMs = 300

interface ConnectorOptions {
  readonly connect: Connect
  /** `host:port`, named in reasons. */
  readonly peer: string
  readonly settings: StreamOptions & { readonly clock: Clock }
  readonly status: DestinationStatus
  /** Whom a connection tells how it fares. */
  readonly events: (self: () => Connection) => ConnectionEvents
}

/** Opens connections, each with its events. */
export class Connector {
  readonly #options: ConnectorOptions

  constructor(options: ConnectorOptions) {
    this.#options = options
  }

  /** Never rejects. */
  async open(signal: AbortSignal): Promise<Opening> {
    const { connect, peer, settings, status, events } = this.#options
    if (signal.aborted) return closedTooSoon
    try {
      const link = await connect(signal)
      // With TLS 1.3 the refusal of a client certificate can come right behind the end of the handshake.
      if (link.socket.destroyed || link.tcp.destroyed) throw new Error(this.#lost(link))
      link.tcp.setNoDelay(true)
      link.tcp.setKeepAlive(true, 30_000)
      status.connected({ address: link.tcp.remoteAddress }, link.certificates)
      const connection: Connection = new Connection(
        link,
        peer,
        settings,
        events(() => connection),
      )
      return connection
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  /** Opens one and waits whether the peer closes what was sent nothing: then its FIN says nothing. */
  async openAndListen(signal: AbortSignal): Promise<Opening> {
    const fresh = await this.open(signal)
    if (typeof fresh === 'string') return fresh
    await Promise.race([fresh.over, pause(listenMs, signal)])
    return fresh.trouble === undefined ? fresh : `${fresh.trouble}${endsUnasked}`
  }

  /**
   * The one that takes over from a connection that was proved. Some peers take one at a time and refuse `next` at once;
   * but one that broke after a while says that the peer, or a relay's way to it, broke just then.
   */
  async successorOf(next: Opening, signal: AbortSignal): Promise<Opening> {
    if (typeof next === 'object' && (next.trouble === undefined || next.openMs >= youngMs)) return next
    return this.open(signal)
  }

  #lost({ socket, tcp }: Link): string {
    return reasonFor(socket.errored ?? tcp.errored ?? new Error('closed at once'), this.#options.peer, 'open')
  }
}

export function isAlive(connection: Opening | undefined): connection is Connection {
  return typeof connection === 'object' && connection.trouble === undefined
}

export function troubleOf(connection: Opening): string {
  return typeof connection === 'string' ? connection : (connection.trouble ?? '')
}
