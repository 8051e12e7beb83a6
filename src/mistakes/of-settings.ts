/** What zod finds, in words for the person who wrote a configuration or a table; never with a value in them. */
import type * as z from 'zod'
import { didYouMean } from './nearest.ts'
import { type Words, wordsOf } from './words.ts'
import { type Path, pathOf, valueAt } from './written.ts'

/** One mistake, by the path of its setting. */
export interface Mistake extends Words {
  readonly path: Path
}

type Schema = z.core.JSONSchema.BaseSchema

/** The value that `schema` makes of `value`, or all mistakes in it. `describe` gives the schema as JSON. */
export function check<T>(
  value: unknown,
  schema: z.ZodType<T>,
  describe: () => Schema,
): { readonly data: T } | { readonly mistakes: readonly Mistake[] } {
  const result = schema.safeParse(value, { error: sentence })
  if (result.success) return { data: result.data }
  const described = describe()
  const issues = result.error.issues.flatMap(insideUnion)
  return { mistakes: issues.flatMap((issue) => mistakesOf(issue, value, described)) }
}

/**
 * Of a value that may have several shapes, the mistakes of the shape it has: that which finds nothing wrong with the
 * value as a whole. Without one, that it has none of them.
 */
function insideUnion(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const found = issue.errors.filter((issues) => issues.length > 0)
  const isGroup = ({ path, code }: z.core.$ZodIssue) =>
    path.length > 0 || code === 'unrecognized_keys' || code === 'custom'
  // A group with a mistyped name, or with nothing in it, is meant only where there is one kind of group.
  const [group, ...others] = found.filter((issues) => issues.every(isGroup))
  const inside =
    found.find((issues) => issues.every(({ path }) => path.length > 0)) ??
    (others.length === 0 ? group : undefined)
  if (inside === undefined) return [issue]
  return inside.flatMap((one) => insideUnion({ ...one, path: [...issue.path, ...one.path] }))
}

function mistakesOf(issue: z.core.$ZodIssue, root: unknown, schema: Schema): readonly Mistake[] {
  const path = pathOf(issue.path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownSetting([...path, key], schema))
  }
  const { message, remedy = remedyFor(issue, valueAt(root, path), schema) } = wordsOf(issue)
  return [{ path, message, ...(remedy !== undefined && { remedy }) }]
}

function unknownSetting(path: Path, schema: Schema): Mistake {
  const name = String(path.at(-1))
  const here = schemasAt(schema, path.slice(0, -1))
  const names = [...new Set(here.flatMap(namesIn))]
  const group = names.find((group) => {
    return schemasAt(schema, [...path.slice(0, -1), group]).some(({ properties = {} }) =>
      Object.hasOwn(properties, name),
    )
  })
  const remedy =
    didYouMean(name, names) ??
    (group === undefined ? `the settings here are ${names.join(', ')}` : `it belongs under ${group}`)
  return { path, message: 'is no setting', remedy }
}

/** Names of the settings that a group may have. */
function namesIn({ properties = {}, propertyNames }: Schema): readonly string[] {
  const listed = typeof propertyNames === 'object' ? propertyNames.enum : undefined
  return [...Object.keys(properties), ...(listed ?? []).map(String)]
}

function remedyFor(issue: z.core.$ZodIssue, value: unknown, schema: Schema): string | undefined {
  if (value === undefined)
    return schemasAt(schema, pathOf(issue.path)).find((one) => one.description)?.description
  if (value === null) return 'give it a value, or remove the line'
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    return didYouMean(value, issue.values.map(String))
  }
  if (issue.code !== 'invalid_type') return undefined
  if (issue.expected === 'array') {
    return typeof value === 'object' ? 'begin each member with a dash: "- …"' : 'put it in brackets: [ … ]'
  }
  if (issue.expected === 'string') return 'put it in quotes'
  if (kinds[issue.expected] === kinds.object && typeof value === 'string') {
    return 'write it as "name: value", with a blank behind the colon'
  }
  return undefined
}

/** The words for an issue whose schema has none of its own. */
const sentence: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined) return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      if (issue.expected === 'int') return 'must be a whole number'
      return `must be ${kinds[issue.expected] ?? issue.expected}, and is ${kindOf(issue.input)}`
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of: ' : ''}${issue.values.map(String).join(', ')}`
    case 'too_small':
      return `must be ${issue.minimum} or more`
    case 'too_big':
      return `must be ${issue.maximum} or less`
    case 'unrecognized_keys':
      return 'is no setting'
    default:
      return 'is not what this setting takes'
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of settings',
  record: 'a group of settings',
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'boolean') return 'true or false'
  if (typeof value === 'number' && !Number.isFinite(value)) return Number.isNaN(value) ? 'none' : 'infinite'
  return kinds[typeof value] ?? typeof value
}

/** What may stand at a path: one schema for each shape that the values on the way may have. */
export function schemasAt(root: Schema, path: Path): readonly Schema[] {
  let here = shapesOf(root, root)
  for (const key of path) {
    here = here.flatMap(({ items, properties, additionalProperties }) => {
      const next: unknown =
        typeof key === 'number' ? items : (properties?.[String(key)] ?? additionalProperties)
      return typeof next === 'object' && next !== null ? shapesOf(root, next as Schema) : []
    })
  }
  return here
}

function shapesOf(root: Schema, schema: Schema): readonly Schema[] {
  const whole = resolved(root, schema)
  return [whole, ...(whole.anyOf ?? []).flatMap((shape) => shapesOf(root, shape as Schema))]
}

/** A schema that may hold itself stands in `$defs`, and a reference wherever it is used. */
function resolved(root: Schema, schema: Schema): Schema {
  const name = schema.$ref?.replace('#/$defs/', '')
  const target: unknown = name === undefined ? undefined : root.$defs?.[name]
  return typeof target === 'object' && target !== null ? { ...(target as Schema), ...schema } : schema
}
