/** Fluent Bit: its input tail, a filter in Lua (it has no parser of CSV), its output syslog. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { columns, copied, labels } from './mapping.ts'
import type { Peer } from './peer.ts'

/** Where its packages put it; MSGTRK_FLUENT_BIT names another place. */
const program = process.env.MSGTRK_FLUENT_BIT ?? '/opt/fluent-bit/bin/fluent-bit'
const script = fileURLToPath(new URL('fluent-bit.lua', import.meta.url))

/** null when it is not installed. */
export async function findFluentBit(): Promise<Peer | null> {
  if (!existsSync(program)) return null
  const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 15_000 })
  return {
    name: 'Fluent Bit',
    version: /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'of unknown version',
    how: 'tail, bench/peers/fluent-bit.lua in LuaJIT, syslog over one connection with endless retries; values are neither cut nor checked',
    async prepare({ folder, log, port }) {
      const lua = path.join(folder, 'to-cef.lua')
      await writeFile(lua, tables() + (await readFile(script, 'utf8')))
      // JSON is YAML, by which name it is taken.
      const file = path.join(folder, 'fluent-bit.yaml')
      await writeFile(file, JSON.stringify(configuration(log, lua, port), null, 2))
      return { command: program, args: ['--quiet', '--config', file] }
    },
  }
}

function configuration(log: string, lua: string, port: number): unknown {
  return {
    // By default a failed send may be tried again only after minutes.
    service: { flush: 0.2, log_level: 'error', grace: 1, 'scheduler.base': 1, 'scheduler.cap': 2 },
    pipeline: {
      inputs: [
        {
          name: 'tail',
          tag: 'rows',
          path: log,
          read_from_head: true,
          refresh_interval: 1,
          buffer_chunk_size: '1M',
          buffer_max_size: '4M',
          // Reading waits for what is not sent yet.
          mem_buf_limit: '50M',
        },
      ],
      filters: [{ name: 'lua', match: 'rows', script: lua, call: 'to_cef' }],
      outputs: [
        {
          name: 'syslog',
          match: 'rows',
          host: '127.0.0.1',
          port,
          mode: 'tcp',
          syslog_format: 'rfc3164',
          syslog_maxsize: 65_536,
          syslog_facility_preset: 16,
          syslog_severity_preset: 6,
          syslog_hostname_preset: 'bench',
          syslog_message_key: 'cef',
          retry_limit: 'no_limits',
          'net.max_worker_connections': 1,
        },
      ],
    },
  }
}

/** What the script expects in front of it. */
function tables(): string {
  const text = JSON.stringify
  const list = (values: readonly string[]) => `{ ${values.join(', ')} }`
  const pairs = [...copied].map(([key, column]) => {
    const label = labels.has(key) ? ` ${key}Label=${labels.get(key)}` : ''
    return `{ column = ${text(column)}, prefix = ${text(` ${key}=`)}, label = ${text(label)} }`
  })
  return `local columns = ${list(columns.map((column) => text(column)))}\nlocal copied = ${list(pairs)}\n`
}
