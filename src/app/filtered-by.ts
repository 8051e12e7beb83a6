/** By which rules of a filter records were left out, for the status. */
import { ruleNames } from '../filter/filter.ts'
import type { DestinationStatus } from '../status/snapshot.ts'
import type { PipelineView } from './running-pipeline.ts'

/** A rule may hold thousands of addresses. */
const longestRule = 100

/** Of a single rule all that is filtered is known to be left out by it. */
export function filteredBy({ settings, statistics }: PipelineView): DestinationStatus['filteredBy'] {
  const names = ruleNames(settings)
  const counts = names.length === 1 ? [statistics.snapshot().filtered] : statistics.filteredBy
  return names.flatMap((name, index) => {
    const records = counts[index] ?? 0
    return records === 0 ? [] : [{ rule: shortened(name), records }]
  })
}

function shortened(rule: string): string {
  return rule.length > longestRule ? `${rule.slice(0, longestRule - 1)}…` : rule
}
