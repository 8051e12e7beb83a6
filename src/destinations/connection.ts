/**
 * One connection and the batches that were written to it. Each connection owns its unsettled batches, so
 * that several can live side by side, an old one finishing while a new one takes over.
 *
 * What must stay true: a batch is settled exactly once, and `delivered` is said only while the connection
 * shows no sign of trouble.
 */
import type { Socket } from 'node:net'
import type { Outcome, Sending } from '../types.ts'
import { reasonFor } from './reasons.ts'

/** When a batch on a stream counts as delivered, and how long the peer may take nothing. */
interface ConnectionOptions {
  readonly confirm: 'write' | 'time'
  readonly confirmAfterMs: number
  readonly stallTimeoutMs: number
}

/** What a connection tells its destination. */
interface ConnectionEvents {
  delivered(): void
  /** The connection is gone, and with it `unsettled` batches (already settled as unavailable). */
  broken(reason: string, unsettled: number): void
}

interface Unsettled {
  readonly settle: (outcome: Outcome) => void
  /** Monotonic time in ms when it counts as delivered; infinite until the kernel took its bytes. */
  dueAt: number
}

/** A connected socket with the batches it still has to answer for. */
export class Connection {
  readonly #socket: Socket
  readonly #peer: string
  readonly #options: ConnectionOptions
  readonly #events: ConnectionEvents
  /** In the order of sending. */
  readonly #unsettled: Unsettled[] = []
  readonly #closed: Promise<void>
  #state: 'open' | 'ending' | { readonly broken: string } = 'open'
  #writing = 0
  #timer: NodeJS.Timeout | undefined

  /** Takes over a connected socket; `peer` (`host:port`) is named in reasons. */
  constructor(socket: Socket, peer: string, options: ConnectionOptions, events: ConnectionEvents) {
    this.#socket = socket
    this.#peer = peer
    this.#options = options
    this.#events = events
    this.#closed = new Promise((resolve) => {
      socket.on('close', () => resolve())
    })
    socket.on('error', (error) => this.#break(reasonFor(error, peer, 'open')))
    socket.on('end', () => this.#peerEnded())
    socket.on('close', () => this.#break(`connection closed by ${peer}`))
    socket.on('timeout', () =>
      this.#break(`${peer} takes nothing any more (for ${options.stallTimeoutMs / 1000} s)`),
    )
    // Syslog receivers say nothing; should one do, it must not fill a buffer.
    socket.resume()
  }

  /** Why the connection can't be used any more, undefined while it can. */
  get trouble(): string | undefined {
    return typeof this.#state === 'object' ? this.#state.broken : undefined
  }

  /** Writes all frames at once; resolves when the kernel took them, or the connection broke. */
  send(frames: Buffer): Promise<Sending> {
    const { promise: outcome, resolve: settle } = deferred<Outcome>()
    const batch: Unsettled = { settle, dueAt: Number.POSITIVE_INFINITY }
    this.#unsettled.push(batch)
    // The timeout of a socket starts again whenever the peer takes some bytes: what it measures is a stall.
    if (this.#writing++ === 0) this.#socket.setTimeout(this.#options.stallTimeoutMs)
    return new Promise((resolve) => {
      this.#socket.write(frames, (error) => {
        if (--this.#writing === 0) this.#socket.setTimeout(0)
        // A destroyed socket calls back without an error, too: it proves nothing then.
        if (!error && !this.#socket.destroyed) this.#taken(batch)
        resolve({ outcome })
      })
    })
  }

  /** Flushes, says goodbye and waits for the peer's goodbye, `graceMs` at most; then nothing is pending. */
  async close(graceMs: number): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    const timer = setTimeout(() => this.#socket.destroy(), graceMs)
    this.#socket.end()
    await this.#closed
    clearTimeout(timer)
  }

  #taken(batch: Unsettled): void {
    if (this.#options.confirm === 'time') {
      batch.dueAt = performance.now() + this.#options.confirmAfterMs
      this.#arm()
    } else {
      batch.dueAt = 0
      this.#confirmDue()
    }
  }

  /** One timer for all: batches fall due in the order in which they were taken. */
  #arm(): void {
    const due = this.#unsettled[0]?.dueAt ?? Number.POSITIVE_INFINITY
    if (this.#timer !== undefined || due === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(
      // After a pause of the whole process the timer may run before the reset that already lies in the
      // kernel: one round of I/O first.
      () => setImmediate(() => this.#timeIsUp()),
      Math.max(0, Math.ceil(due - performance.now())),
    )
  }

  #timeIsUp(): void {
    this.#timer = undefined
    this.#confirmDue()
    this.#arm()
  }

  #confirmDue(): void {
    if (this.trouble !== undefined) return
    const now = performance.now()
    while (this.#unsettled[0] !== undefined && this.#unsettled[0].dueAt <= now) {
      this.#unsettled.shift()?.settle({ status: 'delivered' })
      this.#events.delivered()
    }
  }

  /** A goodbye that came before ours proves nothing: the peer may have died with our bytes unread. */
  #peerEnded(): void {
    if (this.#state === 'open') this.#break(`connection closed by ${this.#peer}`)
  }

  #break(trouble: string): void {
    if (typeof this.#state === 'object') return
    const reason = this.#state === 'ending' ? 'closed before the delivery was confirmed' : trouble
    this.#state = { broken: reason }
    clearTimeout(this.#timer)
    this.#socket.destroy()
    const unsettled = this.#unsettled.splice(0)
    for (const { settle } of unsettled) settle({ status: 'unavailable', reason })
    this.#events.broken(reason, unsettled.length)
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
