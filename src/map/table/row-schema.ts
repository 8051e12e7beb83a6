/**
 * The shape of a row of a mapping table: where its value comes from and what it goes through.
 *
 *   from (the first that is not empty) → list, list-first, list-count → capture → lookup → type
 */
import * as z from 'zod'
import { said } from '../../mistakes/words.ts'

/** Types of values; `ip` is IPv4, and IPv6 too where the CEF version allows it. */
const valueTypes = ['text', 'integer', 'epoch-millis', 'ipv4', 'ipv6', 'ip'] as const
/** What can be made of a list, whose members are joined by `;`. */
const listForms = ['list', 'list-first', 'list-count'] as const
export const converters = [...valueTypes, ...listForms] as const

export type Converter = (typeof converters)[number]

/** Stands for the name of the source that the log belongs to, wherever a column may stand. */
export const sourceName = '#Source'

/** True for a key of custom-data (`S:IsProbe`), which may stand where a column may: no column has a colon. */
export function isCustomKey(name: string): boolean {
  return name.includes(':')
}

/** Between the members of a `list` unless its row says otherwise. */
export const defaultSeparator = ', '

// Lower case, as Exchange writes its columns: names of additional data are made from them.
export const columnPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/
const columnOrSourcePattern = /^(#Source|[a-z0-9]+(-[a-z0-9]+)*)$/
// Type:Key, as custom-data has it; neither part can hold what ends it or what a list is written with.
const customPattern = /^[A-Za-z0-9]+:[^=;'"{}\p{Cc}]+$/u
const conditionPattern = /^(#Source|[a-z0-9]+(-[a-z0-9]+)*|[A-Za-z0-9]+:[^=;'"{}\p{Cc}]+)$/u
// Nothing that would have to be escaped in an event.
const plainText = /^(?! )[^\p{Cc}\p{Zl}\p{Zp}=\\|]+(?<! )$/u
const lookupPattern = /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/

/** Text, with a message that names the mistake rather than types. */
export const text = () =>
  z.string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be text') })
export const list = <T extends z.ZodType>(of: T) =>
  z.array(of, { error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a list') })
export const constant = text().regex(
  plainText,
  'must be text without `=`, `\\`, `|`, line breaks or outer spaces',
)

export const column = text().regex(columnPattern, 'is no column name: lower-case words joined by hyphens')
const columnOrSource = text().regex(
  columnOrSourcePattern,
  'is no column name: lower-case words joined by hyphens',
)

/** A value that a table gives itself: text, or a number without quotes around it. */
const given = z.union(
  [text().regex(/^\P{Cc}*$/u, 'must be text without line breaks or control characters'), z.int()],
  'must be text or a whole number',
)

export const lookupName = text().regex(lookupPattern, 'is no name of a lookup: words joined by hyphens')

export const lookupSchema = z.strictObject({
  values: z.record(z.string(), given).describe('What each value becomes.'),
  default: given.optional().describe('For values that are not listed; without it they become nothing.'),
})

const conditionSchema = z
  .record(
    text().regex(conditionPattern, 'is neither a column name nor a key of custom-data'),
    list(text()).min(1, 'names no value'),
  )
  .refine((condition) => Object.keys(condition).length > 0, 'names no column')

const condition = {
  when: conditionSchema.optional().describe('Only where every column named has one of its values.'),
  unless: conditionSchema.optional().describe('Not where every column named has one of its values.'),
}

const steps = {
  separator: text()
    .regex(/^\P{Cc}{1,16}$/u, 'must be 1 to 16 characters without line breaks or control characters')
    .optional()
    .describe('Between the members of a `list`; `, ` by default.'),
  capture: text()
    .optional()
    .describe(
      "Regular expression (RE2): its first group that took part, or the whole match; '' without one.",
    ),
  lookup: lookupName.optional().describe('Lookup of this table that says what the value becomes.'),
}

const partSchema = z
  .strictObject({
    column: columnOrSource.optional().describe('Column of the log.'),
    custom: text()
      .regex(customPattern, 'is no key of custom-data, such as S:ProxiedClientIPAddress')
      .optional()
      .describe('Type and key of a member of custom-data, such as `S:ProxiedClientIPAddress`.'),
    template: text()
      .min(1, 'is empty')
      .regex(/^\P{Cc}*$/u, 'must be text without line breaks or control characters')
      .optional()
      .describe('Text with `{column}` or `{Type:Key}` in it; empty if all of those are.'),
    constant: given.optional().describe('The same value for every record.'),
    as: z.enum(listForms, `must be one of: ${listForms.join(', ')}`).optional(),
    ...steps,
    ...condition,
  })
  .describe('One of `column`, `custom`, `template` and `constant`, and what it goes through.')

export const partSettings: readonly string[] = Object.keys(partSchema.shape)

const partMistake = 'must be a column, or { column: … }, { custom: … }, { template: … } or { constant: … }'
const part = z.union([columnOrSource, partSchema], partMistake)

const fromSchema = z
  .union([columnOrSource, partSchema, z.array(part).min(1, 'names no column')], {
    error: (issue) => (issue.input === undefined ? 'is missing' : partMistake),
  })
  .describe('A column, or several: the first that is not empty.')

/** The key of a row; its own schema so that the JSON schema can list the dictionary's keys. */
export const cefKeySchema = text().min(1, 'is empty').describe('Key of the CEF dictionary.')

/** What rows of every kind have. */
export const valueShape = { from: fromSchema, ...steps, ...condition }

const rowShape = {
  key: cefKeySchema,
  from: fromSchema,
  as: z
    .enum(converters, said('unknown converter', `there are: ${converters.join(', ')}`))
    .default('text')
    .describe('How the column becomes a value.'),
  ...steps,
  ...condition,
  label: constant.optional().describe('What a custom key holds; written in its label key.'),
  overflow: column.optional().describe('Additional data for the true number when it is too large.'),
}

export const rowSchema = z.strictObject(rowShape)

/** A row of a table that extends another one: it may say where it belongs. */
export const placedRowSchema = z.strictObject({
  ...rowShape,
  before: cefKeySchema.optional().describe('Put in front of the row of this key.'),
  after: cefKeySchema.optional().describe('Put behind the row of this key.'),
})

const additionalRowSchema = z.strictObject({
  name: column.describe('Name of the additional data; it is written like a column.'),
  from: fromSchema,
  as: z
    .enum(['text', ...listForms], `must be one of: text, ${listForms.join(', ')}`)
    .default('text')
    .describe('How the column becomes a value.'),
  ...steps,
  ...condition,
})

/** A column under its own name, or a value under a name given to it. */
export const additionalSchema = z.union(
  [column, additionalRowSchema],
  'must be a column, or { name: …, from: … }',
)

export type Condition = Readonly<Record<string, readonly string[]>>
export type Lookup = Readonly<z.output<typeof lookupSchema>>
/** One of the places a value can come from, with what it goes through on its own. */
export type Part = Readonly<z.output<typeof partSchema>>
export type From = z.output<typeof fromSchema>
export type TableRow = Readonly<z.output<typeof rowSchema>>
export type PlacedRow = Readonly<z.output<typeof placedRowSchema>>
export type AdditionalEntry = z.output<typeof additionalSchema>
/** What a value goes through, whatever it is written as. */
export interface Value {
  readonly from: From
  readonly as?: Converter | undefined
  readonly separator?: string | undefined
  readonly capture?: string | undefined
  readonly lookup?: string | undefined
  readonly when?: Condition | undefined
  readonly unless?: Condition | undefined
}

/** The places of a value in their order, each as a group. */
export function partsOf(from: From): readonly Part[] {
  return (Array.isArray(from) ? from : [from]).map((one) => (typeof one === 'string' ? { column: one } : one))
}
