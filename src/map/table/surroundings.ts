/** What those need who look for mistakes in a mapping table as YAML gives it: it may be of any shape. */
import { Mistaken } from '../../mistakes/words.ts'
import { isGroup, type Path } from '../../mistakes/written.ts'

/** Tells a mistake and, where the message does not say it, what to do about it. */
export type Report = (path: Path, message: string, remedy?: string) => void

/** Does `work`, and tells of the setting at `path` what it finds to be mistaken. */
export function telling(report: Report, path: Path, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof Mistaken)) throw error
    report(path, error.words.message, error.words.remedy)
  }
}

/** What the checks need to know of the whole table. */
export interface Surroundings {
  /** Lookups by name, those of the table that is extended included; nothing is known of what they hold. */
  readonly lookups: ReadonlyMap<string, unknown>
  readonly report: Report
}

/** The values of a group, by name; none of anything else. */
export function entriesOf(value: unknown): readonly [string, unknown][] {
  return isGroup(value) ? Object.entries(value) : []
}
