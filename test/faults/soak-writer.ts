/** A server that writes numbered records into several logs at once, live. */
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { headerBlock, layouts, periodName } from '../../src/simulate/layouts.ts'
import { lineOf } from '../../src/simulate/quoting.ts'
import { Random } from '../../src/simulate/random.ts'
import { rowsOf } from '../../src/simulate/rows.ts'

const layout = layouts[2016]
const numberColumn = layout.columns.indexOf('internal-message-id')
const timeColumn = layout.columns.indexOf('date-time')
const burstMs = 25

interface OpenLog {
  readonly path: string
  /** It ends after so many rows. */
  rowsLeft: number
  /** What is still to be written. */
  text: Buffer
}

export interface WriterOptions {
  readonly folder: string
  readonly seed: number
  readonly server: string
  readonly rowsPerSecond: number
  readonly signal: AbortSignal
  /** Rows say the time at which they are written, and not that of what is simulated. */
  readonly isTimely?: boolean | undefined
}

/** What a server has written so far. */
export interface Written {
  /** Paths of logs that get no more, oldest first. */
  readonly finished: string[]
  /** Lines that are no record. */
  readonly malformed: string[]
}

/**
 * Writes until `signal` aborts, at an uneven pace, lines in pieces, and ends every line then. The number of a record
 * is its internal message id. Now and then a line is no record. Tells in `written` what else there is to know.
 */
export async function writeNumbered(options: WriterOptions, written: Written): Promise<void> {
  const { folder, seed, server, rowsPerSecond, signal, isTimely = false } = options
  await mkdir(folder, { recursive: true })
  const random = new Random(`${seed} ${server} writer`)
  const rows = rowsOf(seed, '2016', { server, rowsPerSecond: 5 })
  const logs = new Map<string, OpenLog>()
  let count = 0
  let files = 0

  async function flush(log: OpenLog, heldBackBytes = 0): Promise<void> {
    const end = Math.max(0, log.text.length - heldBackBytes)
    await appendFile(log.path, log.text.subarray(0, end))
    log.text = log.text.subarray(end)
  }

  async function logFor(prefix: string, timeMs: number): Promise<OpenLog> {
    const open = logs.get(prefix)
    if (open !== undefined && open.rowsLeft > 0) return open
    if (open !== undefined) {
      await flush(open)
      written.finished.push(open.path)
    }
    const name = `${prefix}${periodName(layout, timeMs)}-${++files}.LOG`
    const text = Buffer.from(headerBlock(layout, timeMs))
    const fresh = { path: join(folder, name), rowsLeft: random.integer(50, 4000), text }
    logs.set(prefix, fresh)
    return fresh
  }

  while (!signal.aborted) {
    // Three times as much now and then, and nothing at times.
    const burst = Math.floor((rowsPerSecond * burstMs * random.integer(0, 30)) / 15_000)
    for (let i = 0; i < burst; i++) {
      const row = rows.next().value
      const numbered = row.values.with(numberColumn, String(++count))
      const values = isTimely ? numbered.with(timeColumn, new Date().toISOString()) : numbered
      const log = await logFor(row.prefix, row.timeMs)
      log.text = Buffer.concat([log.text, Buffer.from(lineOf(values))])
      log.rowsLeft--
      if (random.chance(0.002)) {
        const line = `no record ${server} ${count}`
        log.text = Buffer.concat([log.text, Buffer.from(`${line}\r\n`)])
        written.malformed.push(line)
      }
    }
    for (const log of logs.values()) await flush(log, random.chance(0.2) ? random.integer(1, 300) : 0)
    await delay(burstMs)
  }
  for (const log of logs.values()) await flush(log)
}
