/** Settings whose values may not stand in the file, where editors, backups and tickets would have them too. */

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

/** What of a destination may be secret. */
interface MayHoldSecrets {
  readonly tls?: { readonly key?: string | undefined; readonly passphrase?: string | undefined } | undefined
  readonly privacy?: object | undefined
}

/**
 * Where the secrets of a configuration stand: keys of certificates, what references brought into secret settings, and
 * the configuration itself when a passphrase stands in it. `configFile`: undefined for a command line.
 */
export function secretFiles(
  destinations: readonly MayHoldSecrets[],
  insertions: readonly Insertion[],
  configFile: string | undefined,
): readonly SecretFile[] {
  return destinations.flatMap(({ tls, privacy }, index) => {
    const key = ['destinations', index, 'tls', 'key']
    const passphrase = ['destinations', index, 'tls', 'passphrase']
    const secret = privacySecrets.map((name) => ['destinations', index, 'privacy', name])
    const brought = (path: Path) => insertions.filter((one) => isSame(one.path, path))
    return [
      ...(tls?.key === undefined ? [] : [{ file: tls.key, path: key }]),
      ...(tls?.passphrase !== undefined && configFile !== undefined && brought(passphrase).length === 0
        ? [{ file: configFile, path: passphrase }]
        : []),
      ...(privacy === undefined ? [passphrase] : [passphrase, ...secret]).flatMap((path) =>
        brought(path).flatMap(({ file }) => (file === undefined ? [] : [{ file, path }])),
      ),
    ]
  })
}

function isSame(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((key, depth) => key === other[depth])
}
