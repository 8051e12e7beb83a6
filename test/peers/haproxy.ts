/** A real haproxy before a receiver, as many have it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { isListening } from './ports.ts'
import { haproxyProgram } from './programs.ts'

export interface Haproxy {
  readonly port: number
  stop(): Promise<void>
}

/** Hands TCP on to a port of 127.0.0.1; waits until it listens. */
export async function startHaproxy(folder: string, to: number): Promise<Haproxy> {
  const port = await freePort()
  const config = path.join(folder, 'haproxy.cfg')
  await writeFile(
    config,
    `defaults
  mode tcp
  timeout connect 2s
  timeout client 1m
  timeout server 1m
listen syslog
  bind 127.0.0.1:${port}
  server siem 127.0.0.1:${to}
`,
  )
  const child = spawn(haproxyProgram, ['-db', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (text) => (said += text))
  try {
    await vi.waitFor(() => isListening('tcp', port), { timeout: 15_000, interval: 50 })
  } catch (error) {
    await end(child)
    throw new Error(`${haproxyProgram} does not listen: ${said}`, { cause: error })
  }
  return { port, stop: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'close')
  child.kill('SIGTERM')
  await ended
}
