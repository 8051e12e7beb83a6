/** Settings whose values may not stand in the file, where editors, backups and tickets would have them too. */

import { destinationSecrets } from '../destinations/options.ts'
import { httpSecrets } from '../http/options.ts'
import type { Mistake } from '../mistakes/of-settings.ts'
import { type Path, valueAt } from '../mistakes/written.ts'
import { privacySecrets } from '../privacy/options.ts'
import { sourceSecrets } from '../sources/options.ts'
import type { Insertion } from './references.ts'

/**
 * The secrets that stand in the configuration as they are. `value`: the configuration with its references
 * replaced; `insertions`: what they brought in.
 */
export function literalSecrets(value: unknown, insertions: readonly Insertion[]): readonly Mistake[] {
  const members = (list: string, paths: readonly Path[]): readonly Path[] => {
    const written = valueAt(value, [list])
    return (Array.isArray(written) ? written : []).flatMap((_, index) =>
      paths.map((path) => [list, index, ...path]),
    )
  }
  const paths: readonly Path[] = [
    ...httpSecrets.references.map((path) => ['http', ...path]),
    ...members('sources', sourceSecrets.references),
    ...members('destinations', ofDestination.references),
  ]
  return paths.flatMap((path): Mistake[] => {
    const secret = valueAt(value, path)
    const isGiven = typeof secret === 'string' || typeof secret === 'number'
    if (!isGiven || insertions.some((one) => one.value === secret && isSame(one.path, path))) return []
    return [
      {
        path,
        message: 'must not stand in the file itself',
        remedy:
          // biome-ignore lint/suspicious/noTemplateCurlyInString: what the reader has to write
          'write ${file:/path} or ${env:NAME} and nothing else; change the secret if others saw this file',
      },
    ]
  })
}

/** A file that a secret stands in, and the setting that it is for. */
export interface SecretFile {
  readonly file: string
  readonly path: Path
}

/** Settings of a group that are secret, by their paths below it. */
interface Secrets {
  /** May stand in the configuration itself, */
  readonly texts: readonly Path[]
  /** or may not, */
  readonly references: readonly Path[]
  /** or are in a file that is named. */
  readonly files: readonly Path[]
}

const ofDestination: Secrets = {
  ...destinationSecrets,
  references: [...destinationSecrets.references, ...privacySecrets.map((name) => ['privacy', name])],
}

/** Whether the value of the setting at this path is secret. */
export function isSecret([section, ...rest]: Path): boolean {
  const { texts, references } =
    section === 'http' ? httpSecrets : section === 'sources' ? sourceSecrets : ofDestination
  const path =
    section === 'http' ? rest : section === 'destinations' || section === 'sources' ? rest.slice(1) : []
  return [...texts, ...references].some((secret) => isSame(secret, path))
}

/**
 * Where the secrets of a configuration stand: keys of certificates, what references brought into secret settings, and
 * the configuration itself when a passphrase stands in it. `configFile`: undefined for a command line.
 */
export function secretFiles(
  {
    sources,
    destinations,
    http = {},
  }: {
    readonly sources: readonly object[]
    readonly destinations: readonly object[]
    readonly http?: object | undefined
  },
  insertions: readonly Insertion[],
  configFile: string | undefined,
): readonly SecretFile[] {
  const filesOf = (group: object, at: Path, { texts, references, files }: Secrets): readonly SecretFile[] => {
    const given = (paths: readonly Path[]) =>
      paths.flatMap((path) => {
        const value = valueAt(group, path)
        return typeof value === 'string' ? [{ value, path: [...at, ...path] }] : []
      })
    const brought = (path: Path) => insertions.filter((one) => isSame(one.path, path))
    return [
      ...given(files).map(({ value, path }) => ({ file: value, path })),
      ...given(texts).flatMap(({ path }) =>
        configFile !== undefined && brought(path).length === 0 ? [{ file: configFile, path }] : [],
      ),
      ...[...texts, ...references].flatMap((path) =>
        brought([...at, ...path]).flatMap(({ file, path }) => (file === undefined ? [] : [{ file, path }])),
      ),
    ]
  }
  return [
    ...sources.flatMap((source, index) => filesOf(source, ['sources', index], sourceSecrets)),
    ...destinations.flatMap((destination, index) =>
      filesOf(destination, ['destinations', index], ofDestination),
    ),
    ...filesOf(http, ['http'], httpSecrets),
  ]
}

function isSame(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((key, depth) => key === other[depth])
}
