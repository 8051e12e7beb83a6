/**
 * How long a row takes from the moment it is written to its log until its event arrives: simulated rows, with the
 * time of their writing as their date-time, in bursts as Exchange flushes them, into two logs of each source in turn; and
 * the processor time that following them takes. (The live simulator stamps the rows of a burst ahead of the clock, so that its times can't be measured against.)
 */
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { killChild, startChild } from './children.ts'
import { firstRows } from './data.ts'
import { cpuMsOf, percentile } from './measure.ts'
import { msgtrkRun } from './msgtrk.ts'

const burstMs = 25
const warmUpMs = 3000
/** They are written again and again, each time with a time of its own. */
const distinctRows = 5000
/** How long the last event may take. */
const graceMs = 5000

export interface Latency {
  readonly rows: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Share of one processor, 0–1. */
  readonly cpu: number
}

/** Writes `rate` rows a second to each source while `msgtrk run` follows. Throws when an event does not come. */
export async function measureLatency(
  temporary: string,
  options: { log: string; sources: number; rate: number; seconds: number },
): Promise<Latency> {
  const folder = await mkdtemp(path.join(temporary, 'latency-'))
  const { header, rows } = await firstRows(options.log, distinctRows)
  const hour = new Date().toISOString().replace(/\D/g, '').slice(0, 10)
  const sources = Array.from({ length: options.sources }, (_, index) => path.join(folder, `EX${index + 1}`))
  const files = sources.map((source) =>
    ['MSGTRK', 'MSGTRKMD'].map((prefix) => path.join(source, `${prefix}${hour}-1.LOG`)),
  )
  for (const source of sources) await mkdir(source)
  for (const file of files.flat()) appendFileSync(file, header)

  /** By the event's time in epoch milliseconds, which is like no other's. */
  const arrivedMs = new Map<number, number>()
  const server = createServer((socket) => {
    let rest = ''
    socket.on('error', () => {})
    socket.on('data', (data) => {
      const nowMs = performance.now()
      const lines = (rest + data.toString('latin1')).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) arrivedMs.set(Number(/ rt=(\d{13}) /.exec(line)?.[1]), nowMs)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const { command, args } = await msgtrkRun({ folder, sources, receivers: [{ port }], once: false })
  const child = startChild(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    const pid = child.pid as number
    // A millisecond for each row of all sources, so that its time is its name; the last one is about now.
    let timeMs = Date.now() - (warmUpMs + options.seconds * 1000) * (options.sources - 1)
    const task = { rows, rate: options.rate, nextTime: () => ++timeMs }
    await writeRows(files, { ...task, forMs: warmUpMs })
    const before = { cpuMs: cpuMsOf(pid), timeMs: performance.now() }
    const writtenMs = await writeRows(files, { ...task, forMs: options.seconds * 1000 })
    const cpu = (cpuMsOf(pid) - before.cpuMs) / (performance.now() - before.timeMs)
    const endMs = performance.now() + graceMs
    const absent = () => [...writtenMs.keys()].filter((time) => !arrivedMs.has(time)).length
    while (absent() > 0 && performance.now() < endMs) await delay(50)
    if (absent() > 0) throw new Error(`${absent()} of ${writtenMs.size} events did not come in time`)
    const latencies = [...writtenMs].map(([time, ms]) => (arrivedMs.get(time) as number) - ms)
    return {
      rows: latencies.length,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      maxMs: percentile(latencies, 1),
      cpu,
    }
  } finally {
    await killChild(child)
    server.close()
  }
}

/** Writes rows to each source at this pace, one burst into one log, the next into the other; returns when each was written. */
async function writeRows(
  files: readonly (readonly string[])[],
  {
    rows,
    rate,
    nextTime,
    forMs,
  }: { rows: readonly string[]; rate: number; nextTime: () => number; forMs: number },
): Promise<ReadonlyMap<number, number>> {
  const writtenMs = new Map<number, number>()
  const startMs = performance.now()
  const all = Math.ceil((forMs / 1000) * rate)
  for (let next = 0, burst = 0; next < all; burst++) {
    const due = Math.min(all, 1 + Math.floor(((performance.now() - startMs) / 1000) * rate))
    for (const [index, logs] of files.entries()) {
      const times: number[] = []
      const lines: string[] = []
      for (let each = next; each < due; each++) {
        const timeMs = nextTime()
        times.push(timeMs)
        const row = rows[(each + index) % rows.length] as string
        lines.push(`${new Date(timeMs).toISOString()}${row.slice(24)}`)
      }
      appendFileSync(logs[burst % logs.length] as string, lines.join(''))
      const nowMs = performance.now()
      for (const time of times) writtenMs.set(time, nowMs)
    }
    next = due
    await delay(burstMs)
  }
  return writtenMs
}
