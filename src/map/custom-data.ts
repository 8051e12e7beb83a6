/** Members of custom-data: a list of `Type:Key=Value`, such as `S:DeliveryPriority=Normal;S:IsProbe=true`. */
import { fieldText } from '../field-text.ts'
import { splitList } from '../list.ts'
import type { Derive } from '../types.ts'

/** The value of the first member with this type and key (`S:IsProbe`); `''` when there is none. */
export function customValue(column: number, key: string): Derive {
  const prefix = `${key}=`
  const needle = Buffer.from(prefix)
  return (records, row) => {
    const index = row * records.layout.columns.length + column
    // Most rows don't have the key, which their bytes show without taking the list apart.
    if (!records.bytes.subarray(records.starts[index], records.ends[index]).includes(needle)) return ''
    const member = splitList(fieldText(records, row, column)).find((one) => one.startsWith(prefix))
    return member === undefined ? '' : member.slice(prefix.length)
  }
}
