/**
 * What is right of a configuration that has mistakes: its destinations, without the settings that are wrong, and `http`
 * if nothing is wrong with it. So that
 * what only a try finds in them (tables, categories, certificates) is told together with the mistakes. Nothing may be
 * found that follows from a setting being gone:
 *
 *   to                  an address stands in for it that goes with the other settings
 *   cefVersion, preset  the version stands in that has all keys
 *   tls.passphrase      the key that it is for goes, too
 *   tls.cert, tls.key   one that lacks the other stands in for it: nothing found of the other is told
 */
import type * as z from 'zod'
import { destinationShape } from '../destinations/options.ts'
import { httpOptions } from '../http/options.ts'
import { type Group, isGroup, type Path, pathOf, valueAt, without } from '../mistakes/written.ts'
import { type CheckedConfig, configSchema, destinationSchema } from './schema.ts'

/** The destinations that are left, and which ones of those that were written they are. */
export interface RightPart {
  readonly checked: CheckedConfig
  readonly indices: readonly number[]
  /** Settings that were not written, and stand in for what is missing. */
  readonly invented: readonly Path[]
}

/** `value`: the configuration, its presets put in; undefined when no destination is left of it. */
export function rightPart(value: unknown, mistaken: readonly Path[]): RightPart | undefined {
  const written = isGroup(value) ? value : undefined
  const destinations = written?.destinations
  // Of a list that was not understood nothing is known, whatever it seems to hold.
  if (!Array.isArray(destinations) || mistaken.some(isOfAll)) return undefined
  const left = destinations.flatMap((destination: unknown, index) => {
    const wrong = mistaken.filter((path) => path[0] === 'destinations' && path[1] === index)
    const { written: whole, invented } = paired(destination)
    const kept = invented === null ? wrong : wrong.filter((path) => !isOfPair(path.slice(2)))
    const settings = rightSettings(
      whole,
      kept.map((path) => path.slice(2)),
    )
    return settings === undefined ? [] : [{ settings, index, invented }]
  })
  if (left.length === 0) return undefined
  // Nothing that only a try would find depends on a source.
  const sources = [{ folder: '.' }]
  const http = mistaken.some(([section]) => section === 'http')
    ? rightHttp(written?.http)
    : { settings: written?.http, invented: null }
  const checked = configSchema.parse({
    sources,
    destinations: left.map(({ settings }) => settings),
    http: http.settings,
  })
  const invented = [
    ...left.map(({ index, invented }) => invented && ['destinations', index, ...invented]),
    http.invented && ['http', ...http.invented],
  ]
  return {
    checked,
    indices: left.map(({ index }) => index),
    invented: invented.filter((path) => path !== null),
  }
}

/** Only its certificate needs a try. */
function rightHttp(http: unknown): { readonly settings: unknown; readonly invented: Path | null } {
  const { written, invented } = paired(http)
  const tls = valueAt(written, ['tls'])
  const settings = { listen: '127.0.0.1:9464', tls }
  return httpOptions.safeParse(settings).success
    ? { settings, invented }
    : { settings: undefined, invented: null }
}

/** A certificate without its key, or the other way round, as the pair: then its own file can be tried. */
function paired(written: unknown): { readonly written: unknown; readonly invented: Path | null } {
  const tls = valueAt(written, ['tls'])
  const { cert, key } = isGroup(tls) ? tls : {}
  const [given, missing] = cert === undefined ? [key, 'cert'] : [cert, 'key']
  if (!isGroup(written) || !isGroup(tls) || (cert !== undefined && key !== undefined)) {
    return { written, invented: null }
  }
  if (!destinationShape.tls.safeParse({ cert: given, key: given }).success || given === undefined) {
    return { written, invented: null }
  }
  return { written: { ...written, tls: { ...tls, [missing]: given } }, invented: ['tls', missing] }
}

function isOfPair([group, setting]: Path): boolean {
  return group === 'tls' && (setting === 'cert' || setting === 'key')
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
