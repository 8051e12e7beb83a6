/** `msgtrk state`: look at positions, forget them, move them. */
import { Command, InvalidArgumentError } from 'commander'
import { ExitCode } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import type { CommandContext } from '../command-context.ts'
import { type Agree, type Changed, moveState, resetState } from '../state/change.ts'
import { findPlace, type PlaceArguments } from '../state/place.ts'
import { showState } from '../state/show.ts'
import { tellProblem } from '../terminal/problems.ts'
import { isAgreed, type Terminal } from '../terminal/question.ts'

/** What the command works with: `stop` answers an open question with no. */
interface StateContext extends CommandContext {
  /** Where questions are asked; standard input and standard error by default. */
  readonly terminal?: Terminal
}

interface ChangeArguments extends PlaceArguments {
  readonly yes?: boolean
}

const overview = `
A position says how far a log is settled for a destination; the next start goes on there. They are kept in
the state folder, one file for each destination.

Examples:
  msgtrk state show --config msgtrk.yaml
  msgtrk state reset --config msgtrk.yaml --destination siem
  msgtrk state set --config msgtrk.yaml --destination siem --file '*' --offset end

Each has its own --help with more of them.`

const showDetails = `
Works while "msgtrk run" does: it reads only. Offsets and sizes are in bytes; sizes and what is left show when
the folders of the logs are known, from --config or --from. Newest last.

--json prints one array of {destination, source, file, date, offset, size, left}; date is the one in the head
of the log, size and left are null when not known.

Examples:
  msgtrk state show --config msgtrk.yaml
  msgtrk state show --state ./state --from EX01/ --file 'MSGTRK20261120*'
  msgtrk state show --config msgtrk.yaml --destination siem --json

Exit code: 0 done, 1 a folder of logs can't be read, 2 a mistake in the command, 3 positions can't be read.`

const resetDetails = `
The logs are then delivered again from their beginning (with a time in startAt: from then on). It says how
many bytes that are and asks; --yes answers for scripts. Nothing may run on the state folder meanwhile.

A damaged file of positions is repaired instead: it is kept aside as positions.json.bad-TIME, each position
that can be read stays, and the logs of the others are delivered again. Run it once more to forget those too.

Examples:
  msgtrk state reset --config msgtrk.yaml --destination siem
  msgtrk state reset --state ./state --file MSGTRK2026112014-1.LOG --yes
  msgtrk state reset --config msgtrk.yaml --destination siem --source EX01

Exit code: 0 done, 1 the answer was no or the disk failed, 2 a mistake in the command or nobody to ask,
3 the state folder is in use.`

const setDetails = `
--offset end is the place after the last whole row: what stands before it is not delivered any more. A number
of bytes must be the end of a line. It says how many bytes are passed over or delivered again, and asks;
--yes answers for scripts. Nothing may run on the state folder meanwhile. The folders of the logs must be
known, from --config or --from.

Examples:
  msgtrk state set --config msgtrk.yaml --destination siem --file MSGTRK2026112014-1.LOG --offset 0
  msgtrk state set --config msgtrk.yaml --file 'MSGTRK2025*' --offset end
  msgtrk state set --state ./state --from EX01/ --file '*' --offset end --yes

Exit code: 0 done, 1 the answer was no or a file could not be read or written, 2 a mistake in the command or
nobody to ask, 3 the state folder is in use or can't be read.`

/** The command; throws a ProblemsError for what a person can mend. */
export function stateCommand(context: StateContext): Command {
  const { stop, stdout = process.stdout, stderr = process.stderr } = context
  const terminal = context.terminal ?? { input: process.stdin, output: process.stderr }

  const agreed =
    ({ yes = false }: ChangeArguments): Agree =>
    async (consequence) =>
      yes || isAgreed(visibleLines(consequence), terminal, stop)

  const tell = ({ text, isRefused }: Changed): void => {
    stdout.write(`${visible(text)}\n`)
    if (isRefused) process.exitCode = ExitCode.failed
  }

  const show = withPlace(new Command('show'))
    .description('Show how far each log is settled, also while msgtrk runs.')
    .option('--json', 'for scripts')
    .addHelpText('after', showDetails)
    .action(async ({ json = false, ...args }: PlaceArguments & { readonly json?: boolean }) => {
      const { text, problems, exitCode } = await showState(await findPlace(args), json, stdout.columns)
      stdout.write(text)
      for (const problem of problems) tellProblem(stderr, problem)
      if (exitCode !== ExitCode.ok) process.exitCode = exitCode
    })

  const reset = withPlace(new Command('reset'))
    .description('Forget positions, so that logs are delivered again; or repair what is damaged.')
    .option('--yes', 'do not ask')
    .addHelpText('after', resetDetails)
    .action(async (args: ChangeArguments) => tell(await resetState(await findPlace(args), agreed(args))))

  const set = withPlace(new Command('set'), true)
    .description('Move positions to a place in the logs.')
    .requiredOption('--offset <bytes>', 'where to, or "end"', place)
    .option('--yes', 'do not ask')
    .addHelpText('after', setDetails)
    .action(async (args: ChangeArguments & { readonly offset: number | 'end' }) =>
      tell(await moveState(await findPlace(args), args.offset, agreed(args))),
    )

  return new Command('state')
    .description('Look at saved positions, forget or move them, repair what is damaged.')
    .addCommand(show)
    .addCommand(reset)
    .addCommand(set)
    .addHelpText('after', overview)
}

function withPlace(command: Command, needsFile = false): Command {
  const fileText = 'only logs of this name (* and ? stand for any letters)'
  return command
    .option('--config <file>', 'configuration of "msgtrk run": its state folder, destinations and sources')
    .option('--state <folder>', 'state folder, when there is no configuration (default: msgtrk-state)')
    .option('--from <folders...>', 'folders of the logs, as given to "msgtrk run"')
    .option('--destination <name>', 'only this destination')
    .option('--source <name>', 'only logs of this source (* and ? stand for any letters)')
    [needsFile ? 'requiredOption' : 'option']('--file <name>', fileText)
}

function place(text: string): number | 'end' {
  if (text === 'end') return 'end'
  const offset = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(offset)) return offset
  throw new InvalidArgumentError('Give a number of bytes, or end.')
}

/** Line ends are ours, all else may come from names that others chose. */
function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}
