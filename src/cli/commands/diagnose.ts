/** `msgtrk diagnose`: all that support needs, in one file without secrets. */
import { Command } from 'commander'
import { ProblemsError } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import { size } from '../../status/words.ts'
import type { CommandContext } from '../command-context.ts'
import { writeArchive } from '../diagnose/archive.ts'
import { gather } from '../diagnose/contents.ts'
import { textTable } from '../terminal/table.ts'

interface DiagnoseArguments {
  readonly config?: string
  readonly state?: string
  readonly output?: string
  readonly withDeadLetters: boolean
}

const details = `
In the file, which only its owner can read: versions; the configuration as written, its references unresolved, and as it
is in force; the status of a running instance; positions; the last 20 MB of the own log; names, sizes and times of what
is in the folders; certificates, without keys.

Not in it: secrets (values of secret and of unknown settings and comments of the configuration are left out), rows of
logs, events, dead letters. In status, mistakes and the own log only the domain of an address stays. What filters and other settings say, and names of
servers, files and receivers, are in it: look before you send it.

--with-dead-letters puts in the newest dead letters of each destination, which are lines of logs with all that stands
in them, and leaves addresses where they are.

Examples:
  msgtrk diagnose --config msgtrk.yaml
  msgtrk diagnose --config msgtrk.yaml -o case-4711.tar.gz

Exit code: 0 written, 1 it could not be written, 2 a mistake in the command.`

/** The command; throws a ProblemsError when there is no configuration, or the file can't be written. */
export function diagnoseCommand({ stdout = process.stdout }: Partial<CommandContext> = {}): Command {
  return new Command('diagnose')
    .description('Put all that support needs into one file, without secrets, rows and events.')
    .option('--config <file>', 'configuration of "msgtrk run", in order or not')
    .option('--state <folder>', 'its state folder, when there is no configuration')
    .option('-o, --output <file>', 'where to write it (default: msgtrk-diagnose-TIME.tar.gz)')
    .option('--with-dead-letters', 'the newest dead letters, too: lines of logs as they stand', false)
    .addHelpText('after', details)
    .action(async ({ config, state, output, withDeadLetters }: DiagnoseArguments) => {
      if ((config === undefined) === (state === undefined)) {
        const [message, remedy] =
          config === undefined
            ? ['needs to know which msgtrk', 'give --config msgtrk.yaml, or --state FOLDER']
            : ['takes --config or --state', 'give only --config: the state folder is set in the file']
        throw new ProblemsError([{ where: { argument: 'msgtrk diagnose' }, message, remedy }])
      }
      const name = `msgtrk-diagnose-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
      const file = output ?? `${name}.tar.gz`
      const { entries, notes } = await gather({ config, state, withDeadLetters })
      await writeArchive(file, entries, name)
      const rows = entries.map(({ name, text }) => [`  ${name}`, size(Buffer.byteLength(text))])
      const letters = withDeadLetters
        ? 'In it are lines of logs as they stand: addresses, subjects. No secret of the configuration is in it.'
        : 'Not in it: secrets, rows of logs, events, dead letters. Names and filters are: look before you send it.'
      stdout.write(
        `${visible(file)}, which only you can read, holds:\n${textTable(rows, { numbersFrom: 1, width: stdout.columns })}` +
          `${textTable([[letters], ...notes.map((note) => [note])], { width: stdout.columns })}`,
      )
    })
}
