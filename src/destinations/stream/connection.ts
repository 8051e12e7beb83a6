/**
 * One connection and the batches that were written to it. Each connection owns its unsettled batches, so
 * that several can live side by side, an old one finishing while a new one takes over.
 *
 * What must stay true: a batch is settled exactly once, and `delivered` is said only while the connection
 * shows no sign of trouble, or after it ended in a way that proves that all was read.
 */
import type { Outcome, Sending } from '../../flow/delivery.ts'
import { doubtOf, reasonFor } from '../../network/reasons.ts'
import { Alarm, type Clock, systemClock } from '../clock.ts'
import { EndProof } from '../proof/end-proof.ts'
import { endsOf } from '../proof/ends.ts'
import { deferred } from './deferred.ts'
import type { Link } from './link.ts'
import { StallWatch } from './stall-watch.ts'

/** When a batch on a stream counts as delivered. */
export type Confirm = 'close' | 'write' | 'time'

/** How long `time` takes, and how long the peer may take nothing. */
interface ConnectionOptions {
  readonly confirmAfterMs: number
  readonly stallTimeoutMs: number
  /** That of the machine by default. */
  readonly clock?: Clock
}

/** What a connection tells its destination. */
export interface ConnectionEvents {
  delivered(): void
  /** The peer answered our end with a reset; returns what this adds to the reason. */
  resetAtEnd(): string
  /** It ended cleanly, with a close_notify of the peer or without; whether that is as this peer does it. */
  endedBy(closeNotify: boolean): boolean
  /** The connection is gone, and with it `unsettled` batches (already settled as unavailable). */
  broken(reason: string, unsettled: number): void
}

/** Says the fate of one batch. */
export type Settle = (outcome: Outcome) => void

interface Unsettled {
  readonly settle: Settle
  /** When it counts as delivered, by the clock; infinite until then is known. */
  dueAt: number
}

/** A peer that breaks a connection off within this time after it was opened may have refused it. */
export const youngMs = 1000

type State =
  | 'open'
  /** Our half-close is on its way, then with the kernel. */
  | 'ending'
  | 'half-closed'
  /** The peer's clean end came after ours; whether it had everything is being found out. */
  | 'judging'
  | 'proved'
  | { readonly broken: string }

/** A link with the batches it still has to answer for. */
export class Connection {
  /** Resolves when our half-close is with the kernel. */
  readonly halfClosed: Promise<void>
  /** Resolves when it is over. */
  readonly over: Promise<unknown>
  /** It broke since the peer ended it before we did. */
  peerEndedFirst = false
  /** For how long the peer has taken nothing. */
  readonly stall: StallWatch
  readonly #link: Link
  readonly #proof: EndProof
  readonly #peer: string
  readonly #options: ConnectionOptions
  readonly #events: ConnectionEvents
  readonly #clock: Clock
  /** One for all: batches fall due in the order in which they were taken. */
  readonly #alarm: Alarm
  /** In the order of sending. */
  readonly #unsettled: Unsettled[] = []
  readonly #ended = deferred<readonly Settle[] | string>()
  readonly #halfClosed = deferred<void>()
  readonly #openedAt = performance.now()
  #state: State = 'open'
  #writing = 0
  #carriedBytes = 0
  #firstSentAt = 0

  /** Takes over a connected link; `peer` (`host:port`) is named in reasons. */
  constructor(link: Link, peer: string, options: ConnectionOptions, events: ConnectionEvents) {
    const { socket, tcp } = link
    this.#link = link
    this.#proof = new EndProof(endsOf(tcp))
    this.#peer = peer
    this.#options = options
    this.#events = events
    this.#clock = options.clock ?? systemClock
    this.#alarm = new Alarm(this.#clock, () => this.#timeIsUp())
    this.halfClosed = this.#halfClosed.promise
    this.over = this.#ended.promise
    for (const stream of new Set([tcp, socket])) {
      stream.on('error', (error) => this.#failed(error))
      stream.on('close', () => this.#closed())
    }
    socket.on('end', () => this.#peerEnded())
    tcp.on('end', () => this.#peerEnded())
    this.stall = new StallWatch(tcp, peer, options.stallTimeoutMs, (reason) => this.#break(reason))
    // Syslog receivers say nothing; should one do, it must not fill a buffer.
    socket.resume()
  }

  /** Why the connection can't be used any more, undefined while it can. */
  get trouble(): string | undefined {
    return typeof this.#state === 'object' ? this.#state.broken : undefined
  }

  /** Bytes written to it. */
  get carriedBytes(): number {
    return this.#carriedBytes
  }

  /** Milliseconds since it was opened. */
  get openMs(): number {
    return performance.now() - this.#openedAt
  }

  /** Milliseconds since its first batch, 0 before. */
  get ageMs(): number {
    return this.#carriedBytes === 0 ? 0 : performance.now() - this.#firstSentAt
  }

  /** Nothing is on its way into the kernel. */
  get isIdle(): boolean {
    return this.#writing === 0
  }

  /** Batches whose fate is open. */
  get unsettled(): number {
    return this.#unsettled.length
  }

  /** Writes all frames at once; resolves when the kernel took them, or the connection broke. */
  send(frames: Buffer, confirm: Confirm): Promise<Sending> {
    const { socket, tcp } = this.#link
    const { promise: outcome, resolve: settle } = deferred<Outcome>()
    const batch: Unsettled = { settle, dueAt: Number.POSITIVE_INFINITY }
    if (this.#carriedBytes === 0) this.#firstSentAt = performance.now()
    this.#carriedBytes += frames.length
    this.#unsettled.push(batch)
    if (this.#writing++ === 0) this.stall.writing()
    return new Promise((resolve) => {
      this.#link.write(frames, (error) => {
        if (--this.#writing === 0) this.stall.written()
        // A destroyed socket calls back without an error, too: it proves nothing then.
        if (!error && !socket.destroyed && !tcp.destroyed) this.#taken(batch, confirm)
        resolve({ outcome })
      })
    })
  }

  /**
   * Ends our side and waits for the peer's. Resolves with the batches that it proves to be read, for the
   * caller to settle; or with the reason why it proves nothing, its batches being settled as unavailable.
   */
  finish(): Promise<readonly Settle[] | string> {
    if (this.#state === 'open') {
      this.#state = 'ending'
      this.stall.ending()
      void this.#halfClose()
    }
    return this.#ended.promise
  }

  async #halfClose(): Promise<void> {
    const ready = this.#proof.before()
    if (ready !== undefined) await ready
    if (this.#state !== 'ending') return
    await this.#link.halfClose()
    if (this.#state === 'ending') this.#state = 'half-closed'
    this.#halfClosed.resolve()
  }

  /** Gives the connection up. */
  giveUp(reason: string): void {
    this.#break(reason)
  }

  /** Takes the time that has passed without a sign of trouble as proof, and lets the link go. */
  countByTime(): void {
    if (this.trouble !== undefined || this.#state === 'proved') return
    this.#prove()
    this.#destroy()
  }

  /** Ends gracefully, waiting `graceMs` at most. What is not settled by then is unavailable. */
  async close(graceMs: number): Promise<readonly Settle[]> {
    if (this.trouble !== undefined) return []
    const timer = setTimeout(() => this.#break('closed before the delivery was confirmed'), graceMs)
    const ended = await this.finish()
    clearTimeout(timer)
    return typeof ended === 'string' ? [] : ended
  }

  #taken(batch: Unsettled, confirm: Confirm): void {
    if (confirm === 'time') {
      batch.dueAt = this.#clock.now() + this.#options.confirmAfterMs
      this.#arm()
    } else if (confirm === 'write') {
      batch.dueAt = 0
      this.#confirmDue()
    }
  }

  #arm(): void {
    const due = this.#unsettled[0]?.dueAt ?? Number.POSITIVE_INFINITY
    if (due < Number.POSITIVE_INFINITY) this.#alarm.set(due)
  }

  #timeIsUp(): void {
    this.#confirmDue()
    this.#arm()
  }

  #confirmDue(): void {
    if (this.trouble !== undefined) return
    const now = this.#clock.now()
    while (this.#unsettled[0] !== undefined && this.#unsettled[0].dueAt <= now) {
      this.#unsettled.shift()?.settle({ status: 'delivered' })
      this.#events.delivered()
    }
  }

  /** An end that came before ours proves nothing: the peer may have died with our bytes unread. */
  #peerEnded(): void {
    const { socket, tcp } = this.#link
    if (this.#state === 'open' || this.#state === 'ending') {
      this.peerEndedFirst = true
      this.#brokenOff(`connection closed by ${this.#peer}`)
    }
    // Both layers have to have ended: behind a close_notify a reset can follow, and a FIN can hide an alert.
    else if (this.#state === 'half-closed' && tcp.readableEnded && socket.readableEnded) void this.#judge()
  }

  async #judge(): Promise<void> {
    this.#state = 'judging'
    const answer = await this.#proof.after()
    if (this.#state !== 'judging') return
    const closeNotify = this.#link.peerSentCloseNotify?.()
    const usual = closeNotify === undefined || this.#events.endedBy(closeNotify)
    if (answer === 'no' || answer === 'forgotten' || !usual) {
      this.#break(doubtOf(answer, this.#peer))
      return
    }
    this.#prove()
    this.#link.sendFin()
  }

  #prove(): void {
    this.#state = 'proved'
    this.#alarm.clear()
    this.#ended.resolve(this.#unsettled.splice(0).map(({ settle }) => settle))
  }

  #closed(): void {
    // While the proof is judged, a socket that both sides have ended closes by itself.
    if (this.#state !== 'judging') this.#brokenOff(`connection closed by ${this.#peer}`)
  }

  #failed(error: Error): void {
    const reason = reasonFor(error, this.#peer, 'open')
    const isAnswer = this.#state === 'half-closed' && 'code' in error && error.code === 'ECONNRESET'
    const hint = isAnswer ? this.#events.resetAtEnd() : ''
    if (hint === '') this.#brokenOff(reason)
    else this.#break(`${reason}${hint}`)
  }

  /** With TLS 1.3 the peer judges our certificate when the connection seems to be open already. */
  #brokenOff(reason: string): void {
    const { refusal } = this.#link
    const maybe = refusal !== undefined && this.openMs < youngMs
    this.#break(maybe && !reason.includes('TLS alert') ? `${reason}; ${refusal}` : reason)
  }

  #break(reason: string): void {
    if (this.#state === 'proved' || typeof this.#state === 'object') return
    this.#state = { broken: reason }
    this.#alarm.clear()
    this.#destroy()
    const unsettled = this.#unsettled.splice(0)
    for (const { settle } of unsettled) settle({ status: 'unavailable', reason })
    this.#ended.resolve(reason)
    this.#events.broken(reason, unsettled.length)
  }

  #destroy(): void {
    this.#link.socket.destroy()
    this.#link.tcp.destroy()
  }
}
