/** Programs of others that follow a log and send every row as CEF over TCP, as near to msgtrk's work as each can. */
import { killChild, startChild } from '../children.ts'
import { cpuMsOf, memoryOf, type Usage } from '../measure.ts'
import type { CommandLine } from '../msgtrk.ts'
import type { Sink } from '../sink.ts'

export interface PeerTask {
  /** For its configuration and all that it keeps. */
  readonly folder: string
  readonly log: string
  /** Of 127.0.0.1. */
  readonly port: number
}

export const peerNames = ['syslog-ng', 'OpenTelemetry Collector', 'Fluent Bit'] as const
export type PeerName = (typeof peerNames)[number]

export interface Peer {
  readonly name: PeerName
  readonly version: string
  /** How it does it, and what it leaves out. */
  readonly how: string
  /** Writes its configuration; returns what starts it. It follows the log and never ends by itself. */
  readonly prepare: (task: PeerTask) => Promise<CommandLine>
}

/** Lets it send a log of so many rows; it is killed when they are there. */
export async function measurePeer(
  peer: Peer,
  {
    folder,
    log,
    rows,
    sink,
    timeoutMs,
  }: Omit<PeerTask, 'port'> & { rows: number; sink: Sink; timeoutMs: number },
): Promise<Usage> {
  const { command, args } = await peer.prepare({ folder, log, port: sink.port })
  const startMs = performance.now()
  const child = startChild(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    await sink.waitFor(rows, timeoutMs)
    const pid = child.pid as number
    const wallMs = performance.now() - startMs
    return { wallMs, cpuMs: cpuMsOf(pid), userMs: Number.NaN, peakMb: memoryOf(pid).peakMb }
  } finally {
    await killChild(child)
  }
}
