/** Records and values that hardly anyone wants, by name: what Exchange does for itself. */

import type { Layout } from '../flow/chunk.ts'
import type { Rewrite } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import { FieldFlag } from '../records/fields.ts'
import { columnIndex } from '../records/layouts.ts'
import { rewriteRows } from '../records/rewrites.ts'
import { anyOf, type ByteTest, equalsOneOf, startsWith, testOfColumn, withSingle } from './byte-test.ts'
import { compileCustomData } from './custom-data.ts'
import { compileEventFilter } from './events.ts'
import { everyMember, withoutMembers } from './members.ts'
import type { NoiseName } from './options.ts'
import { holds, negated, type Rule, rule } from './rules.ts'

const DOUBLE_QUOTE = 0x22

/** Events of copies for the case that a server fails: the noise `shadow-redundancy`. */
export const shadowEvents: readonly string[] = ['HARECEIVE', 'HADISCARD', 'HAREDIRECT', 'HAREDIRECTFAIL']

const isMonitoringAddress = anyOf(['HealthMailbox', 'inboundproxy@', 'SystemMailbox{'].map(startsWith))
const isMonitoringOnly = everyMember(isMonitoringAddress)
const isProbe = compileCustomData(['S:IsProbe=true'])
const isIncoming = equalsOneOf(['Incoming'])

/** Run times of the conditions and actions of a transport rule, one member for each rule. */
const isRulePerformance: ByteTest = (bytes, start, end) => {
  const behind = start + RULE_PERFORMANCE.length
  if (behind > end || RULE_PERFORMANCE.compare(bytes, start, behind) !== 0) return false
  return behind === end || bytes[behind] === 0x7c
}
const RULE_PERFORMANCE = Buffer.from('S:TRA=ETRP')

/** The rules of the named noise: each holds for the rows that are no such noise. */
export function noiseRules(names: readonly NoiseName[] = []): readonly Rule[] {
  return [
    names.includes('shadow-redundancy') &&
      rule('noise: shadow-redundancy', (layout) => {
        const isShadow = compileEventFilter(shadowEvents)(layout)
        return isShadow === null || negated(isShadow)
      }),
    names.includes('monitoring') && rule('noise: monitoring', (layout) => negated(monitoring(layout))),
  ].filter((rule) => rule !== false)
}

/**
 * Mail to monitoring mailboxes only, a probe by its custom-data, or mail from a monitoring address. That last one
 * does not count for incoming mail: there anyone can choose the sender, and would vanish from the records with it.
 */
function monitoring(layout: Layout): (records: Records, row: number) => boolean {
  const toMonitoring = testOfColumn(layout, 'recipient-address', isMonitoringOnly)
  const fromMonitoring = testOfColumn(layout, 'sender-address', isMonitoringAddress)
  const incoming = testOfColumn(layout, 'directionality', isIncoming)
  const probe = testOfColumn(layout, 'custom-data', isProbe)
  return (records, row) =>
    holds(toMonitoring, records, row) ||
    (holds(fromMonitoring, records, row) && !holds(incoming, records, row)) ||
    holds(probe, records, row)
}

/** Takes the members `S:TRA=ETRP|…` out of the custom-data of AGENTINFO rows; null when that is not asked for. */
export function compileNoiseTrim(names: readonly NoiseName[] = []): (layout: Layout) => Rewrite | null {
  if (!names.includes('agentinfo-performance')) return () => null
  const trim = withoutMembers(isRulePerformance)
  const isAgentInfo = compileEventFilter(['AGENTINFO'])
  return (layout) => {
    const column = columnIndex(layout, 'custom-data')
    const applies = isAgentInfo(layout)
    if (column < 0 || applies === null) return null
    return (records, rows) =>
      rewriteRows(records, rows, (row, replace) => {
        const value = applies(records, row) ? trim(plainField(records, row, column)) : undefined
        if (value !== undefined) replace(column, value)
      })
  }
}

/** A field without CSV quoting. */
function plainField({ layout, bytes, starts, ends, flags }: Records, row: number, column: number): Buffer {
  const field = row * layout.columns.length + column
  const start = starts[field]!
  const end = ends[field]!
  if ((flags[field]! & FieldFlag.quote) === 0) return bytes.subarray(start, end)
  return withSingle(bytes, start, end, DOUBLE_QUOTE)
}
