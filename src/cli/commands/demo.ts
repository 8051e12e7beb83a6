/** `msgtrk demo`: the main job at work on built-in defaults, end to end on this machine. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Command } from 'commander'
import { readConfig } from '../../app/read-config.ts'
import { run } from '../../app/run.ts'
import type { PipelineView } from '../../app/running-pipeline.ts'
import type { Config } from '../../config/schema.ts'
import type { Log } from '../../flow/log.ts'
import { ExitCode } from '../../mistakes/problem.ts'
import { decodeFrame } from '../../receive/frame-decoder.ts'
import { type Receiver, startReceiver } from '../../receive/receiver.ts'
import { makeSelfSigned } from '../../receive/self-signed.ts'
import { simulate } from '../../simulate/simulator.ts'
import type { CommandContext } from '../command-context.ts'
import { decimal } from '../options/numbers.ts'
import { DemoScreen } from '../terminal/demo-screen.ts'

const SERVERS = ['EX01', 'EX02']
const ROWS_PER_SECOND = 50
const REFRESH_MS = 250
/** Short, so that the count of what is known to be delivered moves visibly. */
const TURN_AFTER_MS = 1000
/** How long the end waits for the last rows to arrive. */
const DRAIN_MS = 8000

/** The command; `stop` ends it when what was written has arrived. */
export function demoCommand({ stop }: Pick<CommandContext, 'stop'>): Command {
  return new Command('demo')
    .description(
      'Show the main job at work: simulated servers, delivery over TLS, a receiver; all on this machine.',
    )
    .option(
      '--seconds <n>',
      'end after this time instead of at Ctrl-C',
      decimal('a number of seconds, 86400 at most', (n) => n > 0 && n <= 86_400),
    )
    .addHelpText(
      'after',
      `
Two simulated Exchange servers write tracking logs into a temporary folder. msgtrk follows them and delivers
over TLS, with a certificate made on the spot, to a receiver that decodes every event strictly.

Exit code: 0 when every row written arrived and was correct, 1 otherwise.`,
    )
    .action(async (options: { readonly seconds?: number }) => {
      process.exitCode = await demo(stop, options.seconds)
    })
}

async function demo(stop: AbortSignal, limit: number | undefined): Promise<ExitCode> {
  // By hand: a time-out inside of AbortSignal.any may be collected as garbage before its time.
  const end = new AbortController()
  stop.addEventListener('abort', () => end.abort())
  const timer = limit === undefined ? undefined : setTimeout(() => end.abort(), limit * 1000)
  const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-demo-'))
  const screen = new DemoScreen(
    process.stdout,
    SERVERS.map((server) => path.join(folder, server)),
  )
  let receiver: Receiver | undefined
  try {
    const { cert, key } = await makeSelfSigned()
    const ca = path.join(folder, 'ca.pem')
    await writeFile(ca, cert)
    receiver = await startReceiver({
      listen: 'tls://127.0.0.1:0',
      tls: { cert, key },
      onFrame: (frame) => screen.received(decodeFrame(frame)),
    })
    const delivered = await deliver({ folder, to: receiver.url, ca, screen, end })
    const counts = screen.counts
    const complete = delivered && counts.received >= counts.written && counts.errors === 0
    return complete ? ExitCode.ok : ExitCode.failed
  } finally {
    clearTimeout(timer)
    screen.close()
    await receiver?.close()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Delivery {
  readonly folder: string
  readonly to: string
  readonly ca: string
  readonly screen: DemoScreen
  readonly end: AbortController
}

/** Writes and delivers until `end`, then lets what was written arrive. True when all was settled. */
async function deliver({ folder, to, ca, screen, end }: Delivery): Promise<boolean> {
  const stopDelivery = new AbortController()
  const config = await demoConfig(folder, to, ca)
  const running = run({
    config,
    log: quietLog(screen),
    stop: stopDelivery.signal,
    follow: true,
    onStart: (pipelines: readonly PipelineView[]) => screen.start(to, pipelines),
  })
  // Without delivery there is nothing to show; what went wrong is thrown at the end.
  let failed = false
  running.catch(() => {
    failed = true
    end.abort()
  })
  const refresh = setInterval(() => screen.draw(), REFRESH_MS)
  try {
    await Promise.all(
      SERVERS.map((server, index) =>
        simulate({
          into: path.join(folder, server),
          version: '2019',
          seed: index + 1,
          server,
          rate: ROWS_PER_SECOND,
          signal: end.signal,
          onRows: (rows) => screen.wrote(server, rows),
        }),
      ),
    )
    const deadline = performance.now() + DRAIN_MS
    while (!screen.isDrained && !failed && performance.now() < deadline) await delay(REFRESH_MS)
  } finally {
    clearInterval(refresh)
    stopDelivery.abort()
  }
  return (await running) === ExitCode.ok
}

async function demoConfig(folder: string, to: string, ca: string): Promise<Config> {
  const config = await readConfig({
    from: SERVERS.map((server) => path.join(folder, server)),
    to,
    state: path.join(folder, 'state'),
  })
  const destinations = config.destinations.map((destination) => ({
    ...destination,
    tls: { ca },
    turnAfterMs: TURN_AFTER_MS,
  }))
  return { ...config, destinations }
}

/** Only what a person has to know; the folders appear a moment after the start. */
function quietLog(screen: DemoScreen): Log {
  return {
    debug() {},
    info() {},
    warn: (message) => screen.say(message),
    error: (message) => screen.say(message),
  }
}
