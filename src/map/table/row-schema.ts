/**
 * The shape of a row of a mapping table: where its value comes from and what it goes through.
 *
 *   from (the first that is not empty) → steps (see `steps.ts`) → type
 */
import * as z from 'zod'
import { said } from '../../mistakes/words.ts'
import { type ListForm, listFormNames, listFormOf, type Steps, stepSettings } from '../steps.ts'
import { madeNamePattern } from './made-names.ts'
import { rolePattern } from './roles.ts'
import { column, constant, given, list, text } from './shapes.ts'

/** Types of values; `ip` is IPv4, and IPv6 too where the CEF version allows it. */
const valueTypes = ['text', 'integer', 'decimal', 'epoch-millis', 'ipv4', 'ipv6', 'ip'] as const

export type ValueType = (typeof valueTypes)[number]

/** What a value can be written as. */
export const converters = [...valueTypes, ...listFormNames] as const

export type Converter = ValueType | ListForm

/** The type of what is written; of a form of a list, that of what is made of it. */
export function valueTypeOf(as: Converter): ValueType {
  return listFormOf(as)?.type ?? (as as ValueType)
}

/** True for a key of custom-data (`S:IsProbe`), which may stand where a column may: no column has a colon. */
export function isCustomKey(name: string): boolean {
  return name.includes(':')
}

const columnOrSourcePattern = new RegExp(`^(${madeNamePattern}|[a-z0-9]+(-[a-z0-9]+)*)$`)
// Type:Key, as custom-data has it; neither part can hold what ends it or what a list is written with.
const customPattern = /^[A-Za-z0-9]+:[^=;'"{}\p{Cc}]+$/u
const membersPattern = /^[A-Za-z0-9]+:[^;'"{}\p{Cc}]+$/u
const conditionPattern = new RegExp(
  `^(${madeNamePattern}|[a-z0-9]+(-[a-z0-9]+)*|${rolePattern}|[A-Za-z0-9]+:[^=;'"{}\\p{Cc}]+)$`,
  'u',
)

const columnOrSource = text().regex(
  columnOrSourcePattern,
  'is no column name: lower-case words joined by hyphens',
)

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

const partSchema = z
  .strictObject({
    column: columnOrSource.optional().describe('Column of the log.'),
    custom: text()
      .regex(customPattern, 'is no key of custom-data, such as S:ProxiedClientIPAddress')
      .optional()
      .describe('Type and key of a member of custom-data, such as `S:ProxiedClientIPAddress`.'),
    members: text()
      .regex(membersPattern, 'is no beginning of a member of custom-data, such as S:TRA=ETR|')
      .optional()
      .describe('What stands in custom-data behind this beginning, of each member that begins with it.'),
    template: text()
      .min(1, 'is empty')
      .regex(/^\P{Cc}*$/u, 'must be text without line breaks or control characters')
      .optional()
      .describe('Text with `{column}` or `{Type:Key}` in it; empty if all of those are.'),
    constant: given.optional().describe('The same value for every record.'),
    as: z.enum(listFormNames, `must be one of: ${listFormNames.join(', ')}`).optional(),
    ...stepSettings,
    ...condition,
  })
  .describe('One of `column`, `custom`, `members`, `template` and `constant`, and what it goes through.')

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
export const valueShape = { from: fromSchema, ...stepSettings, ...condition }

const rowShape = {
  key: cefKeySchema,
  from: fromSchema,
  as: z
    .enum(converters, said('unknown converter', `there are: ${converters.join(', ')}`))
    .default('text')
    .describe('How the column becomes a value.'),
  ...stepSettings,
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
    .enum(['text', ...listFormNames], `must be one of: text, ${listFormNames.join(', ')}`)
    .default('text')
    .describe('How the column becomes a value.'),
  ...stepSettings,
  ...condition,
})

/** A column under its own name, or a value under a name given to it. */
export const additionalSchema = z.union(
  [column, additionalRowSchema],
  'must be a column, or { name: …, from: … }',
)

export type Condition = Readonly<Record<string, readonly string[]>>
/** One of the places a value can come from, with what it goes through on its own. */
export type Part = Readonly<z.output<typeof partSchema>>
export type From = z.output<typeof fromSchema>
export type TableRow = Readonly<z.output<typeof rowSchema>>
export type PlacedRow = Readonly<z.output<typeof placedRowSchema>>
export type AdditionalEntry = z.output<typeof additionalSchema>
/** A value, whatever it is written as. */
export interface Value extends Steps {
  readonly from: From
  readonly as?: Converter | undefined
  readonly when?: Condition | undefined
  readonly unless?: Condition | undefined
}

/** The places of a value in their order, each as a group. */
export function partsOf(from: From): readonly Part[] {
  return (Array.isArray(from) ? from : [from]).map((one) => (typeof one === 'string' ? { column: one } : one))
}
