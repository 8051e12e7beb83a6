/** `msgtrk check`: every mistake of a configuration at once, or what it would do; and whether all that it needs is there. */
import { Command } from 'commander'
import { checkDeeply } from '../../app/check.ts'
import { type DoctorOptions, type ExaminedPart, examine } from '../../app/doctor/examine.ts'
import { tellUnknownHosts } from '../../app/doubt-hosts.ts'
import { readConfig, type TryOut } from '../../app/read-config.ts'
import type { Config } from '../../config/schema.ts'
import type { Log } from '../../flow/log.ts'
import { ExitCode, type Problem, ProblemsError } from '../../mistakes/problem.ts'
import { requireFips } from '../../network/fips.ts'
import { doubtsTo } from '../check/doubts.ts'
import { tellLive } from '../check/live.ts'
import { printConfig } from '../check/print.ts'
import { summary } from '../check/summary.ts'
import type { CommandContext } from '../command-context.ts'
import { textTable } from '../terminal/table.ts'

/** What the command needs besides the configuration itself. */
export interface CheckContext extends Partial<CommandContext> {
  /** Tries what only a run would find out: mapping tables, certificates. */
  readonly deepCheck?: TryOut
  /** Looks names of receivers up. */
  readonly doubtHosts?: (config: Config, log: Log) => Promise<void>
  /** Tries folders and receivers. */
  readonly doctor?: (config: Config, options: DoctorOptions) => readonly Promise<ExaminedPart>[]
}

interface CheckArguments {
  readonly config?: string
  readonly live?: boolean
  readonly sendTestEvent?: boolean
  readonly print?: boolean
  readonly json?: boolean
  readonly fips?: boolean
}

const details = `
Reads the configuration the way "msgtrk run" does, with its \${env:…} and \${file:…} references, and goes as
far as possible without sending anything. Prints what would run, or every mistake with its line and remedy; what it
doubts it says on standard error. All settings are described in docs/configuration.md.

--live tries what is configured, here and now: folders, their newest logs, clocks, disks, names, connections,
certificates, and how receivers end a connection (docs/check-live.md). It may run beside a running instance.
--print prints the settings that are in force, each with where it comes from; of secrets their reference.

Examples:
  msgtrk check /etc/msgtrk/msgtrk.yaml
  msgtrk check msgtrk.yaml --live
  msgtrk check msgtrk.yaml --live --send-test-event
  msgtrk check msgtrk.yaml --print

Exit code: 0 when all is in order, 2 for a mistake; with --live also 5 for a warning, 6 for a failure.`

/** The command; throws a ProblemsError with all mistakes. */
export function checkCommand({
  deepCheck = checkDeeply,
  doubtHosts = tellUnknownHosts,
  doctor = examine,
  stop = new AbortController().signal,
  stdout = process.stdout,
  stderr = process.stderr,
}: CheckContext = {}): Command {
  return new Command('check')
    .description('Check a configuration file: every mistake at once, with its line and the remedy.')
    .argument('[file]', 'the configuration file (YAML)')
    .option('--config <file>', 'the same, as other commands name it')
    .option('--live', 'try folders and receivers as well')
    .option('--send-test-event', 'with --live: send each receiver one event that says it is a test')
    .option('--print', 'print all settings in force and where each comes from')
    .option('--fips', 'as for run: say whether the FIPS module of OpenSSL is there and in force')
    .option('--json', 'with --live or --print: for scripts')
    .addHelpText('after', details)
    .action(async (argument: string | undefined, args: CheckArguments) => {
      if (args.fips) requireFips()
      const file = fileOf(argument, args)
      const problems = contradictions(args)
      if (problems.length > 0) throw new ProblemsError(problems)
      const { live = false, print = false, json = false, sendTestEvent = false } = args
      const config = await readConfig(file, { tryOut: deepCheck })
      const log = doubtsTo(stderr)
      const mistakes = await deepCheck(config, log)
      if (mistakes.length > 0) throw new ProblemsError(mistakes)
      if (live) {
        const code = await tellLive(doctor(config, { signal: stop, sendTestEvent }), { stdout, json })
        process.exitCode = stop.aborted ? ExitCode.unfinished : code
        return
      }
      await doubtHosts(config, log)
      stdout.write(
        print
          ? printConfig(config, { json, width: stdout.columns })
          : `${file} is in order.\n\n${textTable(summary(config), { gap: ' ', width: stdout.columns })}`,
      )
    })
}

/** The configuration, whichever way it is named. */
function fileOf(argument: string | undefined, { config }: CheckArguments): string {
  const file = argument ?? config
  if (file !== undefined && (argument === undefined || config === undefined)) return file
  throw new ProblemsError([
    file === undefined
      ? { where: { argument: 'file' }, message: 'is missing', remedy: 'name it: msgtrk check msgtrk.yaml' }
      : { where: { option: '--config' }, message: 'names a second file', remedy: 'name one file' },
  ])
}

function contradictions({ live, print, json, sendTestEvent }: CheckArguments): readonly Problem[] {
  const problem = (option: string, message: string, remedy: string) => ({
    where: { option },
    message,
    remedy,
  })
  return [
    ...(sendTestEvent && !live ? [problem('--send-test-event', 'goes with --live', 'add --live')] : []),
    ...(json && !live && !print ? [problem('--json', 'goes with --live or --print', 'add one of them')] : []),
    ...(live && print ? [problem('--print', 'does not go with --live', 'leave one of them out')] : []),
  ]
}
