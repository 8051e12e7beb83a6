/** The program under test, as it is built, and how it is started. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** A command line: a program and its arguments. */
export interface CommandLine {
  readonly command: string
  readonly args: readonly string[]
}

export interface Receiver {
  readonly port: number
  readonly confirm?: 'close' | 'write'
  /** Over TLS, to the certificate with this fingerprint. */
  readonly fingerprint?: string
}

export interface RunTask {
  /** For configuration and state; empty before. */
  readonly folder: string
  readonly sources: readonly string[]
  readonly receivers: readonly Receiver[]
  readonly events?: readonly string[]
  readonly once: boolean
}

/** `msgtrk` with these arguments. */
export function msgtrk(...args: readonly string[]): CommandLine {
  return { command: process.execPath, args: [main, ...args] }
}

/** `msgtrk run`, with all settings that are not given as they are by default. */
export async function msgtrkRun({ folder, sources, receivers, events, once }: RunTask): Promise<CommandLine> {
  const file = path.join(folder, 'msgtrk.json')
  const config = {
    state: path.join(folder, 'state'),
    log: { level: 'error' },
    sources: sources.map((source, index) => ({ name: `EX${index + 1}`, folder: source })),
    destinations: receivers.map(({ port, confirm = 'close', fingerprint }, index) => ({
      name: `siem${index + 1}`,
      to: `${fingerprint ? 'tls' : 'tcp'}://127.0.0.1:${port}`,
      confirm,
      ...(fingerprint && { tls: { fingerprint } }),
      ...(events && { events }),
    })),
  }
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config))
  return msgtrk('run', '--config', file, ...(once ? ['--once'] : []))
}
