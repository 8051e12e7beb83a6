/**
 * Frames on their way through TLS, a piece at a time. What is encrypted is copied three times before the kernel has it: a
 * whole batch each time through memory that is far from the processor, a piece through its caches.
 */
import type { Socket } from 'node:net'

const pieceBytes = 512 * 1024

/** Writes to one socket, which is ended when all is `written`. */
export class Pieces {
  readonly #socket: Socket
  #last: Promise<void> = Promise.resolve()

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** `taken`: the kernel has them all, or the socket broke. */
  write(frames: Buffer, taken: (error?: Error | null) => void): void {
    this.#last = this.#writeBehind(this.#last, frames).then(taken)
  }

  /** Resolves when all that was to be written is taken, or the socket broke. */
  written(): Promise<void> {
    return this.#last
  }

  async #writeBehind(before: Promise<void>, frames: Buffer): Promise<Error | null | undefined> {
    await before
    for (let at = 0; at < frames.length; at += pieceBytes) {
      const piece = frames.subarray(at, at + pieceBytes)
      const error = await new Promise<Error | null | undefined>((done) => this.#socket.write(piece, done))
      if (error) return error
    }
    return null
  }
}
