/** Records that hardly anyone wants, by name: what Exchange does for itself. */

import type { Layout } from '../flow/chunk.ts'
import type { Records } from '../flow/records.ts'
import { everyMember } from '../records/members.ts'
import { anyOf, equalsOneOf, startsWith, testOfColumn } from './byte-test.ts'
import { compileCustomData } from './custom-data.ts'
import { compileEventFilter } from './events.ts'
import type { NoiseName } from './options.ts'
import { holds, negated, type Rule, rule } from './rules.ts'

/** Events of copies for the case that a server fails: the noise `shadow-redundancy`. */
export const shadowEvents: readonly string[] = ['HARECEIVE', 'HADISCARD', 'HAREDIRECT', 'HAREDIRECTFAIL']

const isMonitoringAddress = anyOf(['HealthMailbox', 'inboundproxy@', 'SystemMailbox{'].map(startsWith))
const isMonitoringOnly = everyMember(isMonitoringAddress)
const isProbe = compileCustomData(['S:IsProbe=true'])
const isIncoming = equalsOneOf(['Incoming'])

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
