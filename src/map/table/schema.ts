/**
 * The shape of a mapping table. What a shape can't say (does the key exist, does the conversion fit) is in
 * `check.ts`. `mappings/mapping.schema.json`, for editors, is generated from here.
 */
import * as z from 'zod'
import { additionalSchema, placedRowSchema, rowSchema, valueShape } from './row-schema.ts'
import { column, columnPattern, constant, list, lookupName, lookupSchema, text } from './shapes.ts'

/** Stands among the columns of the header's version for what the log's own header says. */
export const logVersion = '#Version'

/** Keys of an event's ArcSight categories, in the order they are written in. */
export const categoryKeys = [
  'categoryObject',
  'categoryBehavior',
  'categoryTechnique',
  'categoryDeviceGroup',
  'categoryOutcome',
  'categorySignificance',
] as const

export type CategoryKey = (typeof categoryKeys)[number]

const severityLevel = z.int('must be a whole number').min(0, 'must be 0 to 10').max(10, 'must be 0 to 10')
const levels = z.record(z.string(), severityLevel)

const headerColumnsSchema = z.strictObject({
  from: list(column).min(1, 'names no column').describe('The first of these that is not empty.'),
  default: constant.describe('When all are empty: a header field must never be.'),
})

const versionSchema = z.strictObject({
  from: list(text().regex(/^(#Version|[a-z0-9]+(-[a-z0-9]+)*)$/, 'is neither a column name nor #Version'))
    .min(1, 'names no column')
    .refine((names) => !names.slice(0, -1).includes(logVersion), `${logVersion} must be the last one`)
    .describe(`The first of these that is not empty; ${logVersion} is what the log's header says.`),
  default: constant,
})

const headerShape = {
  vendor: constant,
  product: constant,
  version: versionSchema,
  eventClassId: headerColumnsSchema,
  name: headerColumnsSchema,
}

const severityShape = {
  first: list(z.strictObject({ ...valueShape, levels }))
    .optional()
    .describe('Lookups that are tried before, in their order; the first that lists its value wins.'),
  from: column,
  default: severityLevel.describe('For values that levels does not list.'),
  levels,
}

/** One of the categories; the same text goes for a table and for a file of categories. */
export const categorySchema = constant.regex(/^\//, 'must begin with /, such as /Success')

const categoriesSchema = z
  .record(
    z.string(),
    z
      .partialRecord(z.enum(categoryKeys), categorySchema)
      .refine((values) => Object.keys(values).length > 0, 'names no category'),
  )
  .describe('ArcSight categories by event class id.')

const columnsSchema = list(column).min(1, 'names no column')
const plainPrefix = text().regex(/^[A-Za-z][A-Za-z0-9]*$/, 'must be letters and digits')

const aboutShape = {
  name: text()
    .regex(columnPattern, 'must be lower-case words joined by hyphens')
    .describe('With the first number of `version` the id: `contoso` and 1.0.0 are `contoso.v1`.'),
  version: text()
    .regex(/^[1-9]\d*\.\d+\.\d+$/, 'must be three numbers, the first of them not 0, such as 1.0.0')
    .describe('Three numbers, such as 1.0.0.'),
  description: constant.optional().describe('For people.'),
  for: z
    .strictObject({ with: columnsSchema.optional(), without: columnsSchema.optional() })
    .optional()
    .describe(
      'Built-in tables: the logs that `auto` chooses it for, by their columns; without it, only by name.',
    ),
}

const lookups = z.record(lookupName, lookupSchema)

/** Rows that a table offers to those that extend it. */
const featureSchema = z.strictObject({
  description: constant.describe('For people.'),
  lookups: lookups.default({}),
  fields: list(placedRowSchema).default([]),
  device: list(placedRowSchema).default([]),
  additional: list(additionalSchema).default([]),
})

const featureName = text().regex(columnPattern, 'must be lower-case words joined by hyphens')
const offered = z
  .record(featureName, featureSchema)
  .default({})
  .describe('Rows that only tables have that extend this one and ask for them in `features`, by name.')

export const tableSchema = z.strictObject({
  ...aboutShape,
  header: z
    .strictObject(headerShape)
    .describe('Vendor and product; version, event class id and name from columns, each with a `default`.'),
  severity: z
    .strictObject(severityShape)
    .describe('0 to 10 by the value of a column, with a `default`; see above.'),
  time: column.describe('Column of the event time.'),
  lookups: lookups.default({}).describe('What values become, by name: for `lookup` of a row.'),
  fields: list(rowSchema).min(1, 'has no row').describe('The values, in the order of the event.'),
  device: list(rowSchema).default([]).describe('Written after the labels of the fields.'),
  categories: categoriesSchema.default({}),
  plainPrefix: plainPrefix.describe('In front of additional names in the `plain` style.'),
  additional: list(additionalSchema)
    .default([])
    .describe('Columns written as additional data, in this order.'),
  offered,
})

/** A table that says only what is different from another one. */
export const extensionSchema = z.strictObject({
  extends: text()
    .min(1, 'is empty')
    .describe('The table this one starts from: a built-in one with its version, or the path of a file.'),
  ...aboutShape,
  header: z.strictObject(headerShape).partial().default({}).describe('Header fields that are others.'),
  severity: z
    .strictObject(severityShape)
    .partial()
    .default({})
    .describe('Levels are added to those of the other table; `first` replaces its list.'),
  time: column.optional().describe('Column of the event time.'),
  lookups: lookups
    .default({})
    .describe('Added to those of the other table; one of the same name replaces it.'),
  remove: list(text()).default([]).describe('Keys, and names of additional data, that are left out.'),
  fields: list(placedRowSchema)
    .default([])
    .describe('A row replaces the one of its key; others are put where they say, or at the end.'),
  device: list(placedRowSchema).default([]).describe('As `fields`.'),
  categories: categoriesSchema.default({}),
  plainPrefix: plainPrefix.optional().describe('In front of additional names in the `plain` style.'),
  additional: list(additionalSchema)
    .default([])
    .describe('Put at the end; one of the same name replaces it.'),
  features: list(text())
    .default([])
    .describe('What the other table offers and this one has, by name; before its own rows are put in.'),
  offered,
})

/** What the file of a table may be; for the JSON schema. */
export const mappingFileSchema = z.union([tableSchema, extensionSchema])

/** A mapping table, defaults filled in and what it extends put in. */
export type TableContent = Readonly<z.output<typeof tableSchema>>
export type Feature = Readonly<z.output<typeof featureSchema>>
export type Extension = Readonly<z.output<typeof extensionSchema>>
/** Categories by event class id. */
export type Categories = Readonly<Record<string, Readonly<Partial<Record<CategoryKey, string>>>>>
