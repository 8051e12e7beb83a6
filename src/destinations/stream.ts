/**
 * The destination over a stream of bytes. TCP and TLS differ only in how they connect.
 *
 * With `confirm: close` connections take turns, since only the end of one proves that it was read:
 *
 *   old   ══ batches ══════════╗ goodbye ──▶ ···  ◀── goodbye of the peer: batches proved
 *   next           (connects)  ╚ waits, or it could overtake ··· ╚══ batches ══════════
 *
 * What must stay true: nothing is written to the next connection before the old one is proved. When the old
 * one breaks, batches that waited for their turn are unavailable, too: sent, they would overtake its batches.
 */
import type { Batch, Destination, Log, Outcome, Sending } from '../types.ts'
import { type Confirm, Connection } from './connection.ts'
import type { Line } from './line.ts'
import type { DestinationOptions } from './options.ts'
import { TurnPace } from './pace.ts'
import { probe } from './probe.ts'
import { ProvedBatches } from './proved.ts'
import { reasonFor } from './reasons.ts'
import { DestinationStatus } from './status.ts'
import { formatTarget, type Target } from './target.ts'
import { TurnEnds } from './turn-end.ts'

/**
 * Makes a line that is fit to carry events: connected, and the peer's identity proved. Rejects with an
 * `Error` whose message is the reason, and with the reason of `signal` when that aborts.
 */
type Connect = (signal: AbortSignal) => Promise<Line>

/** How long connections may take to end when the destination is closed; the last second of proof follows. */
const closeGraceMs = 2000
/** With nothing sent for so long, what is unconfirmed gets its turn. */
const idleMs = 500
const closed: Outcome = { status: 'unavailable', reason: 'the destination is closed', unsent: true }

/** Connects at the first batch, and anew at the first batch after a connection broke. */
export class StreamDestination implements Destination {
  readonly name: string
  readonly #options: DestinationOptions
  readonly #peer: string
  readonly #connect: Connect
  readonly #status: DestinationStatus
  readonly #proved: ProvedBatches
  readonly #turnEnds: TurnEnds
  readonly #pace: TurnPace
  readonly #closing = new AbortController()
  #connection: Connection | undefined
  /** A connection on its way, or the reason why there is none. */
  #connecting: Promise<Connection | string> | undefined
  /** The connection whose end is awaited before the next one may carry anything. */
  #ending: Connection | undefined
  /** Resolves with null when the next connection may carry batches, or with the reason why not. */
  #handover: Promise<string | null> | undefined
  #turning: Promise<string | null> | undefined
  #confirm: Confirm
  #idleTimer: NodeJS.Timeout | undefined
  #closed: Promise<void> | undefined

  constructor(options: DestinationOptions, target: Target, connect: Connect, log: Log) {
    this.name = options.name
    this.#options = options
    this.#peer = formatTarget(target)
    this.#connect = connect
    this.#confirm = options.confirm
    this.#status = new DestinationStatus(options.name, options.to, log)
    this.#proved = new ProvedBatches(() => this.#status.delivered())
    this.#pace = new TurnPace(options)
    this.#turnEnds = new TurnEnds({
      ...options,
      peer: this.#peer,
      closing: this.#closing.signal,
      open: () => this.#open(),
      neverCloses: () => {
        this.#confirm = 'time'
        this.#status.neverCloses(options.closeTimeoutMs)
      },
    })
  }

  async send(batch: Batch): Promise<Sending> {
    // Nothing to send only moves a position: no reason to wait for the peer.
    if (batch.frames.length === 0) return settled({ status: 'delivered' })
    const connection = await this.#ready()
    if (this.#closing.signal.aborted) return settled(closed)
    if (!isAlive(connection)) {
      return settled({ status: 'unavailable', reason: troubleOf(connection), unsent: true })
    }
    const sending = await connection.send(batch.frames, this.#confirm)
    this.#armIdle()
    return sending
  }

  /** Whether the peer can be delivered to: null, or why not. */
  probe(signal: AbortSignal): Promise<string | null> {
    return probe(async (stop) => (await this.#connect(stop)).socket, this.#peer, signal)
  }

  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#idleTimer)
    const grace = new AbortController()
    const deadline = performance.now() + closeGraceMs
    const timer = setTimeout(() => grace.abort(), closeGraceMs)
    await this.#connecting
    void this.#ending?.close(closeGraceMs)
    await this.#turning
    const last = this.#connection
    const isSpent = last !== undefined && last.unsettled > 0
    const opening = isSpent && this.#confirm === 'close' ? this.#open(grace.signal) : undefined
    const ended = isSpent ? await last.close(closeGraceMs) : []
    if (this.#confirm === 'close') this.#proved.add(ended)
    else for (const settle of ended) settle({ status: 'unavailable', reason: closedTooSoon })
    const next = isSpent ? await opening : last
    const witness = this.#proved.count === 0 || isAlive(next) ? next : await this.#open(grace.signal)
    if (isAlive(witness)) {
      // What was proved has to be outlived at the end, too; or it comes again after the next start.
      this.#connection = witness
      await this.#proved.settled()
      if (witness === last) await witness.close(Math.max(0, deadline - performance.now()))
      else witness.giveUp('not needed any more')
    } else if (witness !== undefined) {
      this.#proved.fail(troubleOf(witness))
    }
    clearTimeout(timer)
  }

  async #ready(): Promise<Connection | string> {
    if (this.#handover !== undefined) {
      const trouble = await this.#handover
      if (trouble !== null) return trouble
    }
    const current = this.#connection
    if (current !== undefined) {
      if (!this.#isDue(current)) return current
      const turn = this.#turn(current)
      // Meanwhile the old one carries on, unless it carries too much already.
      if (!this.#turnEnds.isSlow && !this.#pace.isFull(current)) return current
      // On another connection than the batches before it, which were lost with this one, it would overtake them.
      return (await turn) ?? current.trouble ?? this.#ready()
    }
    this.#connecting ??= this.#openFirst().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #openFirst(): Promise<Connection | string> {
    const connection = await this.#open()
    if (typeof connection !== 'string') {
      this.#connection = connection
      if (this.#confirm !== this.#options.confirm) void this.#askAgain()
    } else if (!this.#closing.signal.aborted) {
      this.#turnEnds.failed()
      this.#status.unavailable(connection)
    }
    return connection
  }

  async #open(signal = this.#closing.signal): Promise<Connection | string> {
    if (signal.aborted) return closedTooSoon
    try {
      const line = await this.#connect(signal)
      // With TLS 1.3 the refusal of a client certificate can come right behind the end of the handshake.
      if (line.socket.destroyed || line.tcp.destroyed) throw new Error(this.#lost(line))
      line.tcp.setNoDelay(true)
      line.tcp.setKeepAlive(true, 30_000)
      this.#status.connected({ address: line.tcp.remoteAddress })
      return this.#own(line)
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  #lost({ socket, tcp }: Line): string {
    return reasonFor(socket.errored ?? tcp.errored ?? new Error('closed at once'), this.#peer, 'open')
  }

  #own(line: Line): Connection {
    let isReset = false
    const connection: Connection = new Connection(line, this.#peer, this.#options, {
      delivered: () => this.#status.delivered(),
      resetAtEnd: () => {
        isReset = true
        return this.#turnEnds.resetAtEnd()
      },
      broken: (reason, unsettled) => {
        if (unsettled > 0 && !isReset) this.#turnEnds.failed()
        const current = this.#connection === connection
        if (current) this.#connection = undefined
        const failed = current || unsettled > 0 ? this.#proved.fail(reason) : 0
        if (this.#closing.signal.aborted) return
        if (unsettled + failed > 0) this.#status.unavailable(reason)
        else this.#status.closedIdle(reason)
      },
    })
    return connection
  }

  #isDue(connection: Connection): boolean {
    const { turnAfterBytes, isSlow } = this.#turnEnds
    return this.#confirm === 'close' && this.#pace.isDue(connection, isSlow ? turnAfterBytes : undefined)
  }

  #armIdle(): void {
    if (this.#confirm !== 'close' || this.#closing.signal.aborted) return
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => {
      const connection = this.#connection
      const waits = connection?.isIdle && connection.unsettled > 0
      if (waits && this.#confirm === 'close') void this.#turn(connection)
    }, idleMs)
  }

  /** Opens the next connection, which leaves the old one at work, and hands over: null, or why it failed. */
  #turn(old: Connection): Promise<string | null> {
    this.#turning ??= this.#takeTurns(old).finally(() => {
      this.#turning = undefined
    })
    return this.#turning
  }

  async #takeTurns(old: Connection): Promise<string | null> {
    const next = await this.#open()
    if (this.#connection === old && !this.#closing.signal.aborted) {
      const since = performance.now()
      this.#connection = undefined
      this.#ending = old
      this.#handover = this.#handOver(old, next)
      const trouble = await this.#handover
      this.#handover = undefined
      this.#ending = undefined
      this.#pace.took(performance.now() - since)
      return trouble
    }
    if (typeof next !== 'string') next.giveUp('not needed any more')
    return null
  }

  /** `next` is a reason when it could not be opened. Some receivers take only one connection at a time. */
  async #handOver(old: Connection, next: Connection | string): Promise<string | null> {
    const end = await this.#turnEnds.of(old)
    if (typeof end === 'string') {
      if (typeof next !== 'string') next.giveUp(end)
      return end
    }
    this.#proved.add(end)
    // If there is none, the end may have been that of the whole receiver, and of what it had still in hand.
    const successor = isAlive(next) ? next : await this.#open()
    if (isAlive(successor)) {
      this.#connection = successor
      return null
    }
    const reason = troubleOf(successor)
    if (!this.#closing.signal.aborted) {
      this.#proved.fail(reason)
      this.#status.unavailable(reason)
    }
    return reason
  }

  /** What seemed never to close may have stood still, and been mended since. */
  async #askAgain(): Promise<void> {
    await this.#turnEnds.leavesFreshOpen()
    if (this.#turnEnds.peerCloses) this.#confirm = this.#options.confirm
  }
}

const closedTooSoon = 'closed before the delivery was confirmed'

function isAlive(connection: Connection | string | undefined): connection is Connection {
  return typeof connection === 'object' && connection.trouble === undefined
}

function troubleOf(connection: Connection | string): string {
  return typeof connection === 'string' ? connection : (connection.trouble ?? '')
}

function settled(outcome: Outcome): Sending {
  return { outcome: Promise.resolve(outcome) }
}
