/** How delivery stands, in a line for a terminal. */
import type { InstanceStatus } from '../status/snapshot.ts'
import { duration, size } from '../status/words.ts'

/** `read 1,200, delivered 1,180, behind 3.1 MB (2 min); siem is down`. */
export function progressLine({ destinations }: InstanceStatus): string {
  const sum = (of: (destination: InstanceStatus['destinations'][number]) => number) =>
    destinations.reduce((total, each) => total + of(each), 0)
  const bytes = sum(({ backlog }) => backlog.bytes)
  const age = Math.max(0, ...destinations.map(({ backlog }) => backlog.oldestRecordAgeSeconds ?? 0))
  const behind = bytes === 0 ? 'nothing behind' : `behind ${size(bytes)} (${duration(age)})`
  const named = (state: InstanceStatus['destinations'][number]['state'], word: string): string => {
    const names = destinations.filter((each) => each.state === state).map(({ name }) => name)
    return names.length === 0 ? '' : `; ${names.join(', ')} ${word}`
  }
  const read = sum(({ counts }) => counts.read).toLocaleString('en')
  const delivered = sum(({ counts }) => counts.delivered).toLocaleString('en')
  return `read ${read}, delivered ${delivered}, ${behind}${named('unavailable', 'down')}${named('paused', 'paused')}`
}
