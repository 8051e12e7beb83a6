/** Values within rows that hardly anyone wants: the noise `agentinfo-performance`. Noise that is rows is filtered. */

import type { Layout } from '../flow/chunk.ts'
import type { Rewrite } from '../flow/plan.ts'
import { fieldBytes, sameBytes } from '../records/fields.ts'
import { columnIndex } from '../records/layouts.ts'
import { type ByteTest, withoutMembers } from '../records/members.ts'
import { rewriteRows } from '../records/rewrites.ts'

const AGENT_INFO = Buffer.from('AGENTINFO')
const RULE_PERFORMANCE = Buffer.from('S:TRA=ETRP')
const BAR = 0x7c

/** Run times of the conditions and actions of a transport rule, one member for each rule. */
const isRulePerformance: ByteTest = (bytes, start, end) => {
  const behind = start + RULE_PERFORMANCE.length
  if (behind > end || !sameBytes(RULE_PERFORMANCE, bytes, start, behind)) return false
  return behind === end || bytes[behind] === BAR
}

/** Takes the members `S:TRA=ETRP|…` out of the custom-data of AGENTINFO rows; null for a layout without these columns. */
export function trimRulePerformance(layout: Layout): Rewrite | null {
  const event = columnIndex(layout, 'event-id')
  const column = columnIndex(layout, 'custom-data')
  if (event < 0 || column < 0) return null
  const trim = withoutMembers(isRulePerformance)
  const width = layout.columns.length
  return (records, rows) => {
    const { bytes, starts, ends } = records
    return rewriteRows(records, rows, (row, replace) => {
      const field = row * width + event
      if (!sameBytes(AGENT_INFO, bytes, starts[field] as number, ends[field] as number)) return
      const value = trim(fieldBytes(records, row, column))
      if (value !== undefined) replace(column, value)
    })
  }
}
