/** What findings come to, all of them together. */
import type { Finding, InstanceStatus } from './snapshot.ts'

const severities: readonly Finding['severity'][] = ['down', 'trouble', 'behind', 'doubt']

/** The worst first; in the order in which they were found among those that are equally bad. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
}

/** What they come to. */
export function healthOf(findings: readonly Finding[]): InstanceStatus['health'] {
  if (findings.some(({ severity }) => severity === 'down')) return 'down'
  return findings.some(({ severity }) => severity !== 'doubt') ? 'degraded' : 'well'
}
