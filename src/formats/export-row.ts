/** What the values of an export are in a tracking log. */

import type { Column } from '../records/layouts.ts'
import type { ExportHeader } from './export-columns.ts'

/** The columns of which a cmdlet gives lists. */
const lists: ReadonlySet<Column> = new Set([
  'recipient-address',
  'recipient-status',
  'reference',
  'custom-data',
])

/** Export-Csv writes the type of a list instead of its members, unless they were joined. */
const typeName =
  /^(System|Microsoft)\.[\w.`+]+(\[.*\]|`\d.*)$|^Microsoft\.Exchange\.Data\.MultiValuedProperty/

/** The values of a record (latin1) by the columns of a tracking log; the first of those with the same one counts. */
export function valuesOf({ columns, source }: ExportHeader, fields: readonly string[]): Map<string, string> {
  const values = new Map<Column, string>()
  for (const [index, column] of columns.entries()) {
    if (column === undefined || values.has(column)) continue
    const value = fields[index] ?? ''
    values.set(column, lists.has(column) && typeName.test(value) ? '' : value)
  }
  const recipients = values.get('recipient-address')
  if (recipients !== undefined) values.set('recipient-address', recipientList(recipients))
  if (source === 'trace') enterStatus(values)
  if (source === 'report') enterReport(values)
  return values
}

/** Members joined by blanks or commas, as PowerShell joins them, are members of a list when each is an address. */
function recipientList(text: string): string {
  if (text.includes(';')) return text.replace(/;\s+/g, ';')
  const members = text.replace(/^\{(.*)\}$/, '$1').split(/,\s*|\s+/)
  return members.every((member) => /^[^@"'\s]+@[^@"'\s]+$/.test(member)) ? members.join(';') : text
}

/** Events that mean what a status of a message trace says; any other status stands for itself. */
const statusEvents: Readonly<Record<string, string>> = { failed: 'FAIL', expanded: 'EXPAND' }

function enterStatus(values: Map<Column, string>): void {
  const status = values.get('recipient-status') ?? ''
  if (!values.get('event-id')) values.set('event-id', statusEvents[status.toLowerCase()] ?? status)
}

/** The steps of a summary are events: the last one of all recipients says what became of the mail, where it is the same. */
const stepEvents: Readonly<Record<string, string>> = {
  receive: 'RECEIVE',
  send: 'SEND',
  deliver: 'DELIVER',
  fail: 'FAIL',
  expand: 'EXPAND',
}

const directions: Readonly<Record<string, string>> = { '1': 'Incoming', '2': 'Originating' }

/** `ann@x.example##Receive, Deliver;bob@x.example##Receive, Fail` in the summary: recipients, each with its steps. */
function enterReport(values: Map<Column, string>): void {
  const direction = directions[values.get('directionality') ?? '']
  if (direction !== undefined) values.set('directionality', direction)
  const status = values.get('recipient-status') ?? ''
  if (values.has('recipient-address') || !status.includes('##')) return
  const members = status
    .split(';')
    .filter((member) => member.trim() !== '')
    .map((member) => member.split('##'))
  if (!members.every(({ length }) => length === 2)) return
  values.set('recipient-address', members.map(([address = '']) => address.trim()).join(';'))
  values.set('recipient-status', members.map(([, steps = '']) => steps.trim()).join(';'))
  const last = new Set(members.map(([, steps = '']) => steps.split(',').at(-1)?.trim().toLowerCase() ?? ''))
  const [step = ''] = last
  if (!values.get('event-id') && last.size === 1) values.set('event-id', stepEvents[step] ?? '')
}
