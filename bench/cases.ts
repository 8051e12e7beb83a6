/** The programs and settings that are compared, each to be run several times. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { makeSelfSigned } from '../src/receive/self-signed.ts'
import { limitOf } from './limit.ts'
import { type MeasureOptions, measure, type Usage } from './measure.ts'
import { msgtrk, msgtrkRun, type Receiver } from './msgtrk.ts'
import { Sink, type SinkSettings } from './sink.ts'
import { measureSyslogNg } from './syslog-ng.ts'

/**
 * One run of a case; `rows` were read and `events` delivered, over all destinations. The wall time ends with the
 * last event's arrival: with `confirm: close`, the program then waits another 1.5 s for what proves it.
 */
export interface Sample extends Usage {
  readonly rows: number
  readonly events: number
}

export type Case = () => Promise<Sample>

export type CaseName =
  | 'run, confirm: close'
  | 'run, confirm: write'
  | 'run over TLS'
  | 'run, two destinations'
  | 'run, SEND and RECEIVE'
  | 'run, RECEIVE'
  | 'convert'
  | 'convert --jobs 2'
  | 'convert of one row'
  | 'limit over TCP'
  | 'limit to standard output'
  | 'SIMD limit over TCP'
  | 'SIMD limit to standard output'
  | 'syslog-ng'

export interface Task {
  /** For what is temporary. */
  readonly folder: string
  /** All logs, in a folder of their own, and how many rows they have together. */
  readonly source: string
  readonly logs: readonly string[]
  readonly rows: number
  /** One of them, for who reads one file. */
  readonly log: string
  readonly rowsOfLog: number
  /** A log with one row. */
  readonly oneRow: string
  /** The built limit; null without a compiler. */
  readonly limit: string | null
  /** The same with SIMD; null without a processor for it, too. */
  readonly simd: string | null
  /** The built receiver; null without a compiler. */
  readonly sink: string | null
  readonly hasSyslogNg: boolean
}

/** Programs that get one processor; the other ones are for the sink. */
const core = 0

/** The cases that can be run here. */
export async function createCases(task: Task): Promise<ReadonlyMap<CaseName, Case>> {
  const { logs, limit, simd, rows, log, rowsOfLog, hasSyslogNg } = task
  const timeoutMs = 60_000 + rows * 0.2
  const oneCore: MeasureOptions = { core, timeoutMs }
  const converted = async (options: MeasureOptions, ...more: readonly string[]) => {
    const { command, args } = msgtrk('convert', '--syslog', 'rfc3164', ...more, ...logs)
    return { ...(await measure(command, args, options)), rows, events: rows }
  }
  const convertedOne = async () => {
    const { command, args } = msgtrk('convert', '--syslog', 'rfc3164', task.oneRow)
    return { ...(await measure(command, args, oneCore)), rows: 1, events: 1 }
  }
  const sent = (receivers: readonly Omit<Receiver, 'port'>[], more: Partial<Delivery> = {}) =>
    deliver(task, { receivers, options: oneCore, ...more })
  const cases = new Map<CaseName, Case>([
    ['run, confirm: close', () => sent([{ confirm: 'close' }])],
    ['run over TLS', () => sent([{ confirm: 'close' }], { isTls: true })],
    ['run, two destinations', () => sent([{}, {}], { options: { timeoutMs } })],
    ['run, confirm: write', () => sent([{ confirm: 'write' }])],
    ['run, SEND and RECEIVE', () => sent([{}], { events: ['SEND', 'RECEIVE'] })],
    ['run, RECEIVE', () => sent([{}], { events: ['RECEIVE'] })],
    ['convert', () => converted(oneCore)],
    ['convert of one row', convertedOne],
  ])
  if (await hasJobs()) cases.set('convert --jobs 2', () => converted({ timeoutMs }, '--jobs', '2'))
  const ofLimit = async (program: string, port?: number) => {
    const { command, args } = limitOf(program, logs, port)
    return { ...(await measure(command, args, oneCore)), rows, events: rows }
  }
  if (limit !== null) {
    cases.set('limit over TCP', () => withSink(plainSink(task), ({ port }) => ofLimit(limit, port)))
    cases.set('limit to standard output', () => ofLimit(limit))
  }
  if (simd !== null) {
    cases.set('SIMD limit over TCP', () => withSink(plainSink(task), ({ port }) => ofLimit(simd, port)))
    cases.set('SIMD limit to standard output', () => ofLimit(simd))
  }
  if (hasSyslogNg) {
    cases.set('syslog-ng', () =>
      withSink(plainSink(task), (sink) =>
        withFolder(task.folder, async (folder) => {
          const usage = await measureSyslogNg(folder, { log, rows: rowsOfLog, sink, timeoutMs })
          return { ...usage, rows: rowsOfLog, events: rowsOfLog }
        }),
      ),
    )
  }
  return cases
}

interface Delivery {
  readonly receivers: readonly Omit<Receiver, 'port'>[]
  readonly options: MeasureOptions
  readonly isTls?: boolean
  readonly events?: readonly string[]
}

/** `msgtrk run --once` to sinks that have to get every event exactly once. */
async function deliver(task: Task, { receivers, options, isTls, events }: Delivery): Promise<Sample> {
  const certificate = isTls ? await makeSelfSigned() : undefined
  const sinks: Sink[] = []
  try {
    const settings = certificate ? { tls: certificate } : plainSink(task)
    for (const _ of receivers) sinks.push(await Sink.start(settings))
    return await withFolder(task.folder, async (folder) => {
      const { command, args } = await msgtrkRun({
        folder,
        sources: [task.source],
        receivers: receivers.map((receiver, index) => ({
          ...receiver,
          port: (sinks[index] as Sink).port,
          ...(certificate && { fingerprint: certificate.fingerprint }),
        })),
        ...(events && { events }),
        once: true,
      })
      const startMs = performance.now()
      const usage = await measure(command, args, options)
      let delivered = 0
      for (const sink of sinks) {
        await sink.waitFor(events ? 1 : task.rows, 10_000)
        delivered += sink.received.frames
      }
      const rows = task.rows * sinks.length
      if (!events && delivered !== rows) throw new Error(`${delivered} events came of ${rows}`)
      const wallMs = Math.max(...sinks.map(({ lastMs }) => lastMs)) - startMs
      return { ...usage, wallMs, rows, events: delivered }
    })
  } finally {
    for (const sink of sinks) await sink.stop()
  }
}

/** The cheapest receiver there is here. */
function plainSink({ sink }: Task): SinkSettings {
  return sink === null ? {} : { program: sink }
}

async function withSink<T>(settings: SinkSettings, use: (sink: Sink) => Promise<T>) {
  const sink = await Sink.start(settings)
  try {
    return await use(sink)
  } finally {
    await sink.stop()
  }
}

async function withFolder<T>(parent: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(parent, 'case-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Whether `convert` can use several processors. */
async function hasJobs(): Promise<boolean> {
  const { command, args } = msgtrk('convert', '--help')
  const { stdout } = await promisify(execFile)(command, args, { timeout: 30_000 })
  return stdout.includes('--jobs')
}
