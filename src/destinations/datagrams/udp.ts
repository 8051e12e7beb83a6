/**
 * Syslog over UDP: best effort, one datagram a frame. Delivered means handed to the kernel; nobody answers.
 * The exception is a refusal (ICMP): it comes late, so a fresh socket sends one frame and listens for a
 * moment, and a receiver that is not there stops the delivery instead of swallowing it.
 */
import { lookup } from 'node:dns/promises'
import type { Batch } from '../../flow/batch.ts'
import { closed, type Destination, type Outcome, type Sending, settledAs } from '../../flow/delivery.ts'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { formatHostPort, type HostPort } from '../../network/host-port.ts'
import { type IpVersion, preferring } from '../../network/preferred-ip.ts'
import { reasonFor } from '../../network/reasons.ts'
import type { CommonOptions } from '../kind.ts'
import { DestinationStatus } from '../status.ts'
import { DatagramPace, defaultDatagramsPerSecond } from './datagram-pace.ts'
import { DatagramSocket } from './datagrams.ts'

/** Largest payload of a datagram over IPv4, in bytes. */
export const maxDatagramBytes = 65_507

const resolveEveryMs = 60_000
const listenMs = 200

/** The settings of a destination over UDP. */
export interface UdpOptions extends CommonOptions {
  readonly preferredIp?: IpVersion | undefined
}

/** Syslog over UDP. */
export function createUdp(options: UdpOptions, target: HostPort, log: Log, events?: Listener): Destination {
  return new UdpDestination(options, target, log, events)
}

class UdpDestination implements Destination {
  readonly name: string
  readonly #target: HostPort
  readonly #peer: string
  readonly #status: DestinationStatus
  #addresses: readonly string[] = []
  #resolvedAt = Number.NEGATIVE_INFINITY
  /** Counts refusals: a name with several addresses gets each its turn. */
  #refusals = 0
  #socket: DatagramSocket | undefined
  /** The batch being sent; the next one waits for it. */
  #turn: Promise<unknown> = Promise.resolve()
  #sending = false
  readonly #closing = new AbortController()
  readonly #preferredIp: IpVersion | undefined
  readonly #perSecond: number
  readonly #pace: DatagramPace

  constructor(options: UdpOptions, target: HostPort, log: Log, events: Listener | undefined) {
    this.name = options.name
    this.#target = target
    this.#preferredIp = options.preferredIp
    this.#peer = formatHostPort(target)
    this.#status = new DestinationStatus(options.name, options.to, log, { events })
    this.#perSecond = options.maxEventsPerSecond ?? defaultDatagramsPerSecond
    this.#pace = new DatagramPace(this.#perSecond, () => this.#status.heldBack(this.#perSecond))
  }

  async send(batch: Batch): Promise<Sending> {
    const sent = this.#turn.then(() => this.#sendAll(batch))
    this.#turn = sent
    return settledAs(await sent)
  }

  /** Nobody answers; but the name has to be known, and a socket to be had. */
  async connect(): Promise<string | null> {
    const opened = this.#turn.then(() => this.#ready())
    this.#turn = opened.catch(() => undefined)
    try {
      await opened
      return null
    } catch (error) {
      const reason = this.#reason(error)
      if (!this.#isClosed) this.#status.unavailable(reason, 'before')
      return reason
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#turn
    this.#socket?.close()
  }

  async #sendAll(batch: Batch): Promise<Outcome> {
    if (batch.ends.length === 0) return { status: 'delivered' }
    this.#sending = true
    let socket: DatagramSocket | undefined
    try {
      socket = await this.#ready()
      await this.#sendFrames(socket, batch)
    } catch (error) {
      const reason = this.#reason(error)
      if (!this.#isClosed) this.#status.unavailable(reason)
      // The one frame that asks whether somebody is there was refused.
      return { status: 'unavailable', reason, unsent: !socket?.proven }
    } finally {
      this.#sending = false
    }
    this.#status.delivered()
    return { status: 'delivered' }
  }

  async #sendFrames(socket: DatagramSocket, { frames, ends }: Batch): Promise<void> {
    let start = 0
    let sending: Promise<void>[] = []
    const sent = async () => {
      await Promise.all(sending)
      sending = []
      if (socket.trouble !== undefined) throw socket.trouble
    }
    for (const end of ends) {
      while (!this.#pace.take(end - start)) {
        await sent()
        await this.#pace.room(this.#closing.signal)
        if (this.#isClosed) throw new Error(closed.reason)
      }
      sending.push(socket.send(frames.subarray(start, end)))
      start = end
      if (socket.proven) continue
      await sent()
      if (this.#isClosed) throw new Error(closed.reason)
      await socket.listen(listenMs)
      if (socket.trouble !== undefined) throw socket.trouble
      socket.proven = true
    }
    await sent()
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  async #ready(): Promise<DatagramSocket> {
    if (this.#isClosed) throw new Error(closed.reason)
    await this.#resolve()
    if (this.#socket !== undefined) {
      if (this.#addresses.includes(this.#socket.address)) return this.#socket
      this.#socket.close()
      this.#socket = undefined
    }
    const address = this.#addresses[this.#refusals % this.#addresses.length] ?? this.#target.host
    const socket = await DatagramSocket.open(address, this.#target.port, (troubled) =>
      this.#troubled(troubled),
    )
    if (socket.trouble !== undefined) throw socket.trouble
    this.#socket = socket
    this.#status.connected({ address, maxEventsPerSecond: this.#perSecond })
    return socket
  }

  /** Once a minute, not once a datagram. A name server that fails leaves the addresses known so far. */
  async #resolve(): Promise<void> {
    if (performance.now() - this.#resolvedAt < resolveEveryMs) return
    try {
      const found = await lookup(this.#target.host, { all: true })
      this.#addresses = preferring(found, this.#preferredIp).map(({ address }) => address)
    } catch (error) {
      if (this.#addresses.length === 0) throw error
    }
    this.#resolvedAt = performance.now()
  }

  #troubled(socket: DatagramSocket): void {
    this.#refusals++
    if (this.#socket !== socket) return
    // Between two batches nobody else would tell; within one, its outcome does.
    if (!this.#sending && !this.#isClosed) this.#status.datagramsLost(this.#reason(socket.trouble))
    this.#socket = undefined
  }

  #reason(error: unknown): string {
    if (!(error instanceof Error)) return String(error)
    // The library wraps the error of the socket and keeps only its text.
    const code = /\bE[A-Z_]{3,}\b/.exec(error.message)?.[0]
    if (code === 'EMSGSIZE') {
      return `a message is too large for a datagram to ${this.#peer}: set maxMessageBytes to ${maxDatagramBytes} or less`
    }
    if (code === 'ECONNREFUSED' || code === 'ECONNRESET') {
      return `datagrams refused by ${this.#peer}: nothing listens there`
    }
    return code === undefined
      ? error.message
      : reasonFor(Object.assign(new Error(error.message), { code }), this.#peer, 'open')
  }
}
