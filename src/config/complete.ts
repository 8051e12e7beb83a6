/** What the schema can't say: names and paths that depend on other settings, and settings that clash. */
import { posix, resolve, win32 } from 'node:path'
import { completeDestination, placeWrittenBy, unusedSettings } from '../destinations/options.ts'
import { completeHttp } from '../http/options.ts'
import { namedCategories } from '../map/options.ts'
import type { Mistake } from '../mistakes/of-settings.ts'
import { type Group, isGroup, valueAt } from '../mistakes/written.ts'
import type { Column } from '../records/layouts.ts'
import { completeSource, readTwice, unusedInSource } from '../sources/options.ts'
import { unusedOfSources } from './as-they-stand.ts'
import type { CheckedConfig, Config, DestinationConfig, SourceConfig } from './schema.ts'
import { type SourceName, sourceNames } from './source-names.ts'

/** Fills in names and makes paths absolute, starting from `folder`. */
export function complete(
  checked: CheckedConfig,
  folder: string,
): Omit<Config, 'placeOf' | 'originOf' | 'secretFiles' | 'file' | 'sha256'> {
  const { http } = checked
  const { file } = checked.log
  return {
    ...checked,
    state: absolute(folder, checked.state),
    log: { ...checked.log, ...(file !== undefined && { file: absolute(folder, file) }) },
    ...(http !== undefined && { http: completeHttp(http, (path) => absolute(folder, path)) }),
    sources: completeSources(checked.sources, folder),
    destinations: checked.destinations.map((destination) => completed(destination, folder)),
  }
}

function completeSources(sources: CheckedConfig['sources'], base: string): readonly SourceConfig[] {
  const whole = sources.map((source) => completeSource(source, (path) => absolute(base, path)))
  const names = sourceNames(whole.map(({ settings: { name }, nameFrom }) => ({ name, folder: nameFrom })))
  return whole.map(({ settings: source }, index) => {
    const { formerName } = source
    return { ...source, ...(names[index] as SourceName), ...(formerName !== undefined && { formerName }) }
  })
}

function completed(destination: CheckedConfig['destinations'][number], base: string): DestinationConfig {
  const { name = nameOfAddress(destination.to), mapping, categories } = destination
  return {
    ...completeDestination({ ...destination, name }, (path) => absolute(base, path)),
    // Built-in tables have names without a folder or an extension.
    mapping: /[\\/]|\.ya?ml$/i.test(mapping) ? absolute(base, mapping) : mapping,
    ...(categories !== undefined && {
      categories: isNamed(categories) ? categories : absolute(base, categories),
    }),
  }
}

function isNamed(categories: string): boolean {
  return namedCategories.some((name) => name === categories)
}

/** `tls://logger.example:6514` → `tls-logger.example-6514`, which can name a folder. */
function nameOfAddress(to: string): string {
  return to
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 64)
}

/**
 * A Windows path stays as it is everywhere: put behind a folder here it would only be harder to recognise. On Windows one
 * without a drive is on that of the folder, and not on whichever is current.
 */
export function absolute(folder: string, path: string, platform = process.platform): string {
  if (platform === 'win32' && /^[\\/](?![\\/])/.test(path)) return win32.resolve(folder, path)
  return posix.isAbsolute(path) || win32.isAbsolute(path) ? path : resolve(folder, path)
}

/**
 * Names that are taken, folders that are read twice and settings that do nothing. Looks at the configuration as it was written, so that
 * these are told together with all other mistakes.
 */
export function clashes(written: unknown, base: string): readonly Mistake[] {
  const sources = groupsOf(written, 'sources')
  const destinations = groupsOf(written, 'destinations')
  const destinationNames = destinations.map(({ name, to }) => {
    return name ?? (typeof to === 'string' ? nameOfAddress(to) : undefined)
  })
  const givenNames = sources.map(({ name }) => name)
  return [
    ...readTwice(sources, (path) => absolute(base, path)),
    ...repeated(destinations.map(({ to }) => placeWrittenBy(to))).map((index) => ({
      path: ['destinations', index, 'to'],
      message: 'writes where another of the destinations does',
      remedy: 'give each a folder of its own, and only one of them standard output',
    })),
    ...repeated(givenNames).map((index) => nameTaken('sources', index)),
    ...repeated(destinationNames).map((index) => nameTaken('destinations', index)),
    ...stillThere('sources', sources, givenNames),
    ...stillThere('destinations', destinations, destinationNames),
    ...untoldServers(destinations),
    ...unusedOfSources(sources, destinations),
    ...unusedIn(written),
    ...sources.flatMap((source, index) =>
      unusedInSource(source).map((mistake) => ({ ...mistake, path: ['sources', index, ...mistake.path] })),
    ),
  ]
}

/** What tells which side of a row is the server that wrote it; see records/writer.ts. */
const tellingColumns: readonly Column[] = ['client-hostname', 'server-hostname', 'connector-id']

/** A host that can't be told any more: what is left of a protected row would name another machine. */
function untoldServers(destinations: readonly Group[]): readonly Mistake[] {
  return destinations.flatMap((destination, index): readonly Mistake[] => {
    if (valueAt(destination, ['syslog', 'host']) !== 'server') return []
    const hidden = tellingColumns.filter(
      (column) => valueAt(destination, ['privacy', 'columns', column]) !== undefined,
    )
    if (hidden.length === 0) return []
    const message = `asks for the server that wrote a row, which nothing tells surely when privacy changes ${hidden.join(', ')}`
    const remedy = 'write `host: source`, or leave these columns as they are'
    return [{ path: ['destinations', index, 'syslog', 'host'], message, remedy }]
  })
}

function unusedIn(written: unknown): readonly Mistake[] {
  return membersOf(written, 'destinations').flatMap((destination, index) => {
    if (!isGroup(destination)) return []
    return unusedSettings(destination).map((mistake) => ({
      ...mistake,
      path: ['destinations', index, ...mistake.path],
    }))
  })
}

/** Positions can't go on under a new name while the old one goes on with them. */
function stillThere(
  list: 'sources' | 'destinations',
  members: readonly Group[],
  names: readonly unknown[],
): readonly Mistake[] {
  const folded = (name: unknown) => (typeof name === 'string' ? name.toLowerCase() : undefined)
  const taken = new Set(names.map(folded))
  return members.flatMap(({ formerName }, index) =>
    folded(formerName) === undefined || !taken.has(folded(formerName))
      ? []
      : [
          {
            path: [list, index, 'formerName'],
            message: `is the name of one of the ${list}`,
            remedy: 'name one that is no longer there, or remove it',
          },
        ],
  )
}

function nameTaken(list: 'sources' | 'destinations', index: number): Mistake {
  return {
    path: [list, index, 'name'],
    message: `is the name of another of the ${list}`,
    remedy: 'give each a name of its own; positions are kept by name',
  }
}

/** Indices of those that an earlier one equals, whether in capitals or not: they name files. */
function repeated(names: readonly unknown[]): readonly number[] {
  const folded = names.map((name) => (typeof name === 'string' ? name.toLowerCase() : undefined))
  return [...folded.keys()].filter((i) => folded[i] !== undefined && folded.indexOf(folded[i]) < i)
}

/** The members of a list; what is written in place of a group is reported elsewhere. */
function groupsOf(written: unknown, list: string): readonly Group[] {
  return membersOf(written, list).map((member) => (isGroup(member) ? member : {}))
}

function membersOf(written: unknown, list: string): readonly unknown[] {
  const members = valueAt(written, [list])
  return Array.isArray(members) ? members : []
}
