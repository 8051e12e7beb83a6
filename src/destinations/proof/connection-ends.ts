/**
 * How the end of a connection is awaited, and what the peer's silence means. A peer that stands still and one
 * that never closes look alike. So silence is taken for "never closes" only if this peer has not closed a
 * connection yet, and leaves a fresh one that carried nothing open, too. One that has closed before stands
 * still: it is waited for, and then it is unavailable.
 */
import type { Connection, Settle } from '../stream/connection.ts'
import type { RotationSize } from './rotation-size.ts'

/** A peer that answered so many ends in a row with a reset, and none otherwise, does so always. */
const habit = 3

/** What the judgement needs. */
interface ConnectionEndsOptions {
  /** `host:port`, named in reasons. */
  readonly peer: string
  /** Hears how much was proved in which time, and what was not read in time. */
  readonly size: RotationSize
  readonly closeTimeoutMs: number
  readonly stallTimeoutMs: number
  /** Aborts when nothing is to be found out any more. */
  readonly closing: AbortSignal
  /** Opens one more connection, or says why not. */
  readonly open: () => Promise<Connection | string>
  /** The peer was found never to close; batches count by time from now on. */
  readonly neverCloses: () => void
}

/** Judges the ends of a peer's connections, and learns from them how it behaves. */
export class ConnectionEnds {
  readonly #options: ConnectionEndsOptions
  /** The peer has once closed a connection after we did. */
  #peerCloses = false
  /** Over TLS it has once sent a close_notify by itself; an end without one may be that of a relay. */
  #sendsCloseNotify = false
  /** Ends in a row that the peer answered with a reset. */
  #resets = 0

  constructor(options: ConnectionEndsOptions) {
    this.#options = options
  }

  get peerCloses(): boolean {
    return this.#peerCloses
  }

  /** The peer answered our end of a connection with a reset; returns what this adds to the reason. */
  resetAtEnd(): string {
    this.#resets++
    if (this.#peerCloses || this.#resets < habit) return ''
    return (
      '; it has answered every end of a connection like this, so nothing shows whether it read the events, and ' +
      'they are sent again and again: if it does take them, set confirm: time'
    )
  }

  /** A connection ended cleanly, with a close_notify of the peer or without: whether the peer itself ended it, as far as one knows. */
  endedBy(closeNotify: boolean): boolean {
    this.#sendsCloseNotify ||= closeNotify
    return closeNotify || !this.#sendsCloseNotify
  }

  /** Batches were lost to something else than a reset at the end. */
  failed(): void {
    this.#resets = 0
  }

  /** Ends the connection: the batches that its end proves, or why it proves none. */
  async of(old: Connection): Promise<readonly Settle[] | string> {
    const { size, closeTimeoutMs, stallTimeoutMs } = this.#options
    const endedAt = performance.now()
    const ended = old.finish()
    // Over TLS the close_notify takes some bytes, for which there may be no room.
    const halfClosed = Promise.race([ended, old.halfClosed.then(() => true)])
    if ((await whileTaking(old, halfClosed, stallTimeoutMs)) === undefined)
      old.giveUp(this.#silenceOf(stallTimeoutMs))
    const since = performance.now()
    let end = await whileTaking(old, ended, this.#peerCloses ? stallTimeoutMs : closeTimeoutMs)
    if (end === undefined && !this.#peerCloses) {
      if (await this.leavesFreshOpen(ended)) {
        this.#options.neverCloses()
        old.countByTime()
        return ended
      }
      end = await within(ended, stallTimeoutMs - (performance.now() - since))
    }
    if (end === undefined) {
      old.giveUp(this.#silenceOf(performance.now() - since))
      // A slow peer gets less to read before it has to answer; or it would be sent the same again for ever.
      size.unread()
      return ended
    }
    if (typeof end !== 'string') {
      this.#peerCloses = true
      this.#resets = 0
      size.proved(old.carriedBytes, performance.now() - endedAt)
    }
    return end
  }

  /** Whether the peer leaves a connection open that carried nothing; false as soon as `ended` resolves. */
  async leavesFreshOpen(ended: Promise<unknown> = new Promise(() => {})): Promise<boolean> {
    const fresh = await this.#options.open()
    if (typeof fresh === 'string') return false
    const { closing } = this.#options
    const abandon = (): void => fresh.giveUp('not needed any more')
    closing.addEventListener('abort', abandon)
    if (closing.aborted) abandon()
    const answered = fresh.finish()
    await Promise.race([ended, answered, fresh.halfClosed])
    const answer = await within(Promise.race([ended, answered]), this.#options.closeTimeoutMs)
    if (Array.isArray(answer)) this.#peerCloses = true
    closing.removeEventListener('abort', abandon)
    abandon()
    return answer === undefined
  }

  #silenceOf(elapsedMs: number): string {
    const hint = this.#peerCloses ? '' : '; if it never closes connections, set confirm: time'
    return `${this.#options.peer} has not read to the end of the connection for ${Math.round(elapsedMs / 1000)} s${hint}`
  }
}

/** What the promise resolves with, or undefined once the peer has taken nothing for so long. */
async function whileTaking<T>(old: Connection, promise: Promise<T>, ms: number): Promise<T | undefined> {
  for (let leftMs = ms; leftMs > 0; leftMs = ms - (await old.stall.silentMs())) {
    const value = await within(promise, Math.ceil(leftMs))
    if (value !== undefined) return value
  }
  return undefined
}

/** What the promise resolves with, or undefined after so long. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  const first = await Promise.race([promise, late])
  clearTimeout(timer)
  return first
}
