/** What one row becomes: column by column, and what is made of more than a column. */
import type { EncodedValue } from '../../encode/event-encoder.ts'
import { EventEncoder } from '../../encode/event-encoder.ts'
import type { FrameOptions } from '../../encode/frame-encoder.ts'
import { breakHeaders } from '../../encode/protect-header.ts'
import type { EventPlan, ValuePlan } from '../../flow/plan.ts'
import type { Records } from '../../flow/records.ts'
import { fieldText } from '../../records/fields.ts'
import { textTable } from '../terminal/table.ts'
import { SHOWN } from './flow.ts'

/** On a narrower terminal there is no room for each value twice. */
const narrow = 120

const HEADER_FIELDS = ['vendor', 'product', 'version', 'event class id', 'name']

/**
 * The tables of one row: each column with its CEF keys, then the values without a column of their own.
 * The settings are those of the destination, `nowMs` is when the row was taken; `width` of the terminal.
 */
export function eventTables(
  plan: EventPlan,
  records: Records,
  row: number,
  { protectHeader = false, unicodeControls }: Pick<FrameOptions, 'protectHeader' | 'unicodeControls'>,
  nowMs: number,
  width?: number,
): string {
  const encoder = new EventEncoder(plan, unicodeControls)
  encoder.receivedMs = nowMs
  const values = encoder.values(records, row).map((value) => (protectHeader ? protectedValue(value) : value))
  const explained = { plan, records, row, encoder, values }
  const rows = records.layout.columns.flatMap((name, column) => columnRows(name, column, explained))
  const isNarrow = width !== undefined && width < narrow
  const head = ['column', 'value', 'CEF key', isNarrow ? 'encoded (= as it is)' : 'encoded value', 'note']
  const columns = textTable([head, ...(isNarrow ? inShort(rows) : rows)], {
    maxCell: SHOWN,
    width,
  })
  const made = explained.values
    .filter((value) => value.plan.column < 0)
    .map((value) => [
      value.plan.key,
      value.text,
      madeOf(value, records, row),
      note(value, records, String(value.plan.derive?.(records, row) ?? '')),
    ])
  if (made.length === 0) return columns
  return `${columns}\n${textTable([['CEF key', 'encoded value', 'made of', 'note'], ...made], { maxCell: SHOWN * 2, width })}`
}

/** Where a value is encoded as it is, it takes room once. */
function inShort(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  let last = ''
  return rows.map(([column = '', value = '', key = '', encoded = '', ...others]) => {
    if (column !== '') last = value
    return [column, value, key, encoded !== '' && encoded === last ? '=' : encoded, ...others]
  })
}

/** What the value is made of: of several places the one that decided it, also that there is none. */
function madeOf({ plan }: ShownValue, records: Records, row: number): string {
  return plan.because?.(records, row) || (plan.origin ?? '')
}

/** The value as it stands in the message. */
function protectedValue(value: EncodedValue): ShownValue {
  const bytes = Buffer.from(value.text)
  const isBroken = breakHeaders(bytes, 0, bytes.length) > 0
  return isBroken ? { ...value, text: bytes.toString(), isBroken } : value
}

interface ShownValue extends EncodedValue {
  /** A look-alike of the event's header was broken in it. */
  readonly isBroken?: boolean
}

interface Explained {
  readonly plan: EventPlan
  readonly records: Records
  readonly row: number
  readonly encoder: EventEncoder
  readonly values: readonly ShownValue[]
}

/** A line for each use of the column; its name and value stand in the first. */
function columnRows(name: string, column: number, explained: Explained): string[][] {
  const { plan, records, row, encoder, values } = explained
  const text = fieldText(records, row, column)
  const inHeader = plan.header.flatMap((field, index) =>
    field.columns.includes(column) ? [['', '', `header: ${HEADER_FIELDS[index]}`, text, '']] : [],
  )
  const decided = (plan.severity.derive?.(records, row) ?? -1) >= 0
  const severity = String(encoder.severity(records, row))
  const asSeverity =
    plan.severity.column === column
      ? [['', '', 'header: severity', severity, decided ? 'decided by a lookup that goes first' : '']]
      : []
  const inExtension = values
    .filter((value) => value.plan.column === column)
    .map((value) => ['', '', value.plan.key, value.text, note(value, records, text)])
  const uses = [...inHeader, ...asSeverity, ...inExtension]
  const [first = ['', '', '-', '', text === '' ? '' : 'not in the mapping table'], ...others] = uses
  return [[name, text, ...first.slice(2)], ...others]
}

function note({ plan, outcome, text, isBroken }: ShownValue, { layout }: Records, value: string): string {
  if (isBroken) return 'CEF: before a digit broken (protectHeader)'
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
  'receipt-time': 'no time',
}

function condition({ when }: ValuePlan, columns: readonly string[]): string {
  if (when === null) return ''
  return `only where ${columns[when.column]} is ${when.negate ? 'not ' : ''}${when.values.join(' or ')}`
}
