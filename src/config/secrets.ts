/** Settings whose values may not stand in the file, where editors, backups and tickets would have them too. */

import type { Mistake, Path } from '../mistakes.ts'
import { privacySecrets } from '../privacy/options.ts'
import type { Insertion } from './references.ts'

/**
 * The secrets that stand in the configuration as they are. `value`: the configuration with its references
 * replaced; `insertions`: what they brought in.
 */
export function literalSecrets(value: unknown, insertions: readonly Insertion[]): readonly Mistake[] {
  const destinations = memberOf(value, 'destinations')
  if (!Array.isArray(destinations)) return []
  return destinations.flatMap((destination: unknown, index) =>
    privacySecrets.flatMap((name): Mistake[] => {
      const secret = memberOf(memberOf(destination, 'privacy'), name)
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

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}

function isSame(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((key, depth) => key === other[depth])
}
