/** Settings whose values may not stand in the file, where editors, backups and tickets would have them too. */

import { destinationSecrets } from '../destinations/options.ts'
import type { Mistake } from '../mistakes/of-settings.ts'
import { type Path, valueAt } from '../mistakes/written.ts'
import { privacySecrets } from '../privacy/options.ts'
import type { Insertion } from './references.ts'

/**
 * The secrets that stand in the configuration as they are. `value`: the configuration with its references
 * replaced; `insertions`: what they brought in.
 */
export function literalSecrets(value: unknown, insertions: readonly Insertion[]): readonly Mistake[] {
  const destinations = valueAt(value, ['destinations'])
  if (!Array.isArray(destinations)) return []
  return destinations.flatMap((destination: unknown, index) =>
    privacySecrets.flatMap((name): Mistake[] => {
      const secret = valueAt(destination, ['privacy', name])
      const path = ['destinations', index, 'privacy', name]
      const isGiven = typeof secret === 'string' || typeof secret === 'number'
      if (!isGiven || insertions.some((one) => one.value === secret && isSame(one.path, path))) return []
      return [
        {
          path,
          message: 'must not stand in the file itself',
          remedy:
            // biome-ignore lint/suspicious/noTemplateCurlyInString: what the reader has to write
            'write ${file:/path} or ${env:NAME} and nothing else; change the key if others saw this file',
        },
      ]
    }),
  )
}

/** A file that a secret stands in, and the setting that it is for. */
export interface SecretFile {
  readonly file: string
  readonly path: Path
}

/**
 * Where the secrets of a configuration stand: keys of certificates, what references brought into secret settings, and
 * the configuration itself when a passphrase stands in it. `configFile`: undefined for a command line.
 */
export function secretFiles(
  destinations: readonly { readonly privacy?: object | undefined }[],
  insertions: readonly Insertion[],
  configFile: string | undefined,
): readonly SecretFile[] {
  return destinations.flatMap((destination, index) => {
    const at = (path: Path) => ['destinations', index, ...path]
    const given = (paths: readonly Path[]) =>
      paths.flatMap((path) => {
        const value = valueAt(destination, path)
        return typeof value === 'string' ? [{ value, path: at(path) }] : []
      })
    const own = destinationSecrets.texts.map(at)
    const ofPrivacy = privacySecrets.map((name) => at(['privacy', name]))
    const brought = (path: Path) => insertions.filter((one) => isSame(one.path, path))
    return [
      ...given(destinationSecrets.files).map(({ value, path }) => ({ file: value, path })),
      ...given(destinationSecrets.texts).flatMap(({ path }) =>
        configFile !== undefined && brought(path).length === 0 ? [{ file: configFile, path }] : [],
      ),
      ...(destination.privacy === undefined ? own : [...own, ...ofPrivacy]).flatMap((path) =>
        brought(path).flatMap(({ file }) => (file === undefined ? [] : [{ file, path }])),
      ),
    ]
  })
}

function isSame(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((key, depth) => key === other[depth])
}
