/** `msgtrk convert`: logs in, CEF lines out. */
import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { type SyslogOptions, syslogHeaders } from '../../encode/options.ts'
import { recordKinds } from '../../mails/options.ts'
import { ProblemsError } from '../../mistakes/problem.ts'
import { together } from '../../mistakes/together.ts'
import { createEventTransform, type EventOptions } from '../../transform/event-transform.ts'
import { openStage } from '../../transform/threads.ts'
import type { CommandContext } from '../command-context.ts'
import { findInputs } from '../inputs/find-inputs.ts'
import { byTime, mailChunks } from '../inputs/mail-chunks.ts'
import { Pass } from '../inputs/pass.ts'
import { STDIN } from '../inputs/texts.ts'
import {
  addExportOptions,
  addMappingOptions,
  addRecipientOptions,
  doubtEvents,
  type ExportArguments,
  eventsOption,
  exportSettings,
  type MappingArguments,
  noiseOption,
  onlyOption,
  outputOption,
  type RecipientArguments,
  type SelectionArguments,
} from '../options/event-options.ts'
import { wholeNumber } from '../options/numbers.ts'
import { inPortions } from '../portions/in-portions.ts'
import { openOutput } from '../terminal/byte-output.ts'

/** No limit: no event comes near it. */
const MAX_MESSAGE_BYTES = 2 ** 32 - 1

interface ConvertArguments extends MappingArguments, RecipientArguments, ExportArguments, SelectionArguments {
  readonly format: (typeof formats)[number]
  readonly syslog: SyslogOptions['header']
  readonly output?: string
  readonly jobs: number
  readonly records: (typeof recordKinds)[number]
}

/** As what events are written; rows as they stand are what `msgtrk filter` writes. */
const formats = ['cef', 'json'] as const

const examples = `
Folders give their MSGTRK*.LOG files, oldest first; - is standard input, also without an argument.
Lines that are no record are told of on standard error and left out. The last line there is a summary.
Read as they are: logs packed with gzip, logs in UTF-16, and exports (CSV) of Get-MessageTrackingLog, of
Get-MessageTrace and of message trace reports.

Examples:
  msgtrk convert MSGTRK2026112014-1.LOG                    all records of one log
  msgtrk convert --events SEND,RECEIVE D:\\Logs -o mail.cef  two kinds of events of a whole folder
  msgtrk convert --jobs 2 D:\\Logs -o all.cef               a large folder, on two processors
  type MSGTRK*.LOG | msgtrk convert --syslog rfc3164 -     with a syslog header, from standard input
  msgtrk convert --export-zone Europe/Berlin export.csv    what Get-MessageTrackingLog | Export-Csv wrote
  msgtrk convert --additional-data plain --mapping my-table.yaml EX01/
  msgtrk convert --format json MSGTRK*.LOG | jq .suser     a JSON object for each record
  msgtrk convert --records mail EX01/ EX02/ EDGE01/        one event for each mail, over all servers

Exit code: 0 when all was read, 1 when a file could not be read or has no record, 2 for a mistake, 4 when stopped.`

/** The command; `stop` ends it early. */
export function convertCommand({ stop }: Pick<CommandContext, 'stop'>): Command {
  const command = new Command('convert')
    .description('Convert logs to CEF lines on standard output.')
    .argument('[inputs...]', 'files, folders or - (FILE|DIR|-)')
    .addOption(eventsOption())
    .addOption(noiseOption())
    .addOption(onlyOption())
    .addOption(
      new Option('--records <what>', 'an event for each row, or one for each mail, from all its rows')
        .choices(recordKinds)
        .default('rows'),
    )
  return addExportOptions(addRecipientOptions(addMappingOptions(command)))
    .addOption(
      new Option('--format <format>', 'CEF, or JSON with the same keys').choices(formats).default('cef'),
    )
    .addOption(
      new Option('--syslog <header>', 'syslog header in front of each event')
        .choices(syslogHeaders)
        .default('none'),
    )
    .addOption(outputOption())
    .option(
      '-j, --jobs <threads>',
      'convert on so many threads, as far as there are processors',
      wholeNumber(1, 64),
      1,
    )
    .addHelpText('after', examples)
    .action(async (args: readonly string[], options: ConvertArguments) => {
      doubtEvents(options.events)
      const isMail = options.records === 'mail'
      const { events, noise, only, ...others } = options
      const selection = { events, noise, only }
      const eventOptions: EventOptions = {
        ...others,
        // Of mails, rows are chosen before they are put together.
        ...(isMail ? { mapping: options.mapping === 'auto' ? 'mail' : options.mapping } : selection),
        // With a header it is to be read as lines by whatever takes syslog.
        unicodeControls: options.unicodeControls ?? (options.syslog === 'none' ? 'keep' : 'breaks'),
        syslog: { header: options.syslog, time: 'event', zone: 'utc', facility: 'local0' },
        framing: 'lf',
        maxMessageBytes: MAX_MESSAGE_BYTES,
      }
      const [, transform, found] = await together([
        () => checkFormat(options),
        () => createEventTransform(eventOptions),
        () => findInputs(args),
      ])
      const jobs = Math.min(options.jobs, availableParallelism())
      const inputs = isMail ? byTime(found) : found
      const output = await openOutput(options.output, inputs)
      const exports = exportSettings(options)
      const pass = new Pass({ inputs, stop, exports, showProgress: !output.isTerminal })
      // Mails are put together on one thread, and standard input is read on one.
      if (jobs > 1 && !isMail && inputs.every(({ path }) => path !== STDIN)) {
        const work = { options: eventOptions, exports }
        for await (const { path, made } of inPortions({ inputs, work, threads: jobs, stop, pass })) {
          await output.write(made.frames)
          pass.count(path, made.events, made.filtered, made.malformed)
        }
        await output.close()
        process.exitCode = pass.end()
        return
      }
      const stage = openStage([{ transform, options: eventOptions }], jobs)
      const batches = stage.batchesOf(0)
      for await (const { file, frames, counts, malformed } of batches(
        isMail ? mailChunks(pass.chunks(), { ...eventOptions, ...selection }) : pass.chunks(),
      )) {
        await output.write(frames)
        pass.count(file.path, counts.events, counts.filtered, malformed)
      }
      await stage.close()
      await output.close()
      process.exitCode = pass.end()
    })
}

function checkFormat({ format, syslog, protectHeader }: ConvertArguments): void {
  if (format !== 'json') return
  const ofCef = [...(syslog === 'none' ? [] : ['--syslog']), ...(protectHeader ? ['--protect-header'] : [])]
  const problems = ofCef.map((option) => ({
    where: { option },
    message: 'is for CEF, and --format json writes none',
    remedy: 'leave it out',
  }))
  if (problems.length > 0) throw new ProblemsError(problems)
}
