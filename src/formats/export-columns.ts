/**
 * Exports of tracking data as CSV: what their columns are called, and which column of a tracking log each of them is.
 * Get-MessageTrackingLog leaves out the dashes of a log's names and renames a few; message traces of Exchange Online
 * and their reports have names of their own. Columns that no tracking log has are not among them.
 */
import { allColumns, type Column } from '../records/layouts.ts'

const renamed: Readonly<Record<string, Column>> = {
  timestamp: 'date-time',
  recipients: 'recipient-address',
  sender: 'sender-address',
  eventdata: 'custom-data',
  // Get-MessageTrace
  received: 'date-time',
  subject: 'message-subject',
  status: 'recipient-status',
  fromip: 'original-client-ip',
  size: 'total-bytes',
  messagetraceid: 'network-message-id',
  // Reports of the portal and of Start-HistoricalSearch
  datetimeutc: 'date-time',
  origintimestamp: 'date-time',
  origintimestamputc: 'date-time',
}

const columns: ReadonlyMap<string, Column> = new Map([
  ...allColumns.map((column) => [column.replaceAll('-', ''), column] as const),
  ...Object.entries(renamed),
])

/** Of whose hand an export is, as far as its columns tell. */
export type ExportSource = 'tracking' | 'trace' | 'report' | 'unknown'

/** The header line of an export. */
export interface ExportHeader {
  readonly source: ExportSource
  readonly delimiter: ',' | ';' | '\t'
  /** The names as they stand there, and the column of a tracking log that each is; undefined for those that are none. */
  readonly names: readonly string[]
  readonly columns: readonly (Column | undefined)[]
}

/** So many known names make a line the header of an export: no row has them by chance. */
const LEAST_NAMES = 3

/** Reads the header line of an export; null when the line is none. */
export function exportHeader(line: string): ExportHeader | null {
  for (const delimiter of [',', ';', '\t'] as const) {
    const names = line.split(delimiter).map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
    const plain = names.map((name) => name.toLowerCase().replace(/[-_ ]/g, ''))
    const found = plain.map((name) => columns.get(name))
    if (new Set(found.filter((column) => column !== undefined)).size < LEAST_NAMES) continue
    return { source: sourceOf(plain, found), delimiter, names, columns: found }
  }
  return null
}

function sourceOf(names: readonly string[], found: readonly (Column | undefined)[]): ExportSource {
  const time = names[found.indexOf('date-time')]
  if (time === 'received' || names.includes('messagetraceid')) return 'trace'
  if (time === 'datetimeutc' || time?.startsWith('origintimestamp')) return 'report'
  return time === 'timestamp' || names.includes('pscomputername') ? 'tracking' : 'unknown'
}
