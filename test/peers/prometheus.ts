/** A real Prometheus that reads a metrics page every second, by its own command. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { prometheusProgram, promtoolProgram } from './programs.ts'

/** What `/api/v1/query` answers. */
interface QueryResult {
  readonly status: string
  readonly error?: string
  readonly data?: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>
      readonly value: readonly [number, string]
    }[]
  }
}

export interface PrometheusOptions {
  readonly folder: string
  /** Address of the page, `127.0.0.1:9464`. */
  readonly target: string
  readonly token: string
  readonly rules: string
}

export interface Prometheus {
  query(expr: string): Promise<QueryResult>
  /** Any other question, by its path behind `/api/v1/`. */
  ask(path: string): Promise<unknown>
  stop(): Promise<void>
}

/** Starts one and waits until it answers. */
export async function startPrometheus({
  folder,
  target,
  token,
  rules,
}: PrometheusOptions): Promise<Prometheus> {
  const port = await freePort()
  const config = path.join(folder, 'prometheus.json')
  const job = {
    job_name: 'msgtrk',
    authorization: { credentials: token },
    static_configs: [{ targets: [target] }],
  }
  const global = { scrape_interval: '1s', evaluation_interval: '1s' }
  await writeFile(config, JSON.stringify({ global, rule_files: [rules], scrape_configs: [job] }))
  const child = spawn(
    prometheusProgram,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${path.join(folder, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr?.on('data', (text) => (said += text))
  const api = `http://127.0.0.1:${port}/api/v1/`
  const ask = async (question: string): Promise<unknown> => (await fetch(api + question)).json()
  try {
    await vi.waitFor(() => ask('status/buildinfo'), { timeout: 30_000, interval: 100 })
  } catch (error) {
    await end(child)
    throw new Error(`${prometheusProgram} does not answer: ${said}`, { cause: error })
  }
  return {
    ask,
    query: async (expr) => (await ask(`query?query=${encodeURIComponent(expr)}`)) as QueryResult,
    stop: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'close')
  child.kill('SIGTERM')
  await ended
}

/** Runs promtool to its end; what it says, with its exit code. */
export async function promtool(
  args: readonly string[],
  input = '',
): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(promtoolProgram, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part))
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, text }
}
