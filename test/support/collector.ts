/** A receiver that keeps every frame, and a judge of what it got. */
import { decodeFrame } from '../../src/receive/frame-decoder.ts'
import { type Receiver, type ReceiverTls, startReceiver } from '../../src/receive/receiver.ts'
import { freePort } from './free-port.ts'
import { Changes } from './until.ts'

/** Where to listen; on a TCP port by default that is free again for it alone once it is closed. */
export interface CollectorOptions {
  readonly listen?: string
  readonly tls?: ReceiverTls
}

export class Collector {
  /** Every frame, one character a byte. */
  readonly frames: string[] = []
  readonly #different = new Set<string>()
  readonly #changes = new Changes()
  #receiver: Receiver | undefined

  static async listen({ listen, tls }: CollectorOptions): Promise<Collector> {
    const collector = new Collector()
    const onFrame = (frame: Buffer) => collector.#take(frame)
    collector.#receiver = await startReceiver({
      listen: listen ?? `tcp://127.0.0.1:${await freePort()}`,
      onFrame,
      ...(tls && { tls }),
    })
    return collector
  }

  /** The address it listens on. */
  get url(): string {
    return this.#receiver?.url ?? ''
  }

  /** Frames so far that are no correct event, with the first mistake. */
  get incorrect(): readonly string[] {
    return this.frames.flatMap((text) => {
      const decoded = decodeFrame(Buffer.from(text, 'latin1'))
      return decoded.ok ? [] : [`${decoded.errors[0]?.reason}: ${text}`]
    })
  }

  /** Waits until so many different frames are there; `distinct` tells how many some files stand for. */
  async has(count: number): Promise<void> {
    await this.#changes.until(
      () => `${count} different frames, there are ${this.#different.size}`,
      () => this.#different.size >= count,
    )
  }

  /** Waits until the condition holds; it is looked at whenever a frame came. */
  until(what: string, condition: () => boolean): Promise<void> {
    return this.#changes.until(() => what, condition)
  }

  /** Takes nothing more of what comes, until it does again. */
  stall(): void {
    this.#receiver?.pause()
  }

  goOn(): void {
    this.#receiver?.resume()
  }

  /** Resets every connection. */
  breakConnections(): void {
    this.#receiver?.destroyConnections()
  }

  async close(): Promise<void> {
    await this.#receiver?.close()
  }

  #take(frame: Buffer): void {
    const text = frame.toString('latin1')
    this.frames.push(text)
    this.#different.add(text)
    this.#changes.happened()
  }
}

/** What became of the rows of some files. */
export interface Verdict {
  /** Rows that never came. */
  readonly missing: number
  /** Frames that no row stands for. */
  readonly unknown: number
  /** Frames that came before a row that stands before theirs in the file: each is a row passed over. */
  readonly outOfOrder: number
  /** Frames that came again. */
  readonly repeated: number
}

/** How many different frames there are. */
export function distinct(expected: ReadonlyMap<string, readonly string[]>): number {
  return new Set([...expected.values()].flat()).size
}

export const allThereInOrder: Verdict = { missing: 0, unknown: 0, outOfOrder: 0, repeated: 0 }

/**
 * Holds the frames that came against those that each file stands for, in its order. Going back in a file is
 * a repetition; what must never happen is to go forward by more than one row beyond the last one seen.
 */
export function judge(
  frames: readonly string[],
  expected: ReadonlyMap<string, readonly string[]>,
  keyOf = (frame: string) => frame,
): Verdict {
  const places = new Map<string, { file: string; row: number }[]>()
  for (const [file, rows] of expected) {
    rows.forEach((frame, row) => {
      const key = keyOf(frame)
      const others = places.get(key)
      if (others === undefined) places.set(key, [{ file, row }])
      else others.push({ file, row })
    })
  }
  const reached = new Map([...expected.keys()].map((file) => [file, 0]))
  const ahead = new Map([...expected.keys()].map((file) => [file, new Set<number>()]))
  let unknown = 0
  let outOfOrder = 0
  let repeated = 0
  for (const frame of frames) {
    const candidates = places.get(keyOf(frame)) ?? []
    const next = candidates.find(({ file, row }) => row === reached.get(file))
    if (candidates.length === 0) unknown++
    else if (next !== undefined) reached.set(next.file, next.row + 1)
    else if (candidates.some(({ file, row }) => row < (reached.get(file) ?? 0))) repeated++
    else {
      outOfOrder++
      for (const { file, row } of candidates) ahead.get(file)?.add(row)
    }
  }
  let missing = 0
  for (const [file, rows] of expected) {
    for (let row = reached.get(file) ?? 0; row < rows.length; row++) {
      if (!ahead.get(file)?.has(row)) missing++
    }
  }
  return { missing, unknown, outOfOrder, repeated }
}
