/** What a filter probably does not mean, though it can be carried out. */
import type { Path } from '../mistakes/written.ts'
import { isPlain } from './asked.ts'
import { eventName, knownEvents, unknownNames, wantedEvents } from './events.ts'
import { shadowEvents } from './noise.ts'
import type { FilterGroup, FilterSettings } from './options.ts'

const knownSources: readonly string[] = [
  'ADMIN', 'AGENT', 'APPROVAL', 'BOOTLOADER', 'DNS', 'DSN', 'GATEWAY', 'MAILBOXRULE', 'MEETINGMESSAGEPROCESSOR',
  'ORAR', 'PICKUP', 'POISONMESSAGE', 'PUBLICFOLDER', 'QUEUE', 'REDUNDANCY', 'RESOLVER', 'ROUTING', 'SAFETYNET',
  'SMTP', 'STOREDRIVER',
] // biome-ignore format: a list of words

/** A sentence for the own log, what it is about, and the setting that it is about, where there is one. */
export interface Doubt {
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly path?: Path
}

/**
 * Names, in capitals, that Exchange is not known to write: probably typing mistakes, or newer than this program; lists
 * of event ids that let nothing pass together, or nothing but what is left out as noise; and recipients under `not`
 * whose mail to others is left out, too.
 */
export function doubtsOf(settings: FilterSettings): readonly Doubt[] {
  const { events, filter } = settings
  const groups = filter === undefined ? [] : groupsIn(filter, ['filter'], false)
  return [
    ...unknown('events', knownEvents, events, ['events']),
    ...groups.flatMap(({ group, path, isNegated }) => [
      ...unknown('events', knownEvents, group.events, [...path, 'events']),
      ...unknown('sources', knownSources, group.sources, [...path, 'sources']),
      ...(isNegated ? mailToOthers(group, path) : []),
    ]),
    ...nothingPasses(settings),
  ]
}

function unknown(
  kind: string,
  known: readonly string[],
  names: readonly string[] = [],
  path: Path,
): readonly Doubt[] {
  const others = unknownNames(names, known)
  const message = `The filter names ${kind} that Exchange is not known to write`
  return others.length === 0 ? [] : [{ message, fields: { unknown: others }, path }]
}

/** A plain list under `not`: whoever means just that writes the same as `any` or `none`. */
function mailToOthers({ recipients }: FilterGroup, path: Path): readonly Doubt[] {
  if (recipients === undefined || !isPlain(recipients)) return []
  return [
    {
      message: 'The filter also leaves out mail to others, if it goes to one of these recipients as well',
      fields: {
        recipients,
        remedy:
          'write all in front of the list to leave out only mail to nobody else, or any if this is meant',
      },
      path: [...path, 'recipients'],
    },
  ]
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
  if (isNoise) return nothing('noise takes all the events that are wanted', { ...fields, noise })
  const { events: unwanted, ...others } = filter?.not ?? {}
  const isAll = Object.values(others).every((condition) => condition === undefined)
  if (unwanted === undefined || !isAll) return []
  const left = wanted.filter((event) => !unwanted.map(eventName).includes(event))
  return left.length > 0
    ? []
    : nothing('filter.not takes all the events that are wanted', { ...fields, 'filter.not.events': unwanted })
}

interface PlacedGroup {
  readonly group: FilterGroup
  readonly path: Path
  /** True below an odd number of `not`. */
  readonly isNegated: boolean
}

function groupsIn(group: FilterGroup, path: Path, isNegated: boolean): readonly PlacedGroup[] {
  const members = (['and', 'or'] as const).flatMap((name) =>
    (group[name] ?? []).flatMap((inner, index) => groupsIn(inner, [...path, name, index], isNegated)),
  )
  const negated = group.not === undefined ? [] : groupsIn(group.not, [...path, 'not'], !isNegated)
  return [{ group, path, isNegated }, ...members, ...negated]
}
