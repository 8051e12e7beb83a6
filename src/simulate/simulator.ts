/**
 * Writes the tracking logs of one Exchange server into a folder.
 *
 * Bounded (`events` without `rate`): simulated clock, as fast as the disk takes it, the same bytes every time.
 * Live (`rate`): real clock, rows in small bursts, now and then with the last line half written.
 */
import { readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { makeFolder } from '../lock/make-folder.ts'
import { remedyForWriting } from '../mistakes/not-written.ts'
import { ProblemsError } from '../mistakes/problem.ts'
import { type ExchangeVersion, layouts } from './layouts.ts'
import { lineOf } from './quoting.ts'
import { Random } from './random.ts'
import { type Row, rowsOf, stamper } from './rows.ts'
import { Traffic } from './traffic.ts'
import { TrackingLog } from './writer.ts'

/** What to simulate; at least one of `events` and `rate` bounds the work. */
export interface SimulationOptions {
  /** Folder of the logs; made when it is missing. */
  readonly into: string
  readonly version: ExchangeVersion
  readonly seed: number
  /** Name of the server, `EX01` by default. */
  readonly server?: string
  /** Ends after this many rows; without it only `signal` ends the simulation. */
  readonly events?: number
  /** Rows per second of real time; without it time is simulated. */
  readonly rate?: number
  readonly signal: AbortSignal
  /** Called after each burst with the number of rows so far, some of which may still be on their way to disk. */
  readonly onRows?: (rows: number) => void
}

/** What was written, in order of creation within each prefix. */
export interface SimulationResult {
  readonly rows: number
  readonly files: readonly string[]
  readonly bytes: number
}

const flushBytes = 512 * 1024
/** Rows between two looks at the signal. */
const turnRows = 5000
const burstMs = 25
/** A bounded simulation of few rows is spread over this time, so that it makes more than one file per prefix. */
const spreadSeconds = 3 * 3600
const busiestRowsPerSecond = 9
/** How far time stamps may run ahead of the clock to stay unique. */
const aheadMs = 250

/**
 * Runs until `events` rows are written or `signal` aborts; every line is complete then. Throws ProblemsError when
 * the folder can't be used, or already holds tracking logs and the simulation is bounded.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  await prepareFolder(options)
  const logs = new Logs(options)
  try {
    await (options.rate === undefined ? writeBounded(options, logs) : writeLive(options, options.rate, logs))
  } finally {
    await logs.close()
  }
  return logs.result()
}

async function writeBounded(options: SimulationOptions, logs: Logs): Promise<void> {
  const { seed, version, server = 'EX01', events = Number.POSITIVE_INFINITY, signal, onRows } = options
  const rowsPerSecond = Math.min(busiestRowsPerSecond, events / spreadSeconds)
  const rows = rowsOf(seed, version, { server, rowsPerSecond })
  while (logs.rows < events && !signal.aborted) {
    const end = Math.min(events, logs.rows + turnRows)
    while (logs.rows < end) await logs.write(rows.next().value)
    onRows?.(logs.rows)
    // Writing alone may never leave the microtask queue, and a signal would not be heard.
    await delay(0)
  }
}

async function writeLive(options: SimulationOptions, rate: number, logs: Logs): Promise<void> {
  const { seed, version, server = 'EX01', events = Number.POSITIVE_INFINITY, signal, onRows } = options
  const startMs = Date.now()
  const traffic = new Traffic({ seed, server, startMs, rowsPerSecond: rate })
  const stamp = stamper(layouts[version], new Random(`${seed} ${server} ${startMs} log ids`))
  const halves = new Random(`${seed} half lines`)
  let lastMs = startMs
  while (!signal.aborted) {
    const nowMs = Date.now()
    const due = Math.min(events, 1 + Math.floor(((nowMs - startMs) / 1000) * rate))
    traffic.advanceTo(nowMs)
    while (logs.rows < due) {
      const timeMs = Math.max(nowMs, lastMs + (lastMs < nowMs + aheadMs ? 1 : 0))
      const row = stamp(traffic.next(), timeMs)
      if (row === null) continue
      lastMs = timeMs
      await logs.write(row)
    }
    await logs.flush(() => (halves.chance(0.1) ? halves.integer(1, 150) : 0))
    onRows?.(logs.rows)
    if (logs.rows >= events) return
    await delay(burstMs, undefined, { signal }).catch(() => undefined)
  }
}

/** The open logs of one server, by prefix. */
class Logs {
  readonly #options: SimulationOptions
  readonly #logs = new Map<string, TrackingLog>()
  #rows = 0

  constructor(options: SimulationOptions) {
    this.#options = options
  }

  get rows(): number {
    return this.#rows
  }

  async write({ prefix, timeMs, values }: Row): Promise<void> {
    let log = this.#logs.get(prefix)
    if (log === undefined) {
      log = new TrackingLog(this.#options.into, prefix, layouts[this.#options.version])
      this.#logs.set(prefix, log)
    }
    if (log.needsRoll(timeMs)) await log.roll(timeMs)
    log.append(lineOf(values))
    this.#rows++
    if (log.gatheredBytes >= flushBytes) await log.flush()
  }

  /** Flushes every log, each but as many bytes as `heldBack` says. */
  async flush(heldBack: () => number): Promise<void> {
    for (const log of this.#logs.values()) await log.flush(heldBack())
  }

  async close(): Promise<void> {
    for (const log of this.#logs.values()) await log.close()
  }

  result(): SimulationResult {
    const logs = [...this.#logs.values()]
    return {
      rows: this.#rows,
      files: logs.flatMap((log) => log.files),
      bytes: logs.reduce((sum, log) => sum + log.writtenBytes, 0),
    }
  }
}

async function prepareFolder({ into, rate }: SimulationOptions): Promise<void> {
  let names: readonly string[]
  try {
    await makeFolder(into)
    names = await readdir(into)
  } catch (error) {
    const { message } = error as Error
    throw new ProblemsError([
      {
        where: { file: into },
        message,
        remedy: remedyForWriting(error as NodeJS.ErrnoException, 'give another folder'),
      },
    ])
  }
  const log = names.find((name) => /^MSGTRK.*\.LOG$/i.test(name))
  if (rate === undefined && log !== undefined) {
    throw new ProblemsError([
      {
        where: { file: into },
        message: `there are tracking logs already (${log}); they are not overwritten`,
        remedy: 'give an empty folder, or --rate to write live beside them',
      },
    ])
  }
}
