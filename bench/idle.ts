/** What the program costs when nothing happens: many folders with many logs, all of it delivered. */
import { link, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { killChild, startChild } from './children.ts'
import { firstRows } from './data.ts'
import { cpuMsOf, memoryOf } from './measure.ts'
import { msgtrkRun } from './msgtrk.ts'
import { Sink } from './sink.ts'

const rowsPerLog = 2
const prefixes = ['MSGTRK', 'MSGTRKMD', 'MSGTRKMS', 'MSGTRKMA'] as const
const firstHourMs = Date.UTC(2026, 9, 1)
const hourMs = 3_600_000
/** For what follows on the last delivery: the last proof, the last checkpoint, and memory that is tidied. */
const settleMs = 45_000

export interface Idle {
  readonly logs: number
  readonly folders: number
  /** Share of one processor, 0–1. */
  readonly cpu: number
  /** Resident set when the measuring began, and when it ended. */
  readonly memoryMb: readonly [number, number]
}

/** Follows the logs of so many folders for some seconds after all of them were delivered. */
export async function measureIdle(
  temporary: string,
  options: { log: string; folders: number; logsPerFolder: number; seconds: number },
): Promise<Idle> {
  const folder = await mkdtemp(path.join(temporary, 'idle-'))
  const { header, rows } = await firstRows(options.log, rowsPerLog)
  const log = path.join(folder, 'log')
  await writeFile(log, header + rows.join(''))
  const sources: string[] = []
  for (let index = 0; index < options.folders; index++) {
    const source = path.join(folder, `EX${index + 1}`)
    await mkdir(source)
    for (let each = 0; each < options.logsPerFolder; each++) await link(log, path.join(source, logName(each)))
    sources.push(source)
  }
  const logs = options.folders * options.logsPerFolder
  const sink = await Sink.start()
  const { command, args } = await msgtrkRun({
    folder,
    sources,
    receivers: [{ port: sink.port }],
    once: false,
  })
  const child = startChild(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    const pid = child.pid as number
    await sink.waitFor(logs * rowsPerLog, 180_000)
    await delay(settleMs)
    const before = { cpuMs: cpuMsOf(pid), timeMs: performance.now(), memoryMb: memoryOf(pid).nowMb }
    await delay(options.seconds * 1000)
    const cpu = (cpuMsOf(pid) - before.cpuMs) / (performance.now() - before.timeMs)
    return { logs, folders: options.folders, cpu, memoryMb: [before.memoryMb, memoryOf(pid).nowMb] }
  } finally {
    await killChild(child)
    await sink.stop()
  }
}

/** The log of an hour, of one prefix after the other. */
function logName(index: number): string {
  const hour = new Date(firstHourMs + Math.floor(index / prefixes.length) * hourMs).toISOString()
  return `${prefixes[index % prefixes.length]}${hour.replace(/\D/g, '').slice(0, 10)}-1.LOG`
}
