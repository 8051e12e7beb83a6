/** Test doubles for the borders of deliver: everything is decided by the test, nothing by time. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Batch, BatchCounts } from '../../../src/flow/batch.ts'
import type { Chunk, LogFile, Malformed, Position, Positions, Source } from '../../../src/flow/chunk.ts'
import type { Checkpoint, DeadLetters, Destination, Outcome, Sending } from '../../../src/flow/delivery.ts'
import type { Log } from '../../../src/flow/log.ts'

const file: LogFile = { id: 'ex01/a', source: 'ex01', path: '/logs/a.LOG' }

export const delivered: Outcome = { status: 'delivered' }
export const unavailable: Outcome = { status: 'unavailable', reason: 'connection refused' }
export const unsent: Outcome = { status: 'unavailable', reason: 'connection refused', unsent: true }

/** Lets everything that can go on without the test do so. */
export async function idle(turns = 10): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await nextTurn()
}

export function malformed(offset: number): Malformed {
  return { path: file.path, offset, reason: 'too few columns', line: Buffer.from(`line ${offset}`) }
}

/** A batch of one file that ends at `offset`, with one event unless told otherwise. */
export function batch(
  offset: number,
  parts: Partial<BatchCounts> & { start?: number; letters?: readonly Malformed[] } = {},
): Batch {
  const { start = 0, letters = [], ...counts } = parts
  const events = counts.events ?? 1
  return {
    start,
    position: { fileId: file.id, offset, header: 0 },
    file,
    frames: Buffer.alloc(events * 8, offset),
    ends: Uint32Array.from({ length: events }, (_, index) => (index + 1) * 8),
    counts: {
      filtered: 0,
      cut: 0,
      clamped: 0,
      invalid: 0,
      brokenHeaders: 0,
      malformed: letters.length,
      ...counts,
      events,
    },
    malformed: letters,
  }
}

/** A chunk [start, end) of `file`. */
export function chunk(start: number, end: number): Chunk {
  return { file, layout: null, header: 0, start, end, bytes: Buffer.from('row\n'), malformed: [] }
}

/** Gives the chunks of `script` whose end lies beyond the position, then ends or, when it follows, waits. */
export class ScriptedSource implements Source {
  readonly starts: number[] = []
  readonly #script: readonly Chunk[]
  readonly #follows: boolean

  constructor(script: readonly Chunk[], { follows = false } = {}) {
    this.#script = script
    this.#follows = follows
  }

  async *read(from: Positions, signal: AbortSignal): AsyncGenerator<Chunk> {
    const start = from.get(file.id)?.offset ?? 0
    this.starts.push(start)
    for (const next of this.#script) {
      if (signal.aborted) return
      if (next.end > start) yield next
    }
    if (this.#follows && !signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    }
  }
}

interface Sent {
  readonly batch: Batch
  settle(outcome: Outcome): void
}

/** Takes everything (unless `stalled`) and settles when the test says so, or by `answer` at once. */
export class ScriptedDestination implements Destination {
  readonly name = 'siem'
  readonly sent: Sent[] = []
  closed = 0
  stalled = false
  answer: ((batch: Batch) => Outcome | undefined) | undefined
  #stuck: (() => void)[] = []

  async send(batch: Batch): Promise<Sending> {
    let settle: (outcome: Outcome) => void = () => undefined
    const outcome = new Promise<Outcome>((resolve) => {
      settle = resolve
    })
    this.sent.push({ batch, settle })
    const answer = this.answer?.(batch)
    if (answer !== undefined) settle(answer)
    if (this.stalled) await new Promise<void>((resolve) => this.#stuck.push(resolve))
    return { outcome }
  }

  /** Takes what it has been given. */
  unstick(): void {
    for (const release of this.#stuck.splice(0)) release()
  }

  get offsets(): readonly number[] {
    return this.sent.map(({ batch }) => batch.position.offset)
  }

  async close(): Promise<void> {
    this.closed++
    for (const { settle } of this.sent) settle({ status: 'unavailable', reason: 'closed' })
    for (const release of this.#stuck) release()
  }
}

export class MemoryCheckpoint implements Checkpoint {
  saves: Positions[] = []
  failing: Error | undefined
  #positions: Positions

  constructor(positions: readonly Position[] = []) {
    this.#positions = new Map(positions.map((position) => [position.fileId, position]))
  }

  async load(): Promise<Positions> {
    return this.#positions
  }

  async save(positions: Positions): Promise<void> {
    if (this.failing !== undefined) throw this.failing
    this.#positions = positions
    this.saves.push(positions)
  }

  get offset(): number | undefined {
    return this.#positions.get(file.id)?.offset
  }
}

export class MemoryDeadLetters implements DeadLetters {
  readonly letters: Malformed[] = []
  failing: Error | undefined

  async write(letters: readonly Malformed[]): Promise<void> {
    if (this.failing !== undefined) throw this.failing
    this.letters.push(...letters)
  }
}

/** Keeps `level: sentence` of every line. */
export class MemoryLog implements Log {
  readonly lines: string[] = []
  debug = (message: string): number => this.lines.push(`debug: ${message}`)
  info = (message: string): number => this.lines.push(`info: ${message}`)
  warn = (message: string): number => this.lines.push(`warn: ${message}`)
  error = (message: string): number => this.lines.push(`error: ${message}`)
}
