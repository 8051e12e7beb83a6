/** The columns Exchange writes, by version: facts of the format that more than one part needs. */
import type { Layout } from '../flow/chunk.ts'

/** Columns of Exchange 2016 and later; every earlier layout is these without some, in the same order. */
export const allColumns = [
  'date-time',
  'client-ip',
  'client-hostname',
  'server-ip',
  'server-hostname',
  'source-context',
  'connector-id',
  'source',
  'event-id',
  'internal-message-id',
  'message-id',
  'network-message-id',
  'recipient-address',
  'recipient-status',
  'total-bytes',
  'recipient-count',
  'related-recipient-address',
  'reference',
  'message-subject',
  'sender-address',
  'return-path',
  'message-info',
  'directionality',
  'tenant-id',
  'original-client-ip',
  'original-server-ip',
  'custom-data',
  'transport-traffic-type',
  'log-id',
  'schema-version',
] as const

export type Column = (typeof allColumns)[number]

const columns2013 = allColumns.slice(0, 27)
/** 2013 put network-message-id behind message-id: everything after it moved by one. */
const columns2010 = columns2013.filter((column) => column !== 'network-message-id')

/** Column names by Exchange version; 2016 stands for 2019 and SE as well. Their counts are unambiguous. */
export const knownColumns = {
  '2007': columns2010.slice(0, 21),
  '2010': columns2010,
  '2013': columns2013,
  '2016': allColumns,
} as const satisfies Record<string, readonly Column[]>

/** Where a column (lower case) stands in the rows of a log, -1 if it has none; the log's own case is no matter. */
export function columnIndex(layout: Layout, name: string): number {
  return layout.columns.findIndex((column) => column.toLowerCase() === name)
}
