/**
 * A connected stream that can carry events and end in two steps: over TLS its close_notify, then TCP's FIN.
 */
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { SeenCertificate } from '../../flow/events.ts'
import { speaksTls } from '../../network/reasons.ts'
import { giveBack } from './give-back.ts'
import { Pieces } from './pieces.ts'
import { streamTimes } from './times.ts'
import { handshakeRecord, TlsRecords } from './tls-records.ts'

/** What a connection writes to, and what it listens to. */
export interface Link {
  /** Carries the frames. Over plain TCP the same as `tcp`. */
  readonly socket: Socket
  /** Shows every reset and every FIN. */
  readonly tcp: Socket
  /** What it may mean when the peer breaks it off soon after it was opened. */
  readonly refusal?: string
  /** Those that it depends on, over TLS. */
  readonly certificates?: readonly SeenCertificate[]
  /** Writes frames behind those before; `taken`: the kernel has them all, or the link broke. */
  write(frames: Buffer, taken: (error?: Error | null) => void): void
  /** Ends our side, over TLS with a close_notify, else with the FIN. Resolves when that and all bytes are with the kernel; never when the link breaks. */
  halfClose(): Promise<void>
  /** After its end: whether the peer itself ended it, with TLS's close_notify, which no relay can make. */
  peerSentCloseNotify?(): boolean
  /** Ends what is left of our side, after the peer's end was judged. */
  sendFin(): void
}

/** Plain TCP ends with its FIN alone. */
export function tcpLink(tcp: Socket): Link {
  // Nothing is to be read, and no end to be seen, before the one who asked for the link listens.
  tcp.pause()
  tcp.once('data', (bytes: Buffer) => {
    // What follows it is no proof: it has understood nothing.
    if (beginsWithAlert(bytes)) tcp.destroy(new SpeaksTlsError())
  })
  return {
    socket: tcp,
    tcp,
    write: (frames, taken) => void tcp.write(frames, taken),
    async halfClose() {
      const finished = new Promise<void>((resolve) => {
        tcp.once('finish', resolve)
      })
      tcp.end()
      await finished
    },
    sendFin() {},
  }
}

/** The peer of a connection without TLS speaks it. */
class SpeaksTlsError extends Error {
  readonly code = speaksTls
}

/** What a TLS server answers to plain text: a record (RFC 8446, 5.1) with an alert. */
function beginsWithAlert(bytes: Buffer): boolean {
  return bytes[0] === 21 && bytes[1] === 3
}

/** TLS over a wire of our own. */
export function tlsLink(
  socket: Socket,
  wire: Wire,
  about: Required<Pick<Link, 'refusal' | 'certificates'>>,
): Link {
  const pieces = new Pieces(socket)
  let hasNotified = false
  wire.once('tcp end', () => {
    hasNotified = socket.readableEnded
  })
  return {
    socket,
    tcp: wire.tcp,
    ...about,
    write: (frames, taken) => pieces.write(frames, taken),
    async halfClose() {
      await pieces.written()
      const sent = wire.expectCloseNotify(() => socket.writableLength === 0)
      socket.end()
      await sent
    },
    peerSentCloseNotify: () => hasNotified,
    sendFin: () => wire.sendFin(),
  }
}

/**
 * The TCP socket below TLS, kept in our own hands. TLS directly on a socket sends its close_notify and TCP's
 * FIN in one go and hides what happens then: an error of writing the close_notify is swallowed and a reset
 * shows as a clean end, and a peer that closes at once on the close_notify has its FIN cross with ours.
 * Here the FIN waits a moment, so that the peer's answer to the close_notify can be judged by itself.
 */
export class Wire extends Duplex {
  readonly tcp: Socket
  readonly #records = new TlsRecords()
  readonly #closeNotifyMs: number
  /** Our close_notify is on its way. */
  #isEnding = false
  #finish: (() => void) | undefined
  #writeTaken = (): void => {}
  #timer: NodeJS.Timeout | undefined

  /** Takes over a connected socket made with `allowHalfOpen`. */
  constructor(tcp: Socket, { closeNotifyMs } = streamTimes) {
    super({ allowHalfOpen: true })
    this.tcp = tcp
    this.#closeNotifyMs = closeNotifyMs
    tcp.on('data', (bytes: Buffer) => this.#pass(bytes))
    tcp.on('end', () => {
      // The peer's answer, which is judged before anything else happens.
      clearTimeout(this.#timer)
      // A close_notify right before it is read first, so that the two can be told apart.
      setImmediate(() => {
        this.emit('tcp end')
        this.push(null)
      })
    })
    tcp.on('error', (error) => this.destroy(error))
    tcp.on('close', () => {
      this.#finish?.()
      // An end that TLS has still to read comes first.
      if (!tcp.readableEnded) this.destroy()
    })
  }

  /** Resolves when a write was taken after `allWritten` holds: that can only be the close_notify. */
  async expectCloseNotify(allWritten: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#writeTaken = () => {
        if (!allWritten()) return
        this.#writeTaken = () => {}
        // When the process was busy, the answer may be there already: one round of I/O first.
        this.#timer = setTimeout(() => setImmediate(() => this.#stopWaiting()), this.#closeNotifyMs)
        resolve()
      }
    })
  }

  /** Sends TCP's FIN. */
  sendFin(): void {
    clearTimeout(this.#timer)
    this.tcp.end()
  }

  #stopWaiting(): void {
    if (!this.tcp.readableEnded) this.sendFin()
  }

  /**
   * Node's TLS asserts that it has nothing to write once its close_notify is sent, where no one can catch it. A peer that
   * wishes to renegotiate then, or is at it, has to be answered, and would end the whole process; so it ends the
   * connection. TLS 1.3 shows no handshake in the clear by then, and knows no renegotiation.
   */
  #pass(bytes: Buffer): void {
    const shakesHands = this.#records.hold(bytes, handshakeRecord)
    if (this.#isEnding && shakesHands) {
      this.destroy(new Error('the peer asked to renegotiate behind our goodbye'))
      return
    }
    if (!this.push(bytes)) this.tcp.pause()
  }

  override _read(): void {
    this.tcp.resume()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.tcp.write(bytes, (error) => {
      if (!error && !this.tcp.destroyed) {
        // The kernel has it all, and it was a copy made for us.
        giveBack(bytes)
        this.#writeTaken()
      }
      done(error)
    })
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    // Seldom: mostly TLS hands over a piece as one chunk.
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done)
  }

  /** TLS has ended. `done` only at the very end: it destroys us. */
  override _final(done: () => void): void {
    this.#isEnding = true
    if (this.tcp.closed) {
      done()
      return
    }
    this.#finish = done
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer)
    this.tcp.destroy()
    done(error)
  }
}
