/** A mapping table and the columns of a log make the plan that the encoder follows. */

import type { Layout } from '../../flow/chunk.ts'
import type { Conversion, EventPlan, HeaderPlan, Inputs, ValuePlan } from '../../flow/plan.ts'
import { columnIndex } from '../../records/layouts.ts'
import { describeValue } from '../describe.ts'
import type { AdditionalStyle, CefVersion, Organisation } from '../options.ts'
import { type Dictionary, typeIn } from '../table/dictionary.ts'
import type { MappingTable } from '../table/load.ts'
import {
  type AdditionalEntry,
  type Converter,
  partsOf,
  type TableRow,
  type Value,
  valueTypeOf,
} from '../table/row-schema.ts'
import { type Categories, logVersion, type TableContent } from '../table/schema.ts'
import { categoryPlans } from './category-plans.ts'
import { compileCondition } from './condition.ts'
import { through, together, where } from './making.ts'
import { compileSeverity } from './severity.ts'
import { compileText } from './value-text.ts'

export interface CompileOptions {
  readonly cefVersion: CefVersion
  readonly additionalData: AdditionalStyle
  readonly dictionary: Dictionary
  /** Categories by event class id for those that the table has none for. */
  readonly ready?: Categories | undefined
  /** Others that go before those of the table. */
  readonly categories?: Categories | undefined
  /** What is known of the organisation; nothing by default. */
  readonly organisation?: Organisation | undefined
}

interface Compilation {
  readonly content: TableContent
  readonly layout: Layout
  readonly options: CompileOptions
}

const maxInteger = 2n ** 31n - 1n
const maxLong = 2n ** 63n - 1n

/** Compiles a checked table for the columns of one layout; rows whose column the layout lacks are dropped. */
export function compileMapping(table: MappingTable, layout: Layout, options: CompileOptions): EventPlan {
  const { content } = table
  const compilation = { content, layout, options }
  return {
    mapping: table.id,
    cefVersion: options.cefVersion,
    header: headerPlans(content, layout, options.dictionary),
    severity: compileSeverity(content.severity, layout, content.lookups, options.organisation),
    timeColumn: columnIndex(layout, content.time),
    fields: [
      ...content.fields.flatMap((row) => valuePlan(row, compilation)),
      ...categoryPlans(content, options, layout),
    ],
    device: content.device.flatMap((row) => valuePlan(row, compilation)),
    trailer: options.cefVersion === 1 ? '_cefVer=1.0' : '_cefVer=0.1',
    additional: content.additional.flatMap((entry) => additionalPlan(entry, compilation)),
  }
}

function headerPlans({ header }: TableContent, layout: Layout, dictionary: Dictionary): HeaderPlan[] {
  const limits = dictionary.header
  const constant = (fallback: string, maxBytes: number) => ({ columns: [], fallback, maxBytes })
  const columns = (names: readonly string[]) =>
    names.map((name) => columnIndex(layout, name)).filter((index) => index >= 0)
  // What the log's header says is the same for all its rows, so it is the fallback behind the columns.
  const ofLog = header.version.from.includes(logVersion) ? layout.version.trim() : ''
  return [
    constant(header.vendor, limits.vendor),
    constant(header.product, limits.product),
    {
      columns: columns(header.version.from),
      fallback: ofLog || header.version.default,
      maxBytes: limits.version,
    },
    {
      columns: columns(header.eventClassId.from),
      fallback: header.eventClassId.default,
      maxBytes: limits.eventClassId,
    },
    { columns: columns(header.name.from), fallback: header.name.default, maxBytes: limits.name },
  ]
}

/** The plan of a row: none if its column is missing, or its condition can never hold. */
function valuePlan(row: TableRow, compilation: Compilation): ValuePlan[] {
  const { content, options } = compilation
  const made = makingOf(row, compilation)
  const entry = options.dictionary.keys.get(row.key)
  if (made === null || entry === undefined) return []
  const type = typeIn(entry, options.cefVersion)
  const as = conversionOf(row.as)
  const label =
    entry.label === undefined || row.label === undefined ? null : { key: entry.label, text: row.label }
  return [
    {
      key: row.key,
      ...made,
      as: as === 'ip' && type !== 'ip' ? 'ipv4' : as,
      maxBytes:
        row.overflow === undefined ? (entry.bytes ?? LONGEST_NUMBER) : options.dictionary.additionalBytes,
      max: maxOf(type),
      overflowKey: row.overflow === undefined ? null : additionalKey(row.overflow, content, options),
      label,
    },
  ]
}

/** The plan of additional data: none if its column is missing or additional data is switched off. */
function additionalPlan(entry: AdditionalEntry, compilation: Compilation): ValuePlan[] {
  const { content, options } = compilation
  const row = typeof entry === 'string' ? { name: entry, from: entry, as: 'text' as const } : entry
  const made = makingOf(row, compilation)
  const key = additionalKey(row.name, content, options)
  if (made === null || key === null) return []
  const maxBytes = options.dictionary.additionalBytes
  const as = conversionOf(row.as)
  return [{ key, ...made, as, maxBytes, max: maxLong, overflowKey: null, label: null }]
}

/** A copy of a column where that will do, since it is faster; null when no record of the layout has the value. */
function makingOf(
  value: Value,
  { content, layout, options: { organisation } }: Compilation,
): Pick<ValuePlan, 'column' | 'derive' | 'inputs' | 'chooses' | 'origin' | 'because' | 'when'> | null {
  const condition = compileCondition(value, layout, organisation)
  if (condition === 'never') return null
  const raw = compileText(value, layout, content.lookups, organisation)
  const text = raw && value.as === 'decimal' ? through([decimal], raw) : raw
  if (text === null) return null
  const { when, holding } = condition
  const { run, copies, choice } = holding === null ? text : where(holding, text)
  if (copies?.always) return { column: copies.column, derive: null, when }
  const all = together([condition.inputs, choice ? choice.inputs : text.inputs])
  const inputs = when !== null && isNeverTheSame(all, layout) ? null : all
  return {
    column: -1,
    derive: run,
    inputs: inputs && (copies === null ? inputs : behind(copies.column, inputs)),
    chooses: choice?.column ?? null,
    origin: describeValue(value),
    ...(text.because && partsOf(value.from).length > 1 && { because: text.because }),
    when,
  }
}

/** Columns of which hardly two rows say the same. */
const single: readonly string[] = [
  'custom-data', 'internal-message-id', 'log-id', 'message-id', 'message-info', 'source-context',
] // biome-ignore format: a list of words

/** Of a value that few rows have, to look in each row whether it was made before is dearer than to make it. */
function isNeverTheSame(inputs: Inputs | null, { columns }: Layout): boolean {
  return inputs?.columns.some((column) => single.includes(columns[column]?.toLowerCase() ?? '')) ?? false
}

/** The inputs of what is made only where this column is blank: what else is in it does not matter then. */
function behind(first: number, { columns, blanks, ...others }: Inputs): Inputs {
  return {
    ...others,
    first,
    columns: columns.filter((column) => column !== first),
    blanks: blanks.filter((column) => column !== first),
    shapes: others.shapes.filter((column) => column !== first),
  }
}

/** In bytes: of a decimal number more than there can be. */
const LONGEST_NUMBER = 32

/** What a reader takes for a number: digits, with a point and more of them. */
function decimal(text: string): string {
  return /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? text : ''
}

/** A decimal number is a text of which all else was left out: see `makingOf`. */
function conversionOf(as: Converter): Conversion {
  const type = valueTypeOf(as)
  return type === 'decimal' ? 'text' : type
}

function maxOf(type: ReturnType<typeof typeIn>): bigint {
  if (type === 'integer') return maxInteger
  return type === 'long' ? maxLong : 0n
}

/** The key of additional data with this name; null when it is switched off. */
export function additionalKey(
  name: string,
  { plainPrefix }: TableContent,
  options: Pick<CompileOptions, 'additionalData'>,
): string | null {
  const camel = name.replace(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase())
  switch (options.additionalData) {
    case 'arcsight':
      return `ad.${name}`
    case 'camel':
      return `ad.${camel}`
    case 'plain':
      return `${plainPrefix}${camel}`
    case 'none':
      return null
  }
}
