/**
 * What a value goes through once it was taken from its place, in this order:
 *
 *   list, list-first, list-count → capture → lookup
 *
 * A step is all here: its settings, their mistakes, what it does, and how people are told. A new one is written beside
 * these and named in `kinds` (a form of a list: in `listForms`); shape, checks, plans and descriptions follow them.
 */
import type * as z from 'zod'
import { didYouMean } from '../mistakes/nearest.ts'
import { compilePattern } from '../mistakes/pattern.ts'
import { type Group, type Path, valueAt } from '../mistakes/written.ts'
import { trimBlanks } from '../records/fields.ts'
import { splitList } from '../records/list.ts'
import { type Lookup, lookupName, text } from './table/shapes.ts'
import { entriesOf, type Surroundings, telling } from './table/surroundings.ts'

/** What values become, by the name of the lookup. */
export type Lookups = Readonly<Record<string, Lookup>>

/** What a step makes of a text, which is never empty. */
export type Step = (text: string) => string

/** A text of the table, which may be of any shape, and the place of a value that may end up with it. */
export type PlacedText = readonly [place: Path, text: unknown]

/** A kind of step, with the settings by which a value asks for it. */
interface StepKind<Settings extends z.ZodRawShape> {
  readonly settings: Settings
  /** Reports the mistakes that the shape of the settings does not show. */
  readonly check?: (path: Path, value: Group, surroundings: Surroundings) => void
  /**
   * The texts of the table that it puts in place of what came, each with where it is asked for: none that are known,
   * if it makes its own. Left out by a step that leaves a text much as it is.
   */
  readonly puts?: (path: Path, value: Group, lookups: Surroundings['lookups']) => readonly PlacedText[]
  /** Null when the value does not ask for it. */
  readonly compile: (value: Given<Settings>, lookups: Lookups) => Step | null
  /** What it makes of `place`, in words; `place` itself when the value does not ask for it. */
  readonly says: (place: string, value: Given<Settings>) => string
}

/** What a value says of its steps: `as` as well, which also says what the value is written as. */
type Given<Settings extends z.ZodRawShape> = { readonly as?: string | undefined } & Readonly<
  z.output<z.ZodObject<Settings>>
>

/** Something that is made of a list. */
interface MadeOfList {
  /** What it is written as. */
  readonly type: 'text' | 'integer'
  readonly of: (members: readonly string[], separator: string) => string
  readonly says: (list: string, separator: string) => string
}

/** What can be made of a list, whose members are joined by `;`, by what it is called in `as`. */
const listForms = {
  list: {
    type: 'text',
    of: (members, separator) => members.join(separator),
    says: (list, separator) => `the members of ${list}, joined by "${separator}"`,
  },
  'list-first': {
    type: 'text',
    of: ([first = '']) => first,
    says: (list) => `the first member of ${list}`,
  },
  'list-count': {
    type: 'integer',
    of: (members) => String(members.length),
    says: (list) => `the number of members of ${list}`,
  },
} as const satisfies Readonly<Record<string, MadeOfList>>

export type ListForm = keyof typeof listForms

/** The forms of a list, as `as` calls them. */
export const listFormNames = Object.keys(listForms) as readonly ListForm[]

/** The form of a list that `as` asks for; undefined when it asks for something else. */
export function listFormOf(as: string | undefined): MadeOfList | undefined {
  return as !== undefined && Object.hasOwn(listForms, as) ? listForms[as as ListForm] : undefined
}

/** Between the members of a `list` unless its row says otherwise. */
export const defaultSeparator = ', '

const list = kind({
  settings: {
    separator: text()
      .regex(/^\P{Cc}{1,16}$/u, 'must be 1 to 16 characters without line breaks or control characters')
      .optional()
      .describe('Between the members of a `list`; `, ` by default.'),
  },
  check: (path, { as, separator }, { report }) => {
    if (separator === undefined || as === 'list') return
    report([...path, 'separator'], 'only a list has separators', 'add `as: list`, or leave separator out')
  },
  compile: ({ as, separator = defaultSeparator }) => {
    const form = listFormOf(as)
    // A member without text is no recipient; between two `;` there is none.
    return form ? (text) => form.of(splitList(text).map(trimBlanks).filter(Boolean), separator) : null
  },
  says: (place, { as, separator = defaultSeparator }) => listFormOf(as)?.says(place, separator) ?? place,
})

/** A pattern looks at so many characters: time grows with them, and a field may have hundreds of thousands. */
export const MOST_CAPTURED_FROM = 16_384

const capture = kind({
  settings: {
    capture: text()
      .optional()
      .describe(
        "Regular expression (RE2): its first group that took part, or the whole match; '' without one.",
      ),
  },
  check: (path, { capture }, { report }) => {
    if (typeof capture !== 'string') return
    telling(report, [...path, 'capture'], () => compilePattern(capture))
  },
  puts: () => [],
  compile: ({ capture }) => {
    if (capture === undefined) return null
    const pattern = compilePattern(capture)
    return (text) => {
      const found = pattern.exec(text.slice(0, MOST_CAPTURED_FROM))
      if (found === null) return ''
      const groups = found.slice(1)
      return trimBlanks((groups.length === 0 ? found[0] : groups.find((group) => group !== undefined)) ?? '')
    }
  },
  says: (place, { capture }) => (capture === undefined ? place : `${place}, of it /${capture}/`),
})

const lookup = kind({
  settings: {
    lookup: lookupName.optional().describe('Lookup of this table that says what the value becomes.'),
  },
  check: (path, { lookup }, { lookups, report }) => {
    if (typeof lookup !== 'string' || lookups.has(lookup)) return
    const others = [...lookups.keys()].join(', ') || 'none; write one under lookups:'
    const remedy = didYouMean(lookup, lookups.keys()) ?? `there are: ${others}`
    report([...path, 'lookup'], `there is no lookup ${lookup}`, remedy)
  },
  puts: (path, { lookup: name }, lookups) => {
    const lookup = typeof name === 'string' ? lookups.get(name) : undefined
    const texts = [
      ...entriesOf(valueAt(lookup, ['values'])).map(([, text]) => text),
      valueAt(lookup, ['default']),
    ]
    return texts.map((text) => [[...path, 'lookup'], text])
  },
  compile: ({ lookup }, lookups) => {
    if (lookup === undefined) return null
    const { values = {}, default: otherwise = '' } = lookups[lookup] ?? {}
    const texts = new Map(Object.entries(values).map(([from, to]) => [from, String(to)]))
    return (text) => texts.get(text) ?? String(otherwise)
  },
  says: (place, { lookup }) => (lookup === undefined ? place : `${place}, looked up in ${lookup}`),
})

/** The steps in the order in which a value goes through them. */
const kinds = [list, capture, lookup] as const

type AllOf<Each> = (Each extends unknown ? (one: Each) => void : never) extends (all: infer All) => void
  ? All
  : never
type Settings = AllOf<(typeof kinds)[number]['settings']>

/** What a value, or a part of one, says of the steps it goes through. */
export type Steps = AllOf<Parameters<(typeof kinds)[number]['compile']>[0]>

/** The settings of all steps. */
export const stepSettings = Object.assign({}, ...kinds.map(({ settings }) => settings)) as Settings

/** Reports the mistakes in the steps of a value, or of a part of one. */
export function checkSteps(path: Path, value: Group, surroundings: Surroundings): void {
  for (const { check } of kinds) check?.(path, value, surroundings)
}

/** The texts of the table that the last of the steps puts in place of what came; undefined when none does. */
export function textsPut(
  path: Path,
  value: Group,
  lookups: Surroundings['lookups'],
): readonly PlacedText[] | undefined {
  const asked = kinds.filter(({ settings }) =>
    Object.keys(settings).some((name) => value[name] !== undefined),
  )
  return asked.findLast(({ puts }) => puts !== undefined)?.puts?.(path, value, lookups)
}

/** The steps that a value asks for. */
export function compileSteps(value: Steps, lookups: Lookups): readonly Step[] {
  return kinds.flatMap(({ compile }) => compile(value, lookups) ?? [])
}

/** What the steps of a value make of `place`, in words. */
export function describeSteps(place: string, value: Steps): string {
  return kinds.reduce((words, { says }) => says(words, value), place)
}

/** Lets the compiler see which settings a kind has. */
function kind<Settings extends z.ZodRawShape>(one: StepKind<Settings>): StepKind<Settings> {
  return one
}
