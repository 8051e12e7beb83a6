/** Names in a filter that Exchange is not known to write: probably typing mistakes, or newer than this program. */
import { unknownEvents } from './events.ts'
import type { FilterGroup, FilterSettings } from './options.ts'

const knownSources: readonly string[] = [
  'ADMIN', 'AGENT', 'APPROVAL', 'BOOTLOADER', 'DNS', 'DSN', 'GATEWAY', 'MAILBOXRULE', 'MEETINGMESSAGEPROCESSOR',
  'ORAR', 'PICKUP', 'POISONMESSAGE', 'PUBLICFOLDER', 'QUEUE', 'REDUNDANCY', 'RESOLVER', 'ROUTING', 'SAFETYNET',
  'SMTP', 'STOREDRIVER',
] // biome-ignore format: a list of words

/** The event ids and sources, in capitals, that stand in no list of those known; they filter all the same. */
export function unknownNames({ events = [], filter }: FilterSettings): {
  readonly events: readonly string[]
  readonly sources: readonly string[]
} {
  const groups = filter === undefined ? [] : groupsIn(filter)
  const sources = groups.flatMap((group) => group.sources ?? []).map((source) => source.toUpperCase())
  return {
    events: unknownEvents([...events, ...groups.flatMap((group) => group.events ?? [])]),
    sources: sources.filter((source) => !knownSources.includes(source)),
  }
}

function groupsIn(group: FilterGroup): readonly FilterGroup[] {
  const inner = [...(group.and ?? []), ...(group.or ?? []), ...(group.not === undefined ? [] : [group.not])]
  return [group, ...inner.flatMap(groupsIn)]
}
