/**
 * The destination over a stream of bytes. TCP and TLS differ only in how they connect.
 *
 * With `confirm: close` connections rotate, since only the end of one proves that it was read:
 *
 *   old   ══ batches ══════════╗ half-close ──▶ ···  ◀── FIN of the peer: batches proved
 *   next           (connects)  ╚ waits, or it could overtake ··· ╚══ batches ══════════
 *
 * What must stay true: nothing is written to the next connection before the old one is proved. When the old
 * one breaks, batches that waited for their turn are unavailable, too: sent, they would overtake its batches.
 */
import type { Batch } from '../../flow/batch.ts'
import { closed, type Destination, type Sending, settledAs } from '../../flow/delivery.ts'
import { formatHostPort, type HostPort } from '../../network/host-port.ts'
import { probe } from '../around/probe.ts'
import type { Probe } from '../around/probing.ts'
import { ConnectionEnds } from '../proof/connection-ends.ts'
import { ProvedBatches } from '../proof/proved.ts'
import { RotationPace } from '../proof/rotation.ts'
import { RotationSize } from '../proof/rotation-size.ts'
import type { DestinationStatus, When } from '../status.ts'
import type { Confirm, Connection, ConnectionEvents } from './connection.ts'
import { type Connect, Connector, closedTooSoon, isAlive, type Opening, troubleOf } from './connector.ts'
import type { StreamOptions } from './options.ts'
import { afterHandover, currentIn, idle, type Phase, withCurrent } from './phase.ts'
import { Slicer, sendInParts } from './slices.ts'
import { type StreamTimes, streamTimes } from './times.ts'

/** Connects at the first batch, and anew at the first batch after a connection broke. */
export class StreamDestination implements Destination {
  readonly name: string
  readonly #options: StreamOptions
  readonly #times: StreamTimes
  readonly #peer: string
  readonly #connector: Connector
  readonly #status: DestinationStatus
  readonly #probe: Probe
  readonly #proved: ProvedBatches
  readonly #ends: ConnectionEnds
  readonly #pace: RotationPace
  readonly #size: RotationSize
  readonly #slicer = new Slicer()
  readonly #closing = new AbortController()
  #phase: Phase = idle
  /** A rotation on its way; null, or why it failed. */
  #rotating: Promise<string | null> | undefined
  /** What the last connection carried that was rotated out. */
  #lastCarried = 0
  /** It has ended a connection before we did, with batches on it. */
  #closesFirst = false
  #confirm: Confirm
  #idleTimer: NodeJS.Timeout | undefined
  #closed: Promise<void> | undefined

  constructor(
    options: StreamOptions,
    target: HostPort,
    connect: Connect,
    status: DestinationStatus,
    times = streamTimes,
  ) {
    this.name = options.name
    this.#options = options
    this.#times = times
    this.#peer = formatHostPort(target)
    this.#confirm = options.confirm
    this.#status = status
    this.#probe = (signal) => probe(async (stop) => (await connect(stop)).socket, this.#peer, signal)
    this.#connector = new Connector({
      connect,
      peer: this.#peer,
      settings: { ...options, clock: times.clock },
      status,
      events: (self) => this.#eventsOf(self),
    })
    this.#proved = new ProvedBatches(times, () => this.#status.delivered())
    this.#pace = new RotationPace(options)
    this.#size = new RotationSize(options)
    this.#ends = new ConnectionEnds({
      ...options,
      peer: this.#peer,
      size: this.#size,
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
    if (batch.frames.length === 0) return settledAs({ status: 'delivered' })
    const sending = await sendInParts(batch, async (first, lost) => {
      const connection = await this.#ready()
      const reason = lost() ?? (this.#closing.signal.aborted ? closed.reason : undefined)
      if (reason !== undefined || !isAlive(connection)) return { reason: reason ?? troubleOf(connection) }
      const room = (this.#limit ?? Number.POSITIVE_INFINITY) - connection.carriedBytes
      const { count, bytes } = this.#slicer.next(batch, first, room, connection)
      return { count, outcome: (await this.#sendOn(connection, bytes)).outcome }
    })
    this.#armIdle()
    return sending
  }

  /** The connection then waits for the first batch; where the receiver ends it before, that batch connects anew. */
  async connect(): Promise<string | null> {
    const opening = this.#phase.is === 'idle' ? await this.#ready('before') : undefined
    return typeof opening === 'string' && !this.#closing.signal.aborted ? opening : null
  }

  /** A peer that closes by itself has to have our half-close together with all that it takes. */
  #sendOn(connection: Connection, frames: Buffer): Promise<Sending> {
    const sending = connection.send(frames, this.#confirm)
    if (this.#isEager && connection.carriedBytes >= (this.#limit ?? 0)) void this.#rotate(connection)
    return sending
  }

  /** The peer closes as soon as it has what it takes, so our half-close has to be there by then. */
  get #isEager(): boolean {
    return this.#closesFirst && this.#limit !== undefined
  }

  /** What one connection may carry as long as the peer has not shown that it keeps up; undefined then. */
  get #limit(): number | undefined {
    return this.#confirm === 'close' ? this.#size.limit : undefined
  }

  /** Whether the peer can be delivered to: null, or why not. */
  probe(signal: AbortSignal): Promise<string | null> {
    return this.#probe(signal)
  }

  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    this.#closing.abort()
    const { closeGraceMs } = this.#times
    clearTimeout(this.#idleTimer)
    const grace = new AbortController()
    const deadline = performance.now() + closeGraceMs
    const timer = setTimeout(() => grace.abort(), closeGraceMs)
    if (this.#phase.is === 'connecting') await this.#phase.opening
    const phase = this.#phase
    if (phase.is === 'handing over') void phase.old.close(closeGraceMs)
    await this.#rotating
    const last = currentIn(this.#phase)
    const isSpent = last !== undefined && last.unsettled > 0
    const opening = isSpent && this.#confirm === 'close' ? this.#open(grace.signal) : undefined
    const ended = isSpent ? await last.close(closeGraceMs) : []
    if (this.#confirm === 'close') this.#proved.add(ended)
    else for (const settle of ended) settle({ status: 'unavailable', reason: closedTooSoon })
    const next = isSpent ? await opening : last
    const witness = this.#proved.count === 0 || isAlive(next) ? next : await this.#open(grace.signal)
    if (isAlive(witness)) {
      // What was proved has to be outlived at the end, too; or it comes again after the next start.
      this.#phase = withCurrent(this.#phase, witness)
      await this.#proved.settled()
      if (witness === last) await witness.close(Math.max(0, deadline - performance.now()))
      else witness.giveUp('not needed any more')
    } else if (witness !== undefined) {
      this.#proved.fail(troubleOf(witness))
    }
    clearTimeout(timer)
  }

  async #ready(when: When = 'delivering'): Promise<Opening> {
    const phase = this.#phase
    if (phase.is === 'handing over') {
      const trouble = await phase.done
      if (trouble !== null) return trouble
    }
    const current = currentIn(this.#phase)
    if (current !== undefined) {
      if (this.#confirm !== 'close' || !this.#pace.isDue(current, this.#limit)) return current
      const rotation = this.#rotate(current)
      // Meanwhile the old one carries on, unless it carries too much already.
      if (this.#limit === undefined && !this.#pace.isFull(current)) return current
      // On another connection than the batches before it, which were lost with this one, it would overtake them.
      return (await rotation) ?? current.trouble ?? this.#ready()
    }
    if (this.#phase.is === 'connecting') return this.#phase.opening
    const opening = this.#openFirst(when).finally(() => {
      if (this.#phase.is === 'connecting') this.#phase = idle
    })
    this.#phase = { is: 'connecting', opening }
    return opening
  }

  async #openFirst(when: When): Promise<Opening> {
    const { signal } = this.#closing
    const connection = await (this.#closesFirst ? this.#connector.openAndListen(signal) : this.#open())
    if (typeof connection !== 'string') {
      this.#phase = withCurrent(this.#phase, connection)
      if (this.#confirm !== this.#options.confirm) void this.#askAgain()
    } else if (!signal.aborted) {
      this.#ends.failed()
      this.#status.unavailable(connection, when)
    }
    return connection
  }

  #open(signal = this.#closing.signal): Promise<Opening> {
    return this.#connector.open(signal)
  }

  #eventsOf(self: () => Connection): ConnectionEvents {
    let isReset = false
    return {
      delivered: () => this.#status.delivered(),
      resetAtEnd: () => {
        isReset = true
        return this.#ends.resetAtEnd()
      },
      endedBy: (closeNotify) => this.#ends.endedBy(closeNotify),
      broken: (reason, unsettled) => {
        const connection = self()
        if (unsettled > 0 && !isReset) this.#ends.failed()
        const isCurrent = currentIn(this.#phase) === connection
        if (isCurrent) this.#phase = withCurrent(this.#phase, undefined)
        const failed = isCurrent || unsettled > 0 ? this.#proved.fail(reason) : 0
        if (this.#closing.signal.aborted) return
        if (unsettled + failed === 0) return this.#status.closedIdle(reason)
        if (unsettled > 0) this.#closesFirst = connection.peerEndedFirst
        this.#size.lost(connection.carriedBytes || this.#lastCarried)
        this.#status.unavailable(reason)
      },
    }
  }

  #armIdle(): void {
    if (this.#confirm !== 'close' || this.#closing.signal.aborted) return
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => {
      const connection = currentIn(this.#phase)
      const waits = connection?.isIdle && connection.unsettled > 0
      if (waits && this.#confirm === 'close') void this.#rotate(connection)
    }, this.#times.idleMs)
  }

  /** Opens the next connection and hands over to it: null, or why it failed. */
  #rotate(old: Connection): Promise<string | null> {
    this.#rotating ??= this.#openAndHandOver(old).finally(() => {
      this.#rotating = undefined
    })
    return this.#rotating
  }

  async #openAndHandOver(old: Connection): Promise<string | null> {
    const opening = this.#open()
    // The old one stays at work meanwhile, or is open at least: a peer that ends it before us is found out.
    const next = this.#isEager ? opening : await opening
    if (currentIn(this.#phase) === old && !this.#closing.signal.aborted) {
      const since = performance.now()
      this.#lastCarried = old.carriedBytes
      const done = this.#handOver(old, next)
      this.#phase = { is: 'handing over', old, done }
      const trouble = await done
      this.#phase = afterHandover(this.#phase)
      this.#pace.took(performance.now() - since)
      return trouble
    }
    const unused = await next
    if (typeof unused !== 'string') unused.giveUp('not needed any more')
    return null
  }

  /** `opening` gives a reason when there is none. Some receivers take only one connection at a time. */
  async #handOver(old: Connection, opening: Opening | Promise<Opening>): Promise<string | null> {
    const end = await this.#ends.of(old)
    const next = await opening
    if (typeof end === 'string') {
      if (typeof next !== 'string') next.giveUp(end)
      return end
    }
    this.#proved.add(end)
    // If there is none, the end may have been that of the whole receiver, and of what it had still in hand.
    const successor = await this.#connector.successorOf(next, this.#closing.signal)
    if (isAlive(successor)) {
      this.#phase = withCurrent(this.#phase, successor)
      return null
    }
    const reason = troubleOf(successor)
    if (this.#closing.signal.aborted) return reason
    this.#proved.fail(reason)
    this.#status.unavailable(reason)
    return reason
  }

  /** What seemed never to close may have stood still, and been mended since. */
  async #askAgain(): Promise<void> {
    await this.#ends.leavesFreshOpen()
    if (this.#ends.peerCloses) this.#confirm = this.#options.confirm
  }
}
