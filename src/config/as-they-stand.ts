/** What a source says of its events, where all destinations get its rows as they stand in the log: it does nothing. */
import type { Mistake } from '../mistakes/of-settings.ts'
import type { Group } from '../mistakes/written.ts'

const words: Readonly<Record<string, string>> = {
  correctSeconds: 'corrects times of events',
  fields: 'adds to events',
}

/** Looks at the configuration as it was written. */
export function unusedOfSources(
  sources: readonly Group[],
  destinations: readonly Group[],
): readonly Mistake[] {
  if (destinations.length === 0 || destinations.some(({ format }) => format !== 'raw')) return []
  return sources.flatMap((source, index) =>
    Object.entries(words).flatMap(([setting, what]): readonly Mistake[] => {
      if (source[setting] === undefined || source[setting] === null) return []
      const message = `${what}, and all destinations get rows as they stand in the log (format: raw)`
      return [{ path: ['sources', index, setting], message, remedy: 'remove it' }]
    }),
  )
}
