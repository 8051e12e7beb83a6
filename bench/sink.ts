/** Where events go while they are measured. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { killChild, startChild } from './children.ts'

const script = fileURLToPath(new URL('sink-process.ts', import.meta.url))

export interface SinkSettings {
  /** The built bench/sink.c: it takes the least from those who are measured, but can't do what is below. */
  readonly program?: string
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Reads nothing for a while, once, when it has received so much. */
  readonly stall?: { readonly atBytes: number; readonly forMs: number }
}

/** Of all connections together; a frame is a line. */
export interface Received {
  readonly bytes: number
  readonly frames: number
}

/** A receiver on a port of 127.0.0.1, in a process of its own, so that its cost is not counted. */
export class Sink {
  readonly port: number
  readonly #child: ChildProcess
  #received: Received = { bytes: 0, frames: 0 }
  #lastMs = Number.NaN

  private constructor(child: ChildProcess, port: number, reports: Interface) {
    this.#child = child
    this.port = port
    reports.on('line', (report) => {
      const [bytes = 0, frames = 0] = report.split(' ').map(Number)
      this.#received = { bytes, frames }
      this.#lastMs = performance.now()
    })
  }

  /** Resolves when it listens. */
  static async start(settings: SinkSettings = {}): Promise<Sink> {
    const { program = process.execPath } = settings
    const args = settings.program ? [] : ['--import', 'tsx', script, JSON.stringify(settings)]
    const child = startChild(program, args, {
      // Where tsx is looked for.
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const reports = createInterface({ input: child.stdout as Readable })
    const [port] = await once(reports, 'line', { signal: AbortSignal.timeout(15_000) })
    return new Sink(child, Number(port), reports)
  }

  /** What it had received some 20 ms ago at most. */
  get received(): Received {
    return this.#received
  }

  /** When the last of that came, some 20 ms late at most; by the clock of `performance.now()`. */
  get lastMs(): number {
    return this.#lastMs
  }

  /** Resolves when so many frames came; throws when they don't. */
  async waitFor(frames: number, timeoutMs: number): Promise<void> {
    const endMs = performance.now() + timeoutMs
    while (this.#received.frames < frames) {
      if (performance.now() > endMs) {
        throw new Error(`${this.#received.frames} of ${frames} events came in ${timeoutMs / 1000} s`)
      }
      await delay(20)
    }
  }

  async stop(): Promise<void> {
    await killChild(this.#child)
  }
}
