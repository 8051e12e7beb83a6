/** `msgtrk convert`: logs in, CEF lines out. */
import { Command, Option } from 'commander'
import { createEventTransform } from '../app.ts'
import { openOutput } from './byte-output.ts'
import { addMappingOptions, eventList, type MappingArguments } from './event-options.ts'
import { findInputs } from './inputs.ts'
import { Pass } from './pass.ts'

interface ConvertArguments extends MappingArguments {
  readonly syslog: 'none' | 'rfc3164' | 'rfc5424'
  readonly events?: readonly string[]
  readonly output?: string
}

const examples = `
Folders give their MSGTRK*.LOG files, oldest first; - is standard input, also without an argument.
Lines that are no record are named on standard error and left out. The last line there is a summary.

Examples:
  msgtrk convert MSGTRK2026112014-1.LOG                    all records of one log
  msgtrk convert --events SEND,RECEIVE D:\\Logs -o mail.cef  two kinds of events of a whole folder
  type MSGTRK*.LOG | msgtrk convert --syslog rfc3164 -     with a syslog header, from standard input
  msgtrk convert --additional-data plain --mapping my-table.yaml EX01/

Exit code: 0 when all was read, 1 when a file could not be read, 2 for a mistake, 4 when stopped.`

/** The command; `stop` ends it early. */
export function convertCommand({ stop }: { readonly stop: AbortSignal }): Command {
  const command = new Command('convert')
    .description('Convert logs to CEF lines on standard output.')
    .argument('[inputs...]', 'files, folders or - (FILE|DIR|-)')
    .option('--events <ids>', 'only these event ids, such as SEND,RECEIVE', eventList)
  return addMappingOptions(command)
    .addOption(
      new Option('--syslog <header>', 'syslog header in front of each event')
        .choices(['none', 'rfc3164', 'rfc5424'])
        .default('none'),
    )
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .addHelpText('after', examples)
    .action(async (args: readonly string[], options: ConvertArguments) => {
      const transform = createEventTransform({
        ...options,
        syslog: { header: options.syslog, time: 'event', zone: 'utc', facility: 'local0' },
        framing: 'lf',
        maxMessageBytes: Number.MAX_SAFE_INTEGER,
      })
      const inputs = await findInputs(args)
      const output = await openOutput(options.output, inputs)
      const showProgress = options.output !== undefined || !process.stdout.isTTY
      const pass = new Pass({ inputs, stop, showProgress })
      for await (const chunk of pass.chunks()) {
        const { frames, counts, malformed } = transform(chunk)
        await output.write(frames)
        pass.count(counts.events, counts.filtered, malformed)
      }
      await output.close()
      process.exitCode = pass.end()
    })
}
