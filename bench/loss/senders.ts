/** The programs that are compared: each sends the rows of one log over TCP, as carefully as it can. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { rsyslogLibraries, rsyslogProgram, syslogNgProgram } from '../../test/peers/programs.ts'
import { findPeers } from '../peers/find.ts'
import type { Peer } from '../peers/peer.ts'

/** What to send, where to, and a folder for what the sender keeps. */
interface Task {
  readonly folder: string
  readonly log: string
  readonly port: number
}

export interface Sender {
  readonly name: string
  /** Starts it; the returned function ends it. */
  start(task: Task): Promise<() => Promise<void>>
}

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** Those that are here; `all`: also those that take long to get, or that few have. What is absent is told. */
export async function findSenders(options: {
  readonly all: boolean
  readonly tell: (text: string) => void
}): Promise<readonly Sender[]> {
  const { found, absent } = await findPeers(options)
  for (const { name, why } of absent) options.tell(`${name}: left out, ${why}`)
  const has = { 'syslog-ng': existsSync(syslogNgProgram), rsyslog: existsSync(rsyslogProgram) }
  if (!has.rsyslog)
    options.tell('rsyslog: left out, it is not installed (MSGTRK_RSYSLOG_ROOT names its folder)')
  return [
    ...senders.filter(({ program }) => program === undefined || has[program]),
    // These send CEF, as for `npm run bench`.
    ...found.filter(({ name }) => name !== 'syslog-ng').map(senderOf),
  ]
}

function senderOf(peer: Peer): Sender {
  return {
    name: `${peer.name} ${peer.version}`,
    async start(task) {
      const { command, args } = await peer.prepare(task)
      return run(command, args)
    },
  }
}

const senders: readonly (Sender & { readonly program?: 'syslog-ng' | 'rsyslog' })[] = [
  {
    name: 'msgtrk, confirm: close',
    start: (task) => startMsgtrk(task, 'close'),
  },
  {
    name: 'msgtrk, confirm: write',
    start: (task) => startMsgtrk(task, 'write'),
  },
  {
    name: 'syslog-ng, flow-control',
    program: 'syslog-ng',
    async start({ folder, log, port }) {
      const file = path.join(folder, 'syslog-ng.conf')
      await writeFile(
        file,
        `@version: current
options { stats-freq(0); log-msg-size(65536); use-dns(no); time-reopen(1); };
source rows {
  file("${log}" flags(no-parse) follow-freq(0.1) read-old-records(yes)
    log-fetch-limit(1000) log-iw-size(10000));
};
destination siem {
  network("127.0.0.1" port(${port}) transport("tcp") log-fifo-size(20000) flush-lines(1000) template("$MSG\\n"));
};
log { source(rows); destination(siem); flags(flow-control); };
`,
      )
      const at = (name: string) => path.join(folder, name)
      return run(syslogNgProgram, [
        ...['--foreground', '--no-caps', '--cfgfile', file],
        ...['--persist-file', at('persist'), '--pidfile', at('pid'), '--control', at('control')],
      ])
    },
  },
  {
    name: 'rsyslog, in-memory queue',
    program: 'rsyslog',
    async start({ folder, log, port }) {
      const file = path.join(folder, 'rsyslog.conf')
      await writeFile(
        file,
        `global(workDirectory="${folder}" maxMessageSize="64k" net.enableDNS="off")
module(load="imfile")
template(name="row" type="string" string="%msg%\\n")
ruleset(name="siem" queue.type="LinkedList" queue.size="50000") {
  action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" template="row"
    action.resumeRetryCount="-1" action.resumeInterval="1")
}
input(type="imfile" file="${log}" tag="log" ruleset="siem")
`,
      )
      const libraries = rsyslogLibraries()
      const modules = path.join(libraries, 'rsyslog')
      return run(rsyslogProgram, ['-n', '-iNONE', '-f', file, '-M', modules], { LD_LIBRARY_PATH: libraries })
    },
  },
]

async function startMsgtrk({ folder, log, port }: Task, confirm: string): Promise<() => Promise<void>> {
  const file = path.join(folder, 'msgtrk.yaml')
  await writeFile(
    file,
    `state: state
log: { level: error }
sources: [{ name: EX01, folder: '${path.dirname(log)}' }]
destinations: [{ name: siem, to: 'tcp://127.0.0.1:${port}', confirm: ${confirm} }]
`,
  )
  return run(process.execPath, [main, 'run', '--config', file])
}

function run(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): () => Promise<void> {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  return async () => {
    child.kill('SIGTERM')
    await ended
  }
}
