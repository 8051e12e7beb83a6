/** Log files as Exchange keeps them: one open per prefix, rolled by time or size, never renamed or rewritten. */
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { type ExchangeLayout, headerBlock, periodName } from './layouts.ts'

/** A file that has reached this size takes no more rows. */
const maxFileBytes = 10 * 1024 * 1024

/** The log of one prefix. Rows are gathered by `append` and reach the file with `flush`. */
export class TrackingLog {
  /** Paths of the files made so far. */
  readonly files: string[] = []
  readonly #folder: string
  readonly #prefix: string
  readonly #layout: ExchangeLayout
  #handle: FileHandle | null = null
  /** Days or hours since 1970; -1 before the first file. */
  #period = -1
  #instance = 0
  /** Size of the file once all that is gathered is written. */
  #fileBytes = 0
  #writtenBytes = 0
  #buffer = Buffer.allocUnsafe(64 * 1024)
  #gatheredBytes = 0

  constructor(folder: string, prefix: string, layout: ExchangeLayout) {
    this.#folder = folder
    this.#prefix = prefix
    this.#layout = layout
  }

  /** Bytes in all files so far. */
  get writtenBytes(): number {
    return this.#writtenBytes
  }

  /** Bytes that wait for `flush`. */
  get gatheredBytes(): number {
    return this.#gatheredBytes
  }

  /** True when a row of this time needs a new file first: the hour (day) is over, or the size is reached. */
  needsRoll(timeMs: number): boolean {
    return this.#fileBytes >= maxFileBytes || this.#periodOf(timeMs) !== this.#period
  }

  /** Ends the open file and starts the next one, passing over names that exist. */
  async roll(timeMs: number): Promise<void> {
    await this.close()
    const period = this.#periodOf(timeMs)
    if (period !== this.#period) this.#instance = 0
    this.#period = period
    this.#handle = await this.#create(periodName(this.#layout, timeMs))
    this.#fileBytes = 0
    this.append(headerBlock(this.#layout, timeMs))
  }

  /** Gathers a line (with its line end) for the file that `roll` opened. */
  append(line: string): void {
    // A UTF-16 unit is three bytes of UTF-8 at most.
    const needed = this.#gatheredBytes + line.length * 3
    if (needed > this.#buffer.length) {
      this.#buffer = Buffer.concat([this.#buffer.subarray(0, this.#gatheredBytes)], needed * 2)
    }
    const bytes = this.#buffer.write(line, this.#gatheredBytes)
    this.#gatheredBytes += bytes
    this.#fileBytes += bytes
  }

  /** Writes what is gathered, except the last `heldBackBytes`: a line half written until the next flush. */
  async flush(heldBackBytes = 0): Promise<void> {
    const end = this.#gatheredBytes - heldBackBytes
    if (this.#handle === null || end <= 0) return
    await this.#handle.appendFile(this.#buffer.subarray(0, end))
    this.#buffer.copyWithin(0, end, this.#gatheredBytes)
    this.#gatheredBytes = heldBackBytes
    this.#writtenBytes += end
  }

  /** Writes everything and closes the file. */
  async close(): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.#handle?.close()
      this.#handle = null
    }
  }

  #periodOf(timeMs: number): number {
    return Math.floor(timeMs / this.#layout.periodMs)
  }

  async #create(period: string): Promise<FileHandle> {
    for (;;) {
      this.#instance++
      const path = join(this.#folder, `${this.#prefix}${period}-${this.#instance}.LOG`)
      try {
        const handle = await open(path, 'wx')
        this.files.push(path)
        return handle
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
    }
  }
}
