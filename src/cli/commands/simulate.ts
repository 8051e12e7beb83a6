/** `msgtrk simulate`: tracking logs to try things out with. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { counted } from '../../mistakes/counted.ts'
import { type ExchangeVersion, exchangeVersions } from '../../simulate/layouts.ts'
import { type SimulationResult, simulate } from '../../simulate/simulator.ts'
import type { CommandContext } from '../command-context.ts'
import { decimal, wholeNumber } from '../options/numbers.ts'

interface SimulateOptions {
  readonly into: string
  readonly rate?: number
  readonly events?: number
  readonly seed: number
  readonly version: ExchangeVersion
  readonly server: string
}

const usualRate = 100

const examples = `
Without --rate the clock is simulated: --events rows are written at once, from 2026-11-20T14:00Z on, and the same
seed, version, server and number of events give the same files, byte for byte. The folder must hold no logs yet.

With --rate the clock is real: rows are written as they happen, some of them half at first, until Ctrl-C or until
--events rows. Files that exist are left alone; the next instance number is taken.

With neither, ${usualRate} rows a second are written until Ctrl-C.

Examples:
  msgtrk simulate --into logs                              live, ${usualRate} rows a second
  msgtrk simulate --into logs --rate 1000 --events 60000   live, for about a minute
  msgtrk simulate --into logs --events 1000000             about 1.2 GB, more than a day of simulated time
  msgtrk simulate --into ex2007 --events 5000 --version 2007 --seed 7
  msgtrk simulate --into logs/EX02 --server EX02           a second server, in a folder of its own`

/** The command; `stop` ends it with every line complete. Throws a ProblemsError when the folder can't be used. */
export function simulateCommand({ stop }: Pick<CommandContext, 'stop'>): Command {
  return new Command('simulate')
    .description('Write message tracking logs as an Exchange server does, to try things out with.')
    .requiredOption('--into <dir>', 'folder of the logs; made when it is missing')
    .option(
      '--rate <rows>',
      'rows per second of real time',
      decimal('a number above 0', (rate) => rate > 0),
    )
    .option('--events <rows>', 'end after this many rows', wholeNumber())
    .option('--seed <number>', 'another seed, other mails', wholeNumber(0), 1)
    .addOption(
      new Option('--version <year>', 'version of Exchange').choices(exchangeVersions).default('2016'),
    )
    .option('--server <name>', 'name of the server that writes the logs', serverName, 'EX01')
    .addHelpText('after', examples)
    .action(async ({ rate, events, ...options }: SimulateOptions) => {
      const startedMs = performance.now()
      const live = rate ?? (events === undefined ? usualRate : undefined)
      if (live !== undefined) {
        const end = events === undefined ? 'until Ctrl-C' : `until there are ${events}`
        process.stderr.write(`simulate: ${live} rows a second into ${options.into}, ${end}\n`)
      }
      const result = await simulate({
        ...options,
        ...(live === undefined ? {} : { rate: live }),
        ...(events === undefined ? {} : { events }),
        signal: stop,
      })
      process.stderr.write(`${summary(result, options.into, performance.now() - startedMs)}\n`)
    })
}

function summary({ rows, files, bytes }: SimulationResult, into: string, tookMs: number): string {
  const size = `${(bytes / 1e6).toFixed(1)} MB`
  return `simulate: ${counted(rows, 'row')}, ${counted(files.length, 'file')}, ${size} into ${into} in ${(tookMs / 1000).toFixed(1)} s`
}

function serverName(text: string): string {
  if (!/^[A-Za-z0-9-]{1,63}$/.test(text)) {
    throw new InvalidArgumentError('Give a host name without domain: letters, digits and hyphens.')
  }
  return text
}
