/**
 * Reports that wait for one destination: in memory, the oldest first, numbered so that a number is a position.
 *
 *   settled, forgotten │ 7  8  9  10 … │ next
 *                      └ read from here after a rewind
 *
 * It is the source and the checkpoint of a pipeline of its own, so that reports are delivered like events but
 * never hold them up. Memory is bounded: with too many waiting, the oldest that is not important goes.
 */

import type { Chunk, LogFile, Positions, Source } from '../flow/chunk.ts'
import type { Checkpoint } from '../flow/delivery.ts'
import { type Report, reportKinds } from './report.ts'
import { formatRow, reportLayout } from './row.ts'

const file: LogFile = { id: 'reports', source: 'reports', path: 'reports' }
const mostWaiting = 1000
/** Reports of one chunk: far less than a megabyte even if all values are as long as they may be. */
const mostInChunk = 50

interface Waiting {
  readonly number: number
  readonly important: boolean
  readonly row: string
}

export interface ReportQueueOptions {
  /** Name of this machine. */
  readonly host: string
  /** Most reports that may wait; 1,000 by default. */
  readonly capacity?: number
}

export class ReportQueue implements Source, Checkpoint {
  readonly #host: string
  readonly #capacity: number
  #waiting: Waiting[] = []
  #positions: Positions = new Map()
  #next = 0
  #dropped = 0
  #ended = false
  #wake: (() => void) | undefined

  constructor({ host, capacity = mostWaiting }: ReportQueueOptions) {
    this.#host = host
    this.#capacity = capacity
  }

  /** Reports that are not known to be delivered. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Takes a report; none any more after `end`. The statistics say how many were dropped so far. */
  add(report: Report): void {
    if (this.#ended) return
    const dropped = report.kind === reportKinds.statistics ? this.#dropped : 0
    const row = formatRow(report, { host: this.#host, dropped })
    this.#waiting.push({ number: this.#next++, important: report.kind.important, row })
    if (this.#waiting.length > this.#capacity) this.#drop()
    this.#wake?.()
  }

  /** No more reports will come: reading ends once all were read. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  async *read(from: Positions, signal: AbortSignal): AsyncGenerator<Chunk> {
    let next = from.get(file.id)?.offset ?? 0
    while (!signal.aborted) {
      const found = this.#waiting.filter(({ number }) => number >= next).slice(0, mostInChunk)
      const [first] = found
      const last = found.at(-1)
      if (first !== undefined && last !== undefined) {
        next = last.number + 1
        yield chunkOf(found, first.number, next)
      } else if (this.#ended) {
        return
      } else {
        await this.#change(signal)
      }
    }
  }

  async load(): Promise<Positions> {
    return this.#positions
  }

  /** Forgets what is settled. */
  async save(positions: Positions): Promise<void> {
    this.#positions = positions
    const settled = positions.get(file.id)?.offset ?? 0
    this.#waiting = this.#waiting.filter(({ number }) => number >= settled)
  }

  #drop(): void {
    const index = this.#waiting.findIndex(({ important }) => !important)
    this.#waiting.splice(Math.max(0, index), 1)
    this.#dropped++
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#wake = undefined
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#wake = done
      signal.addEventListener('abort', done)
    })
  }
}

function chunkOf(waiting: readonly Waiting[], start: number, end: number): Chunk {
  const bytes = Buffer.from(waiting.map(({ row }) => row).join(''))
  return { file, layout: reportLayout, header: -1, start, end, bytes, malformed: [] }
}
