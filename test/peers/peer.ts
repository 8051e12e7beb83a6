/** A real syslog server as a child process: what rsyslog and syslog-ng have in common. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { isListening } from './ports.ts'

/** Largest message that a peer takes, in bytes: above every limit of a destination. */
export const peerMessageBytes = 262_144

const START_MS = 15_000

export interface PeerOptions {
  /** Its configuration and what it wrote; a restart in the same folder goes on with the same files. */
  readonly folder: string
  readonly protocol: 'udp' | 'tcp' | 'tls'
  /** How it tells frames apart on TCP and TLS. */
  readonly framing?: 'lf' | 'octet-counting'
  /** For a restart at the same address; any free port by default. */
  readonly port?: number
  /** Whether it also tells what it found in each message: see `Peer.events`. */
  readonly decode?: boolean
  /** Needed for `tls`: the peer then also asks for a certificate of the same authority. */
  readonly certificates?: PeerCertificates
}

/** Paths of PEM files. */
export interface PeerCertificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export interface Peer {
  readonly port: number
  /** The messages on its disk, as they came; each character is a byte. */
  lines(): Promise<readonly string[]>
  /** What it read from their headers, in the same order: `PRI Mmm dd hh:mm:ss host program`. */
  headers(): Promise<readonly string[]>
  /** With `decode`: what it read of each message behind its header, in the same order, as the peer writes it. */
  events(): Promise<readonly string[]>
  /** Ends it; what it has taken is on its disk then. */
  stop(): Promise<void>
  /** Ends it with SIGKILL; what it has taken may be gone. */
  kill(): Promise<void>
}

/** Files that a peer writes: `messages` the raw messages, the others what the methods of these names tell. */
export interface PeerFiles {
  readonly messages: string
  readonly headers: string
  readonly events: string
}

interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a peer and waits until it listens. `prepare` writes its configuration and says how to start it. */
export async function startPeer(
  { folder, protocol, port: wanted }: PeerOptions,
  prepare: (port: number, files: PeerFiles) => Promise<Program>,
): Promise<Peer> {
  const port = wanted ?? (await freePort())
  const file = (name: string) => path.join(folder, name)
  const files = { messages: file('messages'), headers: file('headers'), events: file('events') }
  const { command, args, env } = await prepare(port, files)
  const child = spawn(command, args, {
    // The time in an RFC 3164 header has no zone: the peer takes it for its own.
    env: { ...process.env, ...env, TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
  const ended = once(child, 'close')
  const kill = () => end(child, ended, 'SIGKILL')
  try {
    await Promise.race([
      vi.waitFor(() => isListening(protocol, port), { timeout: START_MS, interval: 50 }),
      ended.then(() => Promise.reject(new Error('ended at once'))),
    ])
  } catch (error) {
    await kill().catch(() => {})
    throw new Error(`${command} does not listen on port ${port}: ${said}`, { cause: error })
  }
  return {
    port,
    lines: () => linesOf(files.messages),
    headers: () => linesOf(files.headers),
    events: () => linesOf(files.events),
    stop: () => end(child, ended, 'SIGTERM'),
    kill,
  }
}

async function end(child: ChildProcess, ended: Promise<unknown>, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal)
  await ended
}

/** The complete lines of a file; none while it is missing. */
async function linesOf(file: string): Promise<readonly string[]> {
  if (!existsSync(file)) return []
  return (await readFile(file, 'latin1')).split('\n').slice(0, -1)
}

/**
 * Groups the tests with a peer; without its programs, or without root where that is needed, they are skipped, or fail
 * under MSGTRK_PEERS=required.
 */
export function describePeer(
  name: string,
  programs: string | readonly string[],
  tests: () => void,
  { asRoot = false } = {},
): void {
  const absent = [programs].flat().find((program) => !existsSync(program))
  const noRoot = asRoot && process.getuid?.() !== 0 ? `${name} takes root` : undefined
  const missing = absent === undefined ? noRoot : `${absent} is missing; .ci/run shows how to get it`
  if (missing !== undefined) {
    if (process.env.MSGTRK_PEERS === 'required') throw new Error(missing)
    console.warn(`Skipped: ${missing}`)
  }
  describe.skipIf(missing)(name, tests)
}
