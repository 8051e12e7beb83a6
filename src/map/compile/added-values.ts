/** Values that a destination asks for beside those of its mapping table. */

import type { Layout } from '../../flow/chunk.ts'
import type { DeriveBytes, EventPlan, ValuePlan } from '../../flow/plan.ts'
import { columnIndex } from '../../records/layouts.ts'
import type { RawEvent } from '../options.ts'
import type { Dictionary } from '../table/dictionary.ts'

export interface AddedValues {
  readonly rawEvent: RawEvent
  /** Whether one row may become several events, which then have to be told to belong together. */
  readonly linksEvents: boolean
  readonly dictionary: Dictionary
  /** The key of additional data with this name; null when there is none. */
  readonly additionalKey: (name: string) => string | null
}

type Source = Pick<ValuePlan, 'column' | 'derive' | 'origin'>

/** The plan with these values, but for those that the table has already. */
export function addValues(plan: EventPlan, layout: Layout, added: AddedValues): EventPlan {
  const { rawEvent, linksEvents, dictionary, additionalKey } = added
  const { additionalBytes } = dictionary
  const values = [...plan.fields, ...plan.device, ...plan.additional]
  const isNew = ({ key }: ValuePlan): boolean => values.every((value) => value.key !== key)
  const additional = (name: string, source: Source): ValuePlan[] => {
    const key = additionalKey(name)
    return key === null ? [] : [textValue(key, source, additionalBytes)]
  }

  const raw = { column: -1, derive: rowBytes, origin: 'the row as it stands in the log' }
  const bytes = dictionary.keys.get('rawEvent')?.bytes ?? additionalBytes
  const fields = rawEvent === 'field' ? [textValue('rawEvent', raw, bytes)] : []
  const logId = columnIndex(layout, 'log-id')
  const isWritten = values.some(({ column, as }) => column === logId && as === 'text')
  const link =
    linksEvents && logId >= 0 && !isWritten ? additional('log-id', { column: logId, derive: null }) : []
  const rawData = rawEvent === 'additional' ? additional('raw-event', raw) : []
  return {
    ...plan,
    // Last of the fields: labels or the device follow, so that no value of the table ends the fields.
    fields: [...plan.fields, ...fields.filter(isNew)],
    additional: [...plan.additional, ...[...link, ...rawData].filter(isNew)],
  }
}

function textValue(key: string, source: Source, maxBytes: number): ValuePlan {
  return { key, ...source, as: 'text', maxBytes, max: 0n, overflowKey: null, when: null, label: null }
}

/** The row as it stands in the log, whatever its fields were rewritten to. */
const rowBytes: DeriveBytes = ({ bytes, rowStarts, rowEnds }, row) =>
  bytes.subarray(rowStarts[row], rowEnds[row])
