/** The settings of a source: those of all kinds, and those that its kind brings along. */
import type * as z from 'zod'
import type { Examined } from '../mistakes/examined.ts'
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
  const wrong = context.issues.map(({ path }) => path ?? [])
  kindMeantBy(settings)?.check?.(settings, (at, message, remedy) => {
    if (wrong.some((path) => path.every((key, depth) => key === at[depth]))) return
    report(context, { message, ...(remedy !== undefined && { remedy }) }, at)
  })
}

/** Fills in what the schema does not, and gives the text of which a name is made where none is given. */
export function completeSource<Settings extends object>(
  settings: Settings,
  absolute: (path: string) => string,
): { readonly settings: Settings; readonly nameFrom: string } {
  const kind = kindOf(settings)
  const others = kinds.filter((other) => other !== kind).flatMap((other) => Object.keys(other.settings))
  const own = Object.fromEntries(
    Object.entries(settings).filter(([name]) => Object.hasOwn(kind.settings, name) || !others.includes(name)),
  ) as Settings
  const whole = { ...own, ...kind.complete(own as never, absolute) }
  return { settings: whole, nameFrom: kind.nameOf(whole as never) }
}

/** Settings that were written and do nothing, by their paths within the source, as it was written. */
export function unusedInSource(written: Group): readonly Mistake[] {
  const kind = kindMeantBy(written)
  if (kind === undefined) return []
  const unused = kind.unused?.(written) ?? []
  return [
    ...unused,
    ...Object.keys(written).flatMap((name): readonly Mistake[] => {
      const owner = kinds.find(({ settings }) => Object.hasOwn(settings, name))
      if (written[name] === undefined || owner === undefined || owner === kind) return []
      const message = `belongs to sources with ${owner.where}, and this one has ${kind.where}`
      return [{ path: [name], message, remedy: 'remove one of the two, or make two sources of them' }]
    }),
  ]
}

/** Settings of all kinds that are secret, and those that name files that are. */
export const sourceSecrets = {
  texts: kinds.flatMap(({ secrets }) => secrets?.texts ?? []),
  references: kinds.flatMap(({ secrets }) => secrets?.references ?? []),
  files: kinds.flatMap(({ secrets }) => secrets?.files ?? []),
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

/** Throws a `ProblemsError` by its settings when its files can't be used, or it can't work here. */
export function proveSource(source: object): void {
  kindOf(source).prove?.(source as never)
}

/** Tries whether a source can be read that is no folder; never rejects. */
export async function examineSource(
  source: object,
  destinations: readonly string[],
): Promise<readonly Examined[]> {
  return (await kindOf(source).examine?.(source as never, destinations)) ?? []
}

/** What is read, in a few words for people. */
export function describeSource(source: object): string {
  return kindOf(source).describe(source as never)
}
