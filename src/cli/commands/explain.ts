/** `msgtrk explain`: what becomes of one record, and why. */
import { access } from 'node:fs/promises'
import { hostname } from 'node:os'
import { Command } from 'commander'
import { ByteWriter } from '../../encode/byte-writer.ts'
import { createEncoder } from '../../encode/create-encoder.ts'
import { EventEncoder } from '../../encode/event-encoder.ts'
import { FrameEncoder } from '../../encode/frame-encoder.ts'
import type { EventPlan } from '../../flow/plan.ts'
import type { Records } from '../../flow/records.ts'
import { WorkMemory } from '../../hot-loop/memory.ts'
import { counted } from '../../mistakes/counted.ts'
import { withPlaces } from '../../mistakes/problem.ts'
import { visible } from '../../mistakes/visible.ts'
import { createEventParts, type EventOptions } from '../../transform/event-transform.ts'
import { optionsOfMails } from '../../transform/mail-rows.ts'
import type { CommandContext } from '../command-context.ts'
import { becameOf, malformedBecame, surroundingsOf } from '../explain/became.ts'
import { eventTables } from '../explain/event.ts'
import { filterReport, type Rewritten, rewriteRow } from '../explain/flow.ts'
import { mailAt } from '../explain/mail.ts'
import { findRecord } from '../explain/one-record.ts'
import { type ExplainArguments, settingsFor } from '../explain/settings.ts'
import { STDIN, textOf } from '../inputs/texts.ts'
import {
  addExportOptions,
  addMappingOptions,
  addRecipientOptions,
  exportSettings,
} from '../options/event-options.ts'

const CR = 0x0d

/** Events of one record whose lines are shown. */
const SHOWN_EVENTS = 20

const examples = `
Shows each column of the record, the CEF key it goes to and its value there, and what was left out, cut
or clamped and why; then the event line. Lines are counted from 1, as an editor does.

With --config all settings of a destination apply: it shows which rule of the filter takes or drops the
record, what changes it before the mapping, and the message as it is sent. Options given besides win.

Examples:
  msgtrk explain MSGTRK2026112014-1.LOG            the first record
  msgtrk explain MSGTRK2026112014-1.LOG:812        the record in line 812
  msgtrk explain --config msgtrk.yaml --destination siem MSGTRK2026112014-1.LOG:812
  msgtrk filter --events FAIL EX01/ | msgtrk explain --mapping my-table.yaml -`

/** The command; `stop` ends its wait for standard input. Throws a ProblemsError for what a person can mend. */
export function explainCommand({ stop, stdout = process.stdout }: CommandContext): Command {
  const width = stdout.columns
  const command = new Command('explain')
    .description('Show what becomes of one record: column, value, CEF key, encoded value, and why.')
    .argument('<record>', 'a log, or a log and a line (FILE[:LINE] or -)')
    .option('--config <file>', 'a configuration file, for the settings of a destination')
    .option('--destination <name>', 'which destination of it; needed when there are several')
  return addExportOptions(addRecipientOptions(addMappingOptions(command)))
    .addHelpText('after', examples)
    .action(async (argument: string, args: ExplainArguments) => {
      const { file, line } = await splitArgument(argument)
      const given = (name: string) => command.getOptionValueSource(name) === 'cli'
      const { options, destination, config, placed, isOfMails } = await settingsFor(args, given)
      const { steps, divided, planFor } = withPlaces(() => createEventParts(options), placed)
      const around =
        config === undefined || destination === undefined || file === STDIN
          ? undefined
          : await surroundingsOf(config, destination, file)
      const found = await findRecord(file, line, stop, exportSettings(args), async (at, reason) =>
        around === undefined ? '' : malformedBecame(around, at, reason),
      )
      const source = around?.belonging.source?.name
      const { row } = found
      const records = { ...found.records, source: source ?? found.records.source }
      if (isOfMails && file !== STDIN) {
        const chunks = () => textOf(file, stop, exportSettings(args)).chunks()
        const mail = await mailAt(found.start, chunks, options, records.source)
        const about = `destination ${destination}, ${source === undefined ? 'no source' : `source ${source}`}`
        stdout.write(
          `${visible(about)}\n\n` +
            filterReport(options, records, row, width) +
            rewriteRow(steps, records, row, width).report +
            (mail === null
              ? 'it is put into no mail\n'
              : `put into the record of its mail, here of its ${counted(mail.rows, 'row')} in this log, otherwise of all:\n` +
                ofMail(mail.records, options, { width, path: file })),
        )
        return
      }
      const plan = planFor(records.layout)
      const rewritten = rewriteRow([...steps, divided], records, row, width)
      const columns = counted(records.layout.columns.length, 'column')
      const formatted = withoutKeys[options.format ?? 'cef']
      const about =
        formatted !== undefined
          ? `${columns}, ${formatted}`
          : `mapping ${plan.mapping}, ${columns}, CEF:${plan.cefVersion}`
      // The table and the message say the same time of receipt.
      const nowMs = Date.now()
      const from = source === undefined ? 'no source' : `source ${source}`
      const place = destination === undefined ? '' : `destination ${destination}, ${from}, `
      const became = around === undefined ? '' : `${visible(await becameOf(around, found))}\n`
      stdout.write(
        `${visible(place + about)}\n${became}\n` +
          filterReport(options, records, row, width) +
          rewritten.report +
          (rewritten.rows.length > 1 ? `event 1 of ${rewritten.rows.length}:\n` : '') +
          (formatted !== undefined
            ? ''
            : `${eventTables(plan, rewritten.records, rewritten.rows[0] ?? 0, options, nowMs, width)}\n`) +
          messages(plan, rewritten, options, {
            // Nothing shortens a row that stays as it is.
            withSizes: destination !== undefined && options.format !== 'raw',
            path: file,
            nowMs,
          }),
      )
    })
}

/** What has no keys of CEF. */
const withoutKeys: Readonly<Partial<Record<string, string>>> = {
  'message-tracking-log': 'as MessageTrackingLog_CL',
  raw: 'as it stands in the log',
}

/** The event of a mail. */
function ofMail(
  records: Records,
  ofRows: EventOptions,
  { width, path }: { readonly width: number | undefined; readonly path: string },
): string {
  const nowMs = Date.now()
  const options = optionsOfMails(ofRows)
  const { divided, planFor } = createEventParts(options)
  const plan = planFor(records.layout)
  const rewritten = rewriteRow([divided], records, 0, width)
  return (
    `mapping ${plan.mapping}, CEF:${plan.cefVersion}\n\n` +
    `${eventTables(plan, rewritten.records, rewritten.rows[0] ?? 0, options, nowMs, width)}\n` +
    messages(plan, rewritten, options, { withSizes: true, path, nowMs })
  )
}

/** A colon may be part of the path, so a file of the whole name comes first. */
async function splitArgument(argument: string): Promise<{ file: string; line: number | undefined }> {
  const match = /^(.+):(\d+)$/.exec(argument)
  const isFile =
    argument === STDIN ||
    (await access(argument).then(
      () => true,
      () => false,
    ))
  if (match === null || isFile) return { file: argument, line: undefined }
  return { file: match[1] as string, line: Number(match[2]) }
}

/** The messages as they are sent, their framing left out; `withSizes`: with a word on how long each is; `path`: of the log. */
function messages(
  plan: EventPlan,
  { records, rows }: Rewritten,
  options: EventOptions,
  { withSizes, path, nowMs }: { readonly withSizes: boolean; readonly path: string; readonly nowMs: number },
): string {
  const isCef = (options.format ?? 'cef') === 'cef'
  const memory = isCef ? undefined : new WorkMemory()
  const encoder = new EventEncoder(plan, options.unicodeControls)
  const encode = (row: number, maxMessageBytes: number): Buffer => {
    if (memory !== undefined) {
      const lines = createEncoder(memory, { ...options, maxMessageBytes, host: hostname() })
      lines.begin(nowMs, { file: { id: '', source: records.source, path } })
      lines.prepare(plan, records.layout)(records, Uint32Array.of(row))
      const { frames } = lines.end()
      return frames.subarray(0, frames.at(-2) === CR ? -2 : -1)
    }
    const out = new ByteWriter()
    const frame = { ...options, framing: 'datagram', maxMessageBytes, host: hostname() } as const
    new FrameEncoder(frame).encode(encoder, records, row, out, nowMs)
    return out.bytes.subarray(0, out.length)
  }
  const lines = [...rows].slice(0, SHOWN_EVENTS).map((row) => {
    const limit = options.maxMessageBytes
    const message = encode(row, limit)
    const whole = withSizes ? encode(row, Number.MAX_SAFE_INTEGER).length : message.length
    const shortened = whole > message.length ? `, shortened from ${whole}` : ''
    const size = withSizes ? `message of ${message.length} bytes, ${limit} at most${shortened}:\n` : ''
    return `${size}${visible(message.toString('utf8'))}\n`
  })
  const others = rows.length - lines.length
  return `${lines.join('')}${others > 0 ? `… and ${others} more\n` : ''}`
}
