/** What a filter probably does not mean, though it can be carried out. */
import { unknownEvents, wantedEvents } from './events.ts'
import { shadowEvents } from './noise.ts'
import type { FilterGroup, FilterSettings } from './options.ts'

const knownSources: readonly string[] = [
  'ADMIN', 'AGENT', 'APPROVAL', 'BOOTLOADER', 'DNS', 'DSN', 'GATEWAY', 'MAILBOXRULE', 'MEETINGMESSAGEPROCESSOR',
  'ORAR', 'PICKUP', 'POISONMESSAGE', 'PUBLICFOLDER', 'QUEUE', 'REDUNDANCY', 'RESOLVER', 'ROUTING', 'SAFETYNET',
  'SMTP', 'STOREDRIVER',
] // biome-ignore format: a list of words

/** A sentence for the own log, and what it is about. */
export interface Doubt {
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * Names, in capitals, that Exchange is not known to write: probably typing mistakes, or newer than this program; and
 * lists of event ids that let nothing pass together, or nothing but what is left out as noise.
 */
export function doubtsOf(settings: FilterSettings): readonly Doubt[] {
  const { events = [], filter } = settings
  const groups = filter === undefined ? [] : groupsIn(filter)
  const sources = groups.flatMap((group) => group.sources ?? []).map((source) => source.toUpperCase())
  return [
    ...unknown('events', unknownEvents([...events, ...groups.flatMap((group) => group.events ?? [])])),
    ...unknown(
      'sources',
      sources.filter((source) => !knownSources.includes(source)),
    ),
    ...nothingPasses(settings),
  ]
}

function unknown(kind: string, names: readonly string[]): readonly Doubt[] {
  const message = `The filter names ${kind} that Exchange is not known to write`
  return names.length === 0 ? [] : [{ message, fields: { unknown: names } }]
}

function nothingPasses(settings: FilterSettings): readonly Doubt[] {
  const { events, filter, noise = [] } = settings
  const wanted = wantedEvents(settings)
  if (wanted === undefined) return []
  const fields = { events, 'filter.events': filter?.events }
  const nothing = (why: string, about: Doubt['fields']) => [
    { message: `Nothing can be delivered: ${why}`, fields: about },
  ]
  if (wanted.length === 0) return nothing('events and filter.events have nothing in common', fields)
  const isNoise = noise.includes('shadow-redundancy') && wanted.every((event) => shadowEvents.includes(event))
  return isNoise ? nothing('noise takes all the events that are wanted', { ...fields, noise }) : []
}

function groupsIn(group: FilterGroup): readonly FilterGroup[] {
  const inner = [...(group.and ?? []), ...(group.or ?? []), ...(group.not === undefined ? [] : [group.not])]
  return [group, ...inner.flatMap(groupsIn)]
}
