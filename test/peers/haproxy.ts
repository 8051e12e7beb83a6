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

interface HaproxyOptions {
  /** It looks into HTTPS; PEM of the certificate that it shows, with its key. */
  readonly pem?: string
  /** How long a connection may rest between two requests. */
  readonly idleMs?: number
}

/** Hands TCP, or requests, on to a port of 127.0.0.1; waits until it listens. */
export async function startHaproxy(
  folder: string,
  to: number,
  { pem, idleMs = 60_000 }: HaproxyOptions = {},
): Promise<Haproxy> {
  const port = await freePort()
  const config = path.join(folder, 'haproxy.cfg')
  if (pem !== undefined) await writeFile(path.join(folder, 'haproxy.pem'), pem)
  const [mode, outside, inside] =
    pem === undefined
      ? ['tcp', '', '']
      : ['http', ` ssl crt ${path.join(folder, 'haproxy.pem')} alpn http/1.1`, ' ssl verify none']
  await writeFile(
    config,
    `defaults
  mode ${mode}
  timeout connect 2s
  timeout client 1m
  timeout server 1m
  timeout http-keep-alive ${idleMs}ms
listen siem
  bind 127.0.0.1:${port}${outside}
  server siem 127.0.0.1:${to}${inside}
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
