/** How a report becomes a CEF event: the mapping table of reports, so to speak. */
import type { Conversion, EventPlan, ValuePlan } from '../flow/plan.ts'
import { type ReportColumn, reportColumns } from './row.ts'

const int32 = 2n ** 31n - 1n
const int64 = 2n ** 63n - 1n

/** Key, column, how it is written, limit in bytes, label. Keys and limits are those of the CEF dictionary. */
const fields: readonly ValuePlan[] = [
  value('rt', 'time', 'epoch-millis'),
  value('msg', 'message', 'text', 1023),
  value('outcome', 'outcome', 'text', 63),
  value('reason', 'reason', 'text', 1023),
  value('cnt', 'count', 'integer', 0, null, int32),
  value('cs1', 'source', 'text', 4000, 'Source'),
  value('cs2', 'file', 'text', 4000, 'File'),
  value('cs3', 'destination', 'text', 4000, 'Destination'),
  value('cs4', 'receiver', 'text', 4000, 'Receiver'),
  value('cs5', 'rejected', 'text', 20, 'Rows Rejected'),
  value('cs6', 'dropped', 'text', 20, 'Reports Dropped'),
  value('cn1', 'read', 'integer', 0, 'Rows Read'),
  value('cn2', 'delivered', 'integer', 0, 'Rows Delivered'),
  value('cn3', 'in-flight', 'integer', 0, 'Rows In Flight'),
  // Never together with those above: a report has either counts of rows or a place in a file.
  value('cn1', 'lost-bytes', 'integer', 0, 'Lost Bytes'),
  value('cn2', 'offset', 'integer', 0, 'Offset'),
  value('flexNumber1', 'filtered', 'integer', 0, 'Rows Filtered'),
  value('flexNumber2', 'malformed', 'integer', 0, 'Rows Malformed'),
  value('deviceCustomDate1', 'started', 'epoch-millis', 0, 'Started'),
  value('deviceCustomDate2', 'last-delivered', 'epoch-millis', 0, 'Last Delivered'),
]

/** The plan of all reports of `version`, the version of the program. */
export function reportPlan(version: string, cefVersion: 0 | 1): EventPlan {
  return {
    mapping: 'reports',
    cefVersion,
    header: [
      { columns: [], fallback: 'msgtrk', maxBytes: 63 },
      { columns: [], fallback: 'msgtrk', maxBytes: 63 },
      { columns: [], fallback: version, maxBytes: 31 },
      { columns: [columnOf('id')], fallback: 'msgtrk', maxBytes: 1023 },
      { columns: [columnOf('name')], fallback: 'msgtrk', maxBytes: 512 },
    ],
    severity: {
      column: columnOf('severity'),
      levels: new Map(Array.from({ length: 11 }, (_, level) => [String(level), level])),
      default: 3,
      derive: null,
    },
    timeColumn: columnOf('time'),
    fields,
    device: [value('dvchost', 'host', 'text', 100)],
    trailer: cefVersion === 1 ? '_cefVer=1.0' : '_cefVer=0.1',
    additional: [],
  }
}

function value(
  key: string,
  column: ReportColumn,
  as: Conversion,
  maxBytes = 0,
  label: string | null = null,
  max = int64,
): ValuePlan {
  return {
    key,
    column: columnOf(column),
    derive: null,
    as,
    maxBytes,
    max,
    overflowKey: null,
    when: null,
    label: label === null ? null : { key: `${key}Label`, text: label },
  }
}

function columnOf(column: ReportColumn): number {
  return reportColumns.indexOf(column)
}
