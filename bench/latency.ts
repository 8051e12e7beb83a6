/**
 * How long a row takes from the moment it is written to its log until its event arrives: simulated rows, with the
 * time of their writing as their date-time, in bursts as Exchange flushes them, into two logs at once. (The live
 * simulator stamps the rows of a burst ahead of the clock, so that its times can't be measured against.)
 */
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { killChild, startChild } from './children.ts'
import { firstRows } from './data.ts'
import { percentile } from './measure.ts'
import { msgtrkRun } from './msgtrk.ts'

const burstMs = 25
const warmUpMs = 3000
/** How long the last event may take. */
const graceMs = 5000

export interface Latency {
  readonly rows: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** Writes `rate` rows a second for some seconds while `msgtrk run` follows. Throws when an event does not come. */
export async function measureLatency(
  temporary: string,
  { log, rate, seconds }: { log: string; rate: number; seconds: number },
): Promise<Latency> {
  const folder = await mkdtemp(path.join(temporary, 'latency-'))
  const source = path.join(folder, 'logs')
  await mkdir(source)
  const { header, rows } = await firstRows(log, Math.ceil(((warmUpMs + seconds * 1000) / 1000) * rate))
  const hour = new Date().toISOString().replace(/\D/g, '').slice(0, 10)
  const files = ['MSGTRK', 'MSGTRKMD'].map((prefix) => path.join(source, `${prefix}${hour}-1.LOG`))
  for (const file of files) appendFileSync(file, header)

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
  const { command, args } = await msgtrkRun({ folder, sources: [source], receivers: [{ port }], once: false })
  const child = startChild(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    const writtenMs = await writeRows(files, rows, rate)
    const endMs = performance.now() + graceMs
    while (arrivedMs.size < writtenMs.size && performance.now() < endMs) await delay(50)
    const firstMs = Math.min(...writtenMs.values()) + warmUpMs
    const latencies = [...writtenMs].flatMap(([time, ms]) =>
      ms < firstMs ? [] : [(arrivedMs.get(time) ?? Number.POSITIVE_INFINITY) - ms],
    )
    if (latencies.includes(Number.POSITIVE_INFINITY)) {
      throw new Error(`${arrivedMs.size} of ${writtenMs.size} events came in time`)
    }
    return {
      rows: latencies.length,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      maxMs: percentile(latencies, 1),
    }
  } finally {
    await killChild(child)
    server.close()
  }
}

/** Writes the rows at this pace, one burst into one file, the next into the other; returns when each was written. */
async function writeRows(
  files: readonly string[],
  rows: readonly string[],
  rate: number,
): Promise<ReadonlyMap<number, number>> {
  const writtenMs = new Map<number, number>()
  const startMs = performance.now()
  let timeMs = Date.now()
  for (let next = 0, burst = 0; next < rows.length; burst++) {
    const due = Math.min(rows.length, 1 + Math.floor(((performance.now() - startMs) / 1000) * rate))
    const times: number[] = []
    const lines = rows.slice(next, due).map((row) => {
      timeMs++
      times.push(timeMs)
      return `${new Date(timeMs).toISOString()}${row.slice(24)}`
    })
    appendFileSync(files[burst % files.length] as string, lines.join(''))
    const nowMs = performance.now()
    for (const time of times) writtenMs.set(time, nowMs)
    next = due
    await delay(burstMs)
  }
  return writtenMs
}
