/**
 * The shape of a mapping table. What a shape can't say (does the key exist, does the conversion fit) is in
 * `check.ts`. `mappings/mapping.schema.json`, for editors, is generated from here.
 */
import { z } from 'zod'

/** How a column becomes a value; `ip` is IPv4, and IPv6 too where the CEF version allows it. */
export const conversions = ['text', 'integer', 'epoch-millis', 'ipv4', 'ipv6', 'ip'] as const

/** Stands among the columns of the header's version for what the log's own header says. */
export const logVersion = '#Version'

// Lower case, as Exchange writes its columns: names of additional data are made from them.
const columnPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/
// Nothing that would have to be escaped in an event.
const plainText = /^(?! )[^\p{Cc}\p{Zl}\p{Zp}=\\|]+(?<! )$/u

/** Text, with a message that names the mistake rather than types. */
const text = () => z.string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be text') })
const list = <T extends z.ZodType>(of: T) =>
  z.array(of, { error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a list') })

const column = text().regex(columnPattern, 'is no column name: lower-case words joined by hyphens')
const constant = text().regex(plainText, 'must be text without `=`, `\\`, `|`, line breaks or outer spaces')
const severityLevel = z.int('must be a whole number').min(0, 'must be 0 to 10').max(10, 'must be 0 to 10')

/** The key of a row; its own schema so that the JSON schema can list the dictionary's keys. */
export const cefKeySchema = text().min(1, 'is empty').describe('Key of the CEF dictionary.')

const conditionSchema = z
  .record(column, list(text()).min(1, 'names no value'))
  .refine((condition) => Object.keys(condition).length === 1, 'must name exactly one column')

const rowSchema = z.strictObject({
  key: cefKeySchema,
  from: column.describe('Column of the log.'),
  as: z
    .enum(conversions, `unknown converter; there are: ${conversions.join(', ')}`)
    .default('text')
    .describe('How the column becomes a value.'),
  when: conditionSchema.optional().describe('Only for rows whose column has one of these values.'),
  unless: conditionSchema.optional().describe('Only for rows whose column has none of these values.'),
  label: constant.optional().describe('What a custom key holds; written in its label key.'),
  overflow: column.optional().describe('Additional data for the true number when it is too large.'),
})

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

const columnsSchema = list(column).min(1, 'names no column')

export const tableSchema = z.strictObject({
  name: text().regex(columnPattern, 'must be lower-case words joined by hyphens'),
  version: text().regex(
    /^[1-9]\d*\.\d+\.\d+$/,
    'must be three numbers, the first of them not 0, such as 1.0.0',
  ),
  description: constant.optional(),
  for: z
    .strictObject({ with: columnsSchema.optional(), without: columnsSchema.optional() })
    .optional()
    .describe('Logs that `auto` chooses this table for, by their columns; without it, only by name.'),
  header: z.strictObject({
    vendor: constant,
    product: constant,
    version: versionSchema,
    eventClassId: headerColumnsSchema,
    name: headerColumnsSchema,
  }),
  severity: z.strictObject({
    from: column,
    default: severityLevel.describe('For values that levels does not list.'),
    levels: z.record(z.string(), severityLevel),
  }),
  time: column.describe('Column of the event time.'),
  fields: list(rowSchema).min(1, 'has no row').describe('The values, in the order of the event.'),
  device: list(rowSchema).default([]).describe('Written after the labels of the fields.'),
  plainPrefix: text()
    .regex(/^[A-Za-z][A-Za-z0-9]*$/, 'must be letters and digits')
    .describe('In front of additional names in the `plain` style.'),
  additional: list(column).default([]).describe('Columns written as additional data, in this order.'),
})

/** A mapping table as it stands in its file, defaults filled in. */
export type TableContent = Readonly<z.output<typeof tableSchema>>
export type TableRow = Readonly<TableContent['fields'][number]>
