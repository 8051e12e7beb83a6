/** The settings of a source: those of all kinds, and those that its kind brings along. */
import type * as z from 'zod'
import type { Mistake } from '../mistakes/of-settings.ts'
import { report } from '../mistakes/words.ts'
import { type Group, isGroup } from '../mistakes/written.ts'
import { sourceOptions } from '../tail/options.ts'
import { kindMeantBy, kindOf, kinds, type OwnKind } from './kinds.ts'

/** All that the members of a union have. */
type AllOf<Union> = (Union extends unknown ? (member: Union) => void : never) extends (all: infer All) => void
  ? All
  : never
const ownShape = Object.assign({}, ...kinds.map(({ settings }) => settings)) as AllOf<OwnKind['settings']>

const { name, startAt } = sourceOptions.shape

/** Where records come from: a part of a source's configuration. */
export const sourceShape = { name, ...ownShape, startAt }

/** The settings of which a source has one: where it reads. */
export const placesOfSources = kinds.map(({ where }) => where)

/** The name that a source may have. */
export const sourceName = name

/** Whether a source is a folder, into which others may look, too. */
export function isFolder<Source extends { readonly folder?: string | undefined }>(
  source: Source,
): source is Source & { readonly folder: string } {
  return source.folder !== undefined
}

/** A source reads in one place; for `superRefine` of the schema that `sourceShape` was spread into. */
export function checkSource(settings: unknown, context: z.RefinementCtx): void {
  if (!isGroup(settings)) return
  const [first] = kinds
  if (first !== undefined && kindMeantBy(settings) === undefined) {
    const remedy = `add for example "${kinds.map(({ example }) => example).join('" or "')}"`
    report(context, { message: 'is missing', remedy }, [first.where])
  }
}

/** Fills in what the schema does not, and gives the text of which a name is made where none is given. */
export function completeSource<Settings extends object>(
  settings: Settings,
  absolute: (path: string) => string,
): { readonly settings: Settings; readonly nameFrom: string } {
  const kind = kindOf(settings)
  const whole = { ...settings, ...kind.complete(settings as never, absolute) }
  return { settings: whole, nameFrom: kind.nameOf(whole as never) }
}

/** Sources that read what an earlier one reads; as they were written. */
export function readTwice(written: readonly Group[], absolute: (path: string) => string): readonly Mistake[] {
  const places = written.map((source) => kindMeantBy(source)?.placeOf(source, absolute)?.toLowerCase())
  return written.flatMap((source, index): readonly Mistake[] => {
    const kind = kindMeantBy(source)
    if (kind === undefined || places[index] === undefined || places.indexOf(places[index]) === index)
      return []
    const remedy = 'remove one of the two; every record would be sent twice'
    return [{ path: ['sources', index, kind.where], message: kind.alreadyRead, remedy }]
  })
}

/** Where it reads, as the setting says. */
export function placeOfSource(source: object): string {
  return String((source as Group)[kindOf(source).where])
}

/** What is read, in a few words for people. */
export function describeSource(source: object): string {
  return kindOf(source).describe(source as never)
}
