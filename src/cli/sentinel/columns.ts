/** The columns of both tables, and their types, as a rule has to declare them: what it does not is dropped without a word. */
import { messageTrackingColumns } from '../../encode/json/message-tracking-log.ts'
import { columnsByKey, headerColumns } from '../../encode/json/security-columns.ts'

/** A column as a rule declares it. */
export interface DeclaredColumn {
  readonly name: string
  readonly type: string
}

/** Those of MessageTrackingLog_CL. */
export const trackingColumns: readonly DeclaredColumn[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'eventTime', type: 'datetime' },
  ...strings([...messageTrackingColumns.map(([name]) => name), 'FilePath']),
]

/** Those of CommonSecurityLog that events may have, by whatever mapping table. */
export const securityColumns: readonly DeclaredColumn[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  ...strings([...headerColumns, 'CollectorHostName', 'AdditionalExtensions']),
  ...columnsByKey.values(),
]

function strings(names: readonly string[]): readonly DeclaredColumn[] {
  return names.map((name) => ({ name, type: 'string' }))
}
