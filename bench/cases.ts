/** The programs and settings that are compared, each to be run several times. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { makeSelfSigned } from '../src/receive/self-signed.ts'
import { limitOf } from './limit.ts'
import { type MeasureOptions, measure, type Usage } from './measure.ts'
import { msgtrk, msgtrkRun, type Receiver } from './msgtrk.ts'
import { measurePeer, type Peer, type PeerName } from './peers/peer.ts'
import { Sink, type SinkSettings } from './sink.ts'

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
  | 'run, fewer logs'
  | 'run, confirm: write'
  | 'run over TLS'
  | 'run, two destinations'
  | 'run, SEND and RECEIVE'
  | 'run, RECEIVE'
  | 'convert'
  | 'convert, fewer logs'
  | 'convert, exchange-modern'
  | 'convert, exchange-modern, fewer logs'
  | 'convert --jobs 2'
  | 'convert of one row'
  | 'limit over TCP'
  | 'limit to standard output'
  | 'SIMD limit over TCP'
  | 'SIMD limit to standard output'
  | PeerName

/** Logs in a folder of their own, and how many rows they have together. */
export interface Backlog {
  readonly source: string
  readonly logs: readonly string[]
  readonly rows: number
}

export interface Task {
  /** For what is temporary. */
  readonly folder: string
  readonly all: Backlog
  /** Less of the same: what a row costs is the difference, without the start and what runs slower at first. */
  readonly fewer: Backlog
  readonly peers: readonly Peer[]
  /** The log that peers read, one each. */
  readonly forPeers: { readonly log: string; readonly rows: number }
  /** A log with one row. */
  readonly oneRow: string
  /** The built limit; null without a compiler. */
  readonly limit: string | null
  /** The same with SIMD; null without a processor for it, too. */
  readonly simd: string | null
  /** The built receiver; null without a compiler. */
  readonly sink: string | null
}

/** Programs that get one processor; the other ones are for the sink. */
const core = 0
const peerTimeoutMs = 60_000

/** The cases that can be run here. */
export async function createCases(task: Task): Promise<ReadonlyMap<CaseName, Case>> {
  const { all, fewer, limit, simd, peers, forPeers } = task
  const timeoutMs = 30_000 + all.rows * 0.05
  const oneCore: MeasureOptions = { core, timeoutMs }
  const converted = async ({ logs, rows }: Backlog, options: MeasureOptions, ...more: readonly string[]) => {
    const { command, args } = msgtrk('convert', '--syslog', 'rfc3164', ...more, ...logs)
    return { ...(await measure(command, args, options)), rows, events: rows }
  }
  const convertedOne = async () => {
    const { command, args } = msgtrk('convert', '--syslog', 'rfc3164', task.oneRow)
    return { ...(await measure(command, args, oneCore)), rows: 1, events: 1 }
  }
  const sent = (receivers: readonly Omit<Receiver, 'port'>[], more: Partial<Delivery> = {}) =>
    deliver(task, { receivers, options: oneCore, ...more })
  const modern = ['--mapping', 'exchange-modern']
  const cases = new Map<CaseName, Case>([
    ['run, confirm: close', () => sent([{ confirm: 'close' }])],
    ['run, fewer logs', () => sent([{ confirm: 'close' }], { backlog: fewer })],
    ['run over TLS', () => sent([{ confirm: 'close' }], { isTls: true })],
    ['run, two destinations', () => sent([{}, {}], { options: { timeoutMs } })],
    ['run, confirm: write', () => sent([{ confirm: 'write' }])],
    ['run, SEND and RECEIVE', () => sent([{}], { events: ['SEND', 'RECEIVE'] })],
    ['run, RECEIVE', () => sent([{}], { events: ['RECEIVE'] })],
    ['convert', () => converted(all, oneCore)],
    ['convert, fewer logs', () => converted(fewer, oneCore)],
    ['convert, exchange-modern', () => converted(all, oneCore, ...modern)],
    ['convert, exchange-modern, fewer logs', () => converted(fewer, oneCore, ...modern)],
    ['convert of one row', convertedOne],
  ])
  if (await hasJobs()) cases.set('convert --jobs 2', () => converted(all, { timeoutMs }, '--jobs', '2'))
  const ofLimit = async (program: string, port?: number) => {
    const { command, args } = limitOf(program, all.logs, port)
    return { ...(await measure(command, args, oneCore)), rows: all.rows, events: all.rows }
  }
  if (limit !== null) {
    cases.set('limit over TCP', () => withSink(plainSink(task), ({ port }) => ofLimit(limit, port)))
    cases.set('limit to standard output', () => ofLimit(limit))
  }
  if (simd !== null) {
    cases.set('SIMD limit over TCP', () => withSink(plainSink(task), ({ port }) => ofLimit(simd, port)))
    cases.set('SIMD limit to standard output', () => ofLimit(simd))
  }
  for (const peer of peers) {
    cases.set(peer.name, () =>
      withSink(plainSink(task), (sink) =>
        withFolder(task.folder, async (folder) => {
          const { rows } = forPeers
          const usage = await measurePeer(peer, { folder, ...forPeers, sink, timeoutMs: peerTimeoutMs })
          return { ...usage, rows, events: rows }
        }),
      ),
    )
  }
  return cases
}

interface Delivery {
  readonly receivers: readonly Omit<Receiver, 'port'>[]
  readonly options: MeasureOptions
  /** All by default. */
  readonly backlog?: Backlog
  readonly isTls?: boolean
  readonly events?: readonly string[]
}

/** `msgtrk run --once` to sinks that have to get every event exactly once. */
export async function deliver(
  task: Pick<Task, 'folder' | 'all' | 'sink'>,
  { receivers, options, backlog = task.all, isTls, events }: Delivery,
): Promise<Sample> {
  const certificate = isTls ? await makeSelfSigned() : undefined
  const sinks: Sink[] = []
  try {
    const settings = certificate ? { tls: certificate } : plainSink(task)
    for (const _ of receivers) sinks.push(await Sink.start(settings))
    return await withFolder(task.folder, async (folder) => {
      const { command, args } = await msgtrkRun({
        folder,
        sources: [backlog.source],
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
        await sink.waitFor(events ? 1 : backlog.rows, 10_000)
        delivered += sink.received.frames
      }
      const rows = backlog.rows * sinks.length
      if (!events && delivered !== rows) throw new Error(`${delivered} events came of ${rows}`)
      const wallMs = Math.max(...sinks.map(({ lastMs }) => lastMs)) - startMs
      return { ...usage, wallMs, rows, events: delivered }
    })
  } finally {
    for (const sink of sinks) await sink.stop()
  }
}

/** The cheapest receiver there is here. */
function plainSink({ sink }: Pick<Task, 'sink'>): SinkSettings {
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
