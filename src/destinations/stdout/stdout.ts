/**
 * Events on standard output, a line each, for what stands behind a pipe. Written by calls of the system and not by
 * `process.stdout`, which blocks the whole program while a reader is slow.
 */
import { write } from 'node:fs'
import type { Batch } from '../../flow/batch.ts'
import { closed, type Destination, type Outcome, type Sending, settledAs } from '../../flow/delivery.ts'
import type { Listener } from '../../flow/events.ts'
import type { Log } from '../../flow/log.ts'
import { pause } from '../../flow/pause.ts'
import { plain } from '../../network/reasons.ts'
import type { CommonOptions } from '../kind.ts'
import { HeadersInForce } from '../rows-under-header.ts'
import { DestinationStatus } from '../status.ts'

const standardOutput = 1
/** Where the reader has set the pipe so that a full one is not waited for. */
const againMs = 20
const closeMs = 2500

/** Writes to standard output, or for tests to another descriptor. */
export function createStdout(
  options: CommonOptions,
  log: Log,
  events?: Listener,
  descriptor = standardOutput,
): Destination {
  return new Stdout(options, log, events, descriptor)
}

class Stdout implements Destination {
  readonly name: string
  readonly #status: DestinationStatus
  readonly #descriptor: number
  readonly #closing = new AbortController()
  #turn: Promise<unknown> = Promise.resolve()
  #isReady = false
  /** The end of a line that a failed call has left undone: what comes next would be read as a part of it. */
  #isWithinLine = false
  readonly #headers = new HeadersInForce()

  constructor({ name, to }: CommonOptions, log: Log, events: Listener | undefined, descriptor: number) {
    this.name = name
    this.#status = new DestinationStatus(name, to, log, { events })
    this.#descriptor = descriptor
  }

  async send(batch: Batch): Promise<Sending> {
    if (batch.ends.length === 0) return settledAs({ status: 'delivered' })
    const written = this.#turn.then(() => this.#write(batch))
    this.#turn = written
    return settledAs(await written)
  }

  /** A reader that does not read gets no more. */
  async close(): Promise<void> {
    this.#closing.abort()
    const over = new AbortController()
    const ended = this.#turn.then(() => over.abort())
    await Promise.race([ended, pause(closeMs, over.signal)])
  }

  async #write(batch: Batch): Promise<Outcome> {
    if (this.#closing.signal.aborted) return closed
    let written = 0
    const header = this.#headers.inFrontOf(batch, this)
    this.#headers.isThere(batch, this)
    // Of its own: a call that is under way when it is closed may still read it.
    const bytes = Buffer.concat([Buffer.from(this.#isWithinLine ? '\n' : ''), header, batch.frames])
    try {
      while (written < bytes.length) {
        const count = await this.#writeSome(bytes, written)
        if (count === undefined) {
          if (this.#closing.signal.aborted) return { ...closed, unsent: written === 0 }
          await pause(againMs, this.#closing.signal)
        } else written += count
      }
    } catch (error) {
      this.#headers.forget(this)
      const reason = reasonOf(error)
      this.#status.unavailable(reason)
      return { status: 'unavailable', reason, unsent: written === 0 }
    } finally {
      if (written > 0) this.#isWithinLine = bytes[written - 1] !== 0x0a
    }
    if (!this.#isReady) this.#status.connected()
    this.#isReady = true
    this.#status.delivered()
    return { status: 'delivered' }
  }

  /** How many bytes were taken; undefined when there is no room now. */
  #writeSome(bytes: Buffer, from: number): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      write(this.#descriptor, bytes, from, bytes.length - from, null, (error, written) => {
        if (error === null) resolve(written)
        else if (error.code === 'EAGAIN') resolve(undefined)
        else reject(error)
      })
    })
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'EPIPE'
    ? 'who read the standard output of msgtrk has ended: start both anew'
    : `standard output can not be written: ${plain(message)}`
}
