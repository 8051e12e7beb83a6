/**
 * What is right of a configuration that has mistakes: its destinations, without the settings that are wrong, and `http`
 * if nothing is wrong with it. So that
 * what only a try finds in them (tables, categories, certificates) is told together with the mistakes. Nothing may be
 * found that follows from a setting being gone:
 *
 *   to                  an address stands in for it that goes with the other settings
 *   cefVersion, preset  the version stands in that has all keys
 *   tls.passphrase      the key that it is for goes, too
 */
import type * as z from 'zod'
import { type Group, isGroup, type Path, pathOf, valueAt, without } from '../mistakes/written.ts'
import { type CheckedConfig, configSchema, destinationSchema } from './schema.ts'

/** The destinations that are left, and which ones of those that were written they are. */
export interface RightPart {
  readonly checked: CheckedConfig
  readonly indices: readonly number[]
}

/** `value`: the configuration, its presets put in; undefined when no destination is left of it. */
export function rightPart(value: unknown, mistaken: readonly Path[]): RightPart | undefined {
  const written = isGroup(value) ? value : undefined
  const destinations = written?.destinations
  // Of a list that was not understood nothing is known, whatever it seems to hold.
  if (!Array.isArray(destinations) || mistaken.some(isOfAll)) return undefined
  const left = destinations.flatMap((destination: unknown, index) => {
    const wrong = mistaken.filter((path) => path[0] === 'destinations' && path[1] === index)
    const settings = rightSettings(
      destination,
      wrong.map((path) => path.slice(2)),
    )
    return settings === undefined ? [] : [{ settings, index }]
  })
  if (left.length === 0) return undefined
  // Nothing that only a try would find depends on a source.
  const sources = [{ folder: '.' }]
  const http = mistaken.some(([section]) => section === 'http') ? undefined : written?.http
  const checked = configSchema.parse({ sources, destinations: left.map(({ settings }) => settings), http })
  return { checked, indices: left.map(({ index }) => index) }
}

function isOfAll(path: Path): boolean {
  return path.length === 0 || (path.length === 1 && path[0] === 'destinations')
}

/** The settings of a destination that pass the schema; undefined when it has none. */
function rightSettings(destination: unknown, mistaken: readonly Path[]): Group | undefined {
  if (!isGroup(destination)) return undefined
  let settings = mistaken.reduce(withoutMistake, destination)
  for (;;) {
    const result = destinationSchema.safeParse(settings)
    if (result.success) return settings
    const less = result.error.issues.flatMap(pathsOf).reduce(withoutMistake, settings)
    if (less === settings) return undefined
    settings = less
  }
}

function pathsOf(issue: z.core.$ZodIssue): readonly Path[] {
  const path = pathOf(issue.path)
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path]
}

/** The settings of a destination without one that is wrong, and without what can't be judged then. */
function withoutMistake(settings: Group, path: Path): Group {
  switch (path.join('.')) {
    case 'to':
      return { ...settings, to: settings.tls === undefined ? 'tcp://localhost' : 'tls://localhost' }
    case 'cefVersion':
      return { ...settings, cefVersion: 1 }
    case 'preset':
      return { cefVersion: 1, ...taken(settings, path) }
    case 'tls.passphrase':
      return [path, ['tls', 'key'], ['tls', 'cert']].reduce(taken, settings)
    default:
      // What is missing is missed by the group around it.
      return taken(settings, valueAt(settings, path) === undefined ? path.slice(0, -1) : path)
  }
}

function taken(settings: Group, path: Path): Group {
  return path.length === 0 || valueAt(settings, path) === undefined
    ? settings
    : (without(settings, path) as Group)
}
