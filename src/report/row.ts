/**
 * A report as a row, like one of a tracking log: so it takes the same way as every record, through the
 * splitter and the encoder, and whatever a path or a reason holds is normalised, escaped and limited there.
 */
import type { Layout } from '../flow/chunk.ts'
import type { Report } from './report.ts'

/** The columns of a row, in their order. */
export const reportColumns = [
  'time',
  'id',
  'name',
  'severity',
  'host',
  'message',
  'outcome',
  'reason',
  'source',
  'file',
  'destination',
  'receiver',
  'count',
  'read',
  'delivered',
  'in-flight',
  'filtered',
  'malformed',
  'rejected',
  'lost-bytes',
  'offset',
  'started',
  'last-delivered',
  'dropped',
] as const

export type ReportColumn = (typeof reportColumns)[number]

/** The layout of all reports. */
export const reportLayout: Layout = { columns: reportColumns, version: '', header: new Uint8Array(0) }

/** What a row says that is not in the report: the name of this machine, and how many reports were dropped. */
export interface RowContext {
  readonly host: string
  readonly dropped: number
}

/** The report as one line, its line end included. */
export function formatRow({ atMs, kind, values }: Report, { host, dropped }: RowContext): string {
  const texts: Readonly<Record<ReportColumn, string | number | undefined>> = {
    time: isoTime(atMs),
    id: kind.id,
    name: kind.name,
    severity: kind.severity,
    host,
    message: values.message,
    outcome: values.outcome,
    reason: values.reason,
    source: values.source,
    file: values.file,
    destination: values.destination,
    receiver: values.receiver,
    count: values.count,
    read: values.read,
    delivered: values.delivered,
    'in-flight': values.inFlight,
    filtered: values.filtered,
    malformed: values.malformed,
    rejected: values.rejected,
    'lost-bytes': values.lostBytes,
    offset: values.offset,
    started: isoTime(values.startedMs),
    'last-delivered': isoTime(values.lastDeliveredMs),
    dropped: dropped > 0 ? dropped : undefined,
  }
  return `${reportColumns.map((column) => field(texts[column])).join(',')}\n`
}

function isoTime(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString()
}

/** Always quoted, so that nothing but a line end could break out; those become spaces. */
function field(value: string | number | undefined): string {
  if (value === undefined) return ''
  return `"${String(value)
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('"', '""')}"`
}
