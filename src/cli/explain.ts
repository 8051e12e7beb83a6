/** `msgtrk explain`: what becomes of one record, column by column. */
import { access } from 'node:fs/promises'
import { Command } from 'commander'
import { ByteWriter } from '../encode/byte-writer.ts'
import { type EncodedValue, EventEncoder } from '../encode/event-encoder.ts'
import { fieldText } from '../field-text.ts'
import { createMapper } from '../map/mapper.ts'
import type { EventPlan, Records, ValuePlan } from '../types.ts'
import { visible } from '../visible.ts'
import { addMappingOptions, type MappingArguments } from './event-options.ts'
import { STDIN } from './inputs.ts'
import { findRecord } from './one-record.ts'

/** Characters of a value shown in the table; the event line below has all of it. */
const SHOWN = 60
const HEADER_FIELDS = ['vendor', 'product', 'version', 'event class id', 'name']

const examples = `
Shows each column of the record, the CEF key it goes to and its value there, and what was left out, cut
or clamped and why; then the event line. Lines are counted from 1, as an editor does.

Examples:
  msgtrk explain MSGTRK2026112014-1.LOG            the first record
  msgtrk explain MSGTRK2026112014-1.LOG:812        the record in line 812
  msgtrk filter --events FAIL EX01/ | msgtrk explain --mapping my-table.yaml -`

/** The command; `stop` ends its wait for standard input. */
export function explainCommand({ stop }: { readonly stop: AbortSignal }): Command {
  const command = new Command('explain')
    .description('Show what becomes of one record: column, value, CEF key, encoded value, and why.')
    .argument('<record>', 'a log, or a log and a line (FILE[:LINE] or -)')
  return addMappingOptions(command)
    .addHelpText('after', examples)
    .action(async (argument: string, options: MappingArguments) => {
      const { file, line } = await splitArgument(argument)
      const mapper = createMapper(options)
      const { records, row } = await findRecord(file, line, stop)
      const plan = mapper.planFor(records.layout)
      process.stdout.write(explanation(plan, records, row))
    })
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

function explanation(plan: EventPlan, records: Records, row: number): string {
  const encoder = new EventEncoder(plan)
  const out = new ByteWriter()
  encoder.encode(records, row, out)
  const event = out.bytes.toString('utf8', 0, out.length)
  const values = encoder.values(records, row)
  const rows = records.layout.columns.flatMap((name, column) =>
    columnRows(name, column, { plan, records, row, values }),
  )
  const about = `mapping ${plan.mapping}, ${records.layout.columns.length} columns, CEF:${plan.cefVersion}`
  return `${about}\n\n${table([['column', 'value', 'CEF key', 'encoded value', 'note'], ...rows])}\n${visible(event)}\n`
}

interface Explained {
  readonly plan: EventPlan
  readonly records: Records
  readonly row: number
  readonly values: readonly EncodedValue[]
}

/** A line for each use of the column; its name and value stand in the first. */
function columnRows(name: string, column: number, { plan, records, row, values }: Explained): string[][] {
  const text = fieldText(records, row, column)
  const inHeader = plan.header.flatMap((field, index) =>
    field.columns.includes(column) ? [['', '', `header: ${HEADER_FIELDS[index]}`, text, '']] : [],
  )
  const severity = plan.severity.levels.get(text) ?? plan.severity.default
  const asSeverity =
    plan.severity.column === column ? [['', '', 'header: severity', String(severity), '']] : []
  const inExtension = values
    .filter((value) => value.plan.column === column)
    .map((value) => ['', '', value.plan.key, value.text, note(value, records, text)])
  const uses = [...inHeader, ...asSeverity, ...inExtension]
  const [first = ['', '', '-', '', text === '' ? '' : 'not in the mapping table'], ...others] = uses
  return [[name, text, ...first.slice(2)], ...others]
}

function note({ plan, outcome, text }: EncodedValue, { layout }: Records, value: string): string {
  switch (outcome) {
    case 'written':
      return plan.label === null ? '' : `label ${plan.label.text}`
    case 'empty':
      return value === '' ? 'empty' : 'left out: only blanks'
    case 'excluded':
      return plan.when === null
        ? 'left out: an address of the other family'
        : `left out: ${condition(plan, layout.columns)}`
    case 'invalid':
      return `left out: ${wanted[plan.as]}`
    case 'cut':
      return `cut to ${plan.maxBytes} of ${Buffer.byteLength(value.trim())} bytes`
    case 'clamped':
      return `clamped to ${text}${plan.overflowKey === null ? '' : `; the true value is in ${plan.overflowKey}`}`
  }
}

const wanted: Readonly<Record<ValuePlan['as'], string>> = {
  text: 'no text',
  integer: 'no integer',
  'epoch-millis': 'no date and time',
  ipv4: 'no IPv4 address',
  ipv6: 'no IPv6 address',
  ip: 'no IP address',
}

function condition({ when }: ValuePlan, columns: readonly string[]): string {
  if (when === null) return ''
  return `only where ${columns[when.column]} is ${when.negate ? 'not ' : ''}${when.values.join(' or ')}`
}

function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => shorten(visible(cell))))
  const widths = cells.reduce<number[]>(
    (all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)),
    [],
  )
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

function shorten(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`
}
