/** What a run of a program costs, and what the system says of a process that runs. */
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { ended, startChild } from './children.ts'
import { temporaryFolder } from './temporary.ts'

/** One run, from its start to its end. */
export interface Usage {
  readonly wallMs: number
  /** User and system time of all its threads and of what it started. */
  readonly cpuMs: number
  /** User time alone. */
  readonly userMs: number
  /** Largest resident set; NaN where nothing tells it. */
  readonly peakMb: number
}

export interface MeasureOptions {
  /** Allows it this processor only, where that is possible. */
  readonly core?: number
  readonly timeoutMs: number
}

const timeProgram = '/usr/bin/time'
const tasksetProgram = '/usr/bin/taskset'

/** For names of files. */
let measured = 0

/** Runs a program to its end, its standard output thrown away. Throws when it fails or takes too long. */
export async function measure(
  command: string,
  args: readonly string[],
  { core, timeoutMs }: MeasureOptions,
): Promise<Usage> {
  const file = path.join(temporaryFolder(), `usage-${++measured}`)
  const pinned = core !== undefined && existsSync(tasksetProgram) ? [tasksetProgram, '-c', `${core}`] : []
  const line = [...pinned, ...timed(file), command, ...args]
  const startMs = performance.now()
  const child = startChild(line[0] as string, line.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] })
  await ended(child, `${path.basename(command)} ${args[0]}`, timeoutMs)
  const wallMs = performance.now() - startMs
  const [user = 0, system = 0, peakKb = Number.NaN] = (await readFile(file, 'utf8'))
    .trim()
    .split(' ')
    .map(Number)
  return { wallMs, cpuMs: (user + system) * 1000, userMs: user * 1000, peakMb: peakKb / 1000 }
}

/** A command that runs the one behind it and writes seconds of user and system time, and peak KB if it can. */
function timed(file: string): readonly string[] {
  if (existsSync(timeProgram)) return [timeProgram, '-f', '%U %S %M', '-o', file]
  return ['bash', '-c', `TIMEFORMAT='%3U %3S'; { time "$@" 2>&3; } 3>&2 2>'${file}'`, 'bash']
}

/** Ticks of /proc/PID/stat in a second, the same on all Linux. */
const ticksPerSecond = 100

/** User and system time of a process so far, in milliseconds; steps of 10. */
export function cpuMsOf(pid: number): number {
  // Its name, in parentheses, may hold anything.
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000
}

/** Resident set of a process in MB: now, and the largest so far. */
export function memoryOf(pid: number): { readonly nowMb: number; readonly peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1000
  return { nowMb: read('VmRSS'), peakMb: read('VmHWM') }
}

/** The value in the middle; of an even number of them, the lower one. NaN of none. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The least value that this share (0–1) of all does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
