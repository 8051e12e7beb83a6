/** The program: arguments, signals, exit code. */
import { Command, CommanderError } from 'commander'
import { ExitCode, ProblemsError } from '../mistakes/problem.ts'
import { visible } from '../mistakes/visible.ts'
import { isExecutable } from '../package/files.ts'
import { version } from '../package/version.ts'
import type { CommandContext } from './command-context.ts'
import { refuseRepeated } from './options/repeated-options.ts'
import { outputFailed } from './terminal/byte-output.ts'
import { inLines } from './terminal/lines.ts'
import { tellProblem } from './terminal/problems.ts'
import { ProcessEnd } from './terminal/process-end.ts'

type LoadCommand = () => Promise<(context: Pick<CommandContext, 'stop' | 'takeHangup'>) => Command>

const end = new ProcessEnd()
// The reader of our output went away, as `head` does: nobody is left to write for.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  end.now(error.code === 'EPIPE' ? ExitCode.ok : report(outputFailed('standard output', error)))
})
// Whoever read our messages went away: that is no reason to leave the work undone.
process.stderr.on('error', () => {})

const { stop } = end
const program = new Command('msgtrk')
  .description(
    'Follows Microsoft Exchange message tracking logs and delivers every record as a CEF event over syslog.',
  )
  .version(isExecutable ? `${version} (executable, with Node.js ${process.versions.node})` : version)
  // `msgtrk simulate --version 2016` is not ours.
  .enablePositionalOptions()
  .exitOverride()
  // What was typed or pasted is shown, and never obeyed.
  .configureOutput({
    writeOut: (text) => process.stdout.write(inLines(text, process.stdout.columns)),
    writeErr: (text) => process.stderr.write(inLines(text, process.stderr.columns)),
    outputError: (text, write) => write(text.split('\n').map(visible).join('\n')),
  })
  .showHelpAfterError('(--help shows what it takes)')
  .addHelpText(
    'after',
    `
Exit codes: 0 done, 1 failed, 2 a mistake in the command, the configuration or a mapping table,
3 the state folder is in use or can't be read, 4 stopped before all was delivered, 5 (status, check
--live) something is wrong or late, 6 (the same) nothing moves, or a failure, 7 no instance is running.`,
  )

/** Each loads what it needs only when it is asked for: that is most of the time a start takes. */
const commands = new Map<string, LoadCommand>([
  ['init', async () => (await import('./commands/init.ts')).initCommand],
  ['run', async () => (await import('./commands/run.ts')).runCommand],
  ['convert', async () => (await import('./commands/convert.ts')).convertCommand],
  ['filter', async () => (await import('./commands/filter.ts')).filterCommand],
  ['status', async () => (await import('./commands/status.ts')).statusCommand],
  ['reload', async () => (await import('./commands/reload.ts')).reloadCommand],
  ['tap', async () => (await import('./commands/tap.ts')).tapCommand],
  ['pause', async () => (await import('./commands/pause.ts')).pauseCommand],
  ['resume', async () => (await import('./commands/pause.ts')).resumeCommand],
  ['log-level', async () => (await import('./commands/log-level.ts')).logLevelCommand],
  ['state', async () => (await import('./commands/state.ts')).stateCommand],
  ['check', async () => (await import('./commands/check.ts')).checkCommand],
  ['trust', async () => (await import('./commands/trust.ts')).trustCommand],
  ['explain', async () => (await import('./commands/explain.ts')).explainCommand],
  ['diagnose', async () => (await import('./commands/diagnose.ts')).diagnoseCommand],
  ['trace', async () => (await import('./commands/trace.ts')).traceCommand],
  ['mappings', async () => (await import('./commands/mappings.ts')).mappingsCommand],
  ['presets', async () => (await import('./commands/presets.ts')).presetsCommand],
  ['service', async () => (await import('./commands/service.ts')).serviceCommand],
  ['sentinel', async () => (await import('./commands/sentinel.ts')).sentinelCommand],
  ['decrypt', async () => (await import('./commands/decrypt.ts')).decryptCommand],
  ['receive', async () => (await import('./commands/receive.ts')).receiveCommand],
  ['simulate', async () => (await import('./commands/simulate.ts')).simulateCommand],
  ['demo', async () => (await import('./commands/demo.ts')).demoCommand],
])
// Not awaited here: the executable is CommonJS.
void run()

async function run(): Promise<void> {
  for (const load of asked(process.argv[2] ?? '')) {
    const command = (await load())({
      stop,
      takeHangup: (listener) => end.takeHangup(listener),
    }).copyInheritedSettings(program)
    for (const part of command.commands) part.copyInheritedSettings(command)
    program.addCommand(refuseRepeated(command))
  }
  try {
    await program.parseAsync()
  } catch (error) {
    process.exitCode = report(error)
  }
  end.done()
}

/** The commands to load: what is no command is answered with a look at all of them. */
function asked(first: string): Iterable<LoadCommand> {
  if (first === '--version' || first === '-V') return []
  const named = commands.get(first)
  return named === undefined ? commands.values() : [named]
}

/** Says what went wrong and returns the exit code for it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.mistake
  if (error instanceof ProblemsError) {
    for (const problem of error.problems) tellProblem(process.stderr, problem)
    return error.exitCode
  }
  process.stderr.write(`unexpected: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`)
  return ExitCode.failed
}
