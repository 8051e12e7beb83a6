/** `msgtrk run`: follow the logs and deliver. */
import { isatty } from 'node:tty'
import { setFlagsFromString } from 'node:v8'
import { Command } from 'commander'
import { countFields } from '../../app/count-fields.ts'
import { Instance } from '../../app/instance.ts'
import type { ObservedInstance } from '../../app/instance-view.ts'
import { progressLine } from '../../app/progress-line.ts'
import { readConfig } from '../../app/read-config.ts'
import type { RunOptions } from '../../config/load.ts'
import type { Log } from '../../flow/log.ts'
import { formatPlace } from '../../mistakes/place.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { requireFips } from '../../network/fips.ts'
import { createLog, type OpenLog } from '../../observe/log.ts'
import { TemporaryLevel } from '../../observe/temporary-level.ts'
import { giveRoom } from '../../package/heap.ts'
import { placeOfSource } from '../../sources/options.ts'
import type { CommandContext } from '../command-context.ts'
import { eventsOption } from '../options/event-options.ts'

/** Between two looks for the line on a terminal. */
const progressMs = 1_000

/** Keeps the process alive while an instance runs. */
const heldMs = 3_600_000

interface RunArguments {
  readonly config?: string
  readonly from?: readonly string[]
  readonly to?: string
  readonly events?: readonly string[]
  readonly state?: string
  readonly ca?: string
  readonly fingerprint?: string
  readonly once?: boolean
  readonly fips?: boolean
  readonly stopOnStdinEnd?: boolean
}

const examples = `
Either a configuration file with everything (docs/configuration.md), or folders and one destination.
Positions are kept in the state folder, so that a restart goes on where delivery ended. SIGINT and SIGTERM stop
gracefully within ten seconds; a second signal stops at once. What was not settled then follows after the next
start. SIGHUP stops likewise on a terminal; without one, as a service, it reads the configuration again, as
"msgtrk reload" does.

Examples:
  msgtrk run --from \\\\EX01\\MessageTracking --to tls://logger.example.com:6514
  msgtrk run --from EX01/ EX02/ --to tcp://127.0.0.1:5514 --events SEND,RECEIVE --state ./state
  msgtrk run --from EX01/ --to udp://127.0.0.1:5514 --once
  msgtrk run --config msgtrk.yaml

Exit code: 0 stopped with all settled, 1 when --once could not read a folder or a file, or a file was no tracking
log or gone before it was delivered, or the address of http.listen was taken (nothing was sent), 2 for a mistake (nothing
was sent), 3 when the state folder is in use or can't be read, 4 when stopped before all was settled.`

/** The command; `stop` stops it gracefully. */
export function runCommand({ stop, takeHangup }: Pick<CommandContext, 'stop' | 'takeHangup'>): Command {
  return (
    new Command('run')
      .description('Follow the logs of one or more servers and deliver every record, until stopped.')
      .option('--config <file>', 'configuration file (YAML) instead of the options below')
      .option('--from <folders...>', 'folders with message tracking logs')
      .option('--to <url>', 'destination: udp://, tcp:// or tls://HOST:PORT')
      // As they stand: what is wrong with them is told with all other mistakes.
      .addOption(eventsOption((ids) => ids.split(',')))
      .option('--ca <file>', 'authority that signed the certificate of a tls:// destination, PEM; or system')
      .option('--fingerprint <sha256>', 'the certificate of a tls:// destination, whoever signed it')
      .option('--state <folder>', 'folder for positions and dead letters (default: msgtrk-state)')
      .option('--once', 'deliver all that is there now, wait until it is settled, and end')
      .option('--fips', 'only with the FIPS module of OpenSSL: start only where it is there and in force')
      .option('--stop-on-stdin-end', 'stop gracefully at the end of standard input, for service hosts')
      .addHelpText('after', examples)
      .action(async (options: RunArguments) => {
        if (options.fips) requireFips()
        const written = writtenIn(options)
        const read = () => readConfig(written)
        const config = await read()
        giveRoom(config.sources.length, setFlagsFromString)
        const openLog = await createLog(config.log)
        const { log } = openLog
        const level = new TemporaryLevel(openLog)
        let { file } = config.log
        // A pause may leave nothing that Node.js waits for: every timer and server of an instance ends with it.
        const held = setInterval(() => undefined, heldMs)
        try {
          const stopping = options.stopOnStdinEnd ? AbortSignal.any([stop, stdinEnd()]) : stop
          const follow = options.once !== true
          const onStart = (view: ObservedInstance) => {
            view.listen({
              reloads(changed) {
                file = changed.log.file
                void openLog.change(changed.log)
              },
            })
            tellStart(view, log)
            if (follow && process.stderr.isTTY) showProgress(view, openLog, stopping)
          }
          const hangups = follow && isService() ? new Hangups(takeHangup) : undefined
          const instance = await Instance.open({
            config,
            log,
            level,
            logWrong: () => openLog.fileWrong,
            follow,
            stop: stopping,
            read,
            onStart,
          })
          hangups?.reload(instance)
          process.exitCode = await instance.run()
          for (const { name, statistics } of instance.pipelines) {
            log.info(stopping.aborted ? 'Stopped' : 'Done', {
              destination: name,
              ...countFields(statistics.snapshot()),
            })
          }
        } catch (error) {
          // Standard error hears of it when the process ends; a file, which is all that a service may leave, now.
          if (file !== undefined) logFailure(log, error)
          throw error
        } finally {
          clearInterval(held)
          level.close()
          await openLog.close()
        }
      })
  )
}

/** On a terminal: how it stands, in the line below the log, as long as it runs. */
function showProgress(view: ObservedInstance, { showBelow }: OpenLog, stop: AbortSignal): void {
  const timer = setInterval(async () => {
    const line = await view.status().then(progressLine, () => null)
    if (!stop.aborted) showBelow(line)
  }, progressMs)
  timer.unref()
  stop.addEventListener('abort', () => {
    clearInterval(timer)
    showBelow(null)
  })
}

function tellStart({ config }: ObservedInstance, log: Log): void {
  const { file, sha256, state } = config
  const sources = config.sources.map(placeOfSource)
  const destinations = config.destinations.map(({ to }) => to)
  log.info('Started', { sources, destinations, state, ...(file !== undefined && { config: file }), sha256 })
}

/** Whether nobody sits before it: a terminal that goes away says SIGHUP, and then it has to end. */
function isService(): boolean {
  return process.platform !== 'win32' && ![0, 1, 2].some((descriptor) => isatty(descriptor))
}

/** SIGHUP as a wish to reload, also while the instance starts. */
class Hangups {
  #instance: Instance | undefined
  #isWaiting = false

  constructor(take: CommandContext['takeHangup']) {
    take?.(() => {
      if (this.#instance === undefined) this.#isWaiting = true
      // What comes of it stands in the own log.
      else this.#instance.reload({ by: 'SIGHUP' }).catch(() => undefined)
    })
  }

  reload(instance: Instance): void {
    this.#instance = instance
    if (this.#isWaiting) instance.reload({ by: 'SIGHUP' }).catch(() => undefined)
  }
}

function logFailure(log: Log, error: unknown): void {
  if (error instanceof ProblemsError) {
    for (const { message, where, ...fields } of error.problems) {
      log.error(`Ended: ${message}`, { where: formatPlace(where), ...fields })
    }
  } else {
    log.error('Ended unexpectedly', { error: error instanceof Error ? error.stack : String(error) })
  }
}

/** The name of the configuration, or the options that stand for one. */
function writtenIn({ config, ...options }: RunArguments): string | RunOptions {
  const { from, to, events, state, ca, fingerprint } = options
  const given = Object.entries({
    '--from': from,
    '--to': to,
    '--events': events,
    '--state': state,
    '--ca': ca,
    '--fingerprint': fingerprint,
  })
  if (config !== undefined) {
    const extra = given.filter(([, value]) => value !== undefined)
    if (extra.length === 0) return config
    throw new ProblemsError(
      extra.map(([option]) => ({
        where: { option },
        message: 'does not go with --config',
        remedy: 'set it in the file',
      })),
    )
  }
  if (from !== undefined && to !== undefined) return { ...options, from, to }
  const remedy = 'give --from and --to, or --config (--help shows examples)'
  throw new ProblemsError(
    given
      .slice(0, 2)
      .filter(([, value]) => value === undefined)
      .map(([option]) => ({ where: { option }, message: 'is missing', remedy })),
  )
}

/** Aborts at the end of standard input. */
function stdinEnd(): AbortSignal {
  const ended = new AbortController()
  process.stdin.on('end', () => ended.abort())
  process.stdin.on('error', () => ended.abort())
  process.stdin.resume()
  // Stopped by a signal or done, the program must not wait for its input to end as well.
  process.stdin.unref?.()
  return ended.signal
}
