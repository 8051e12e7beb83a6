/** What is wrong with the configuration that is in force. */
import type { Finding, InstanceStatus } from './snapshot.ts'

/** What is found of the configuration. */
export function judgeConfiguration({ lastReload }: InstanceStatus['configuration']): readonly Finding[] {
  if (lastReload === null || lastReload.successful) return []
  return [
    {
      kind: 'reloadFailed',
      severity: 'trouble',
      part: 'configuration',
      why: 'the last reload was refused, so that the configuration before it is in force',
      remedy: 'ask for it again to see every mistake: msgtrk reload',
      since: lastReload.at,
    },
  ]
}
