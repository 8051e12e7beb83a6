/** A mapping table and the columns of a log make the plan that the encoder follows. */
import type { Condition, Conversion, EventPlan, HeaderPlan, Layout, ValuePlan } from '../types.ts'
import { columnIndex } from './columns.ts'
import { type Dictionary, typeIn } from './dictionary.ts'
import type { MappingTable } from './load.ts'
import type { AdditionalStyle, CefVersion } from './options.ts'
import { logVersion, type TableContent, type TableRow } from './schema.ts'

export interface CompileOptions {
  readonly cefVersion: CefVersion
  readonly additionalData: AdditionalStyle
  readonly dictionary: Dictionary
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
    severity: {
      column: columnIndex(layout, content.severity.from),
      levels: new Map(Object.entries(content.severity.levels)),
      default: content.severity.default,
    },
    timeColumn: columnIndex(layout, content.time),
    fields: content.fields.flatMap((row) => valuePlan(row, compilation)),
    device: content.device.flatMap((row) => valuePlan(row, compilation)),
    trailer: options.cefVersion === 1 ? '_cefVer=1.0' : '_cefVer=0.1',
    additional: content.additional.flatMap((column) => additionalPlan(column, compilation)),
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
function valuePlan(row: TableRow, { content, layout, options }: Compilation): ValuePlan[] {
  const column = columnIndex(layout, row.from)
  const when = conditionFor(row, layout)
  const entry = options.dictionary.keys.get(row.key)
  if (column < 0 || when === 'never' || entry === undefined) return []
  const type = typeIn(entry, options.cefVersion)
  const as: Conversion = row.as === 'ip' && type !== 'ip' ? 'ipv4' : row.as
  const label =
    entry.label === undefined || row.label === undefined ? null : { key: entry.label, text: row.label }
  return [
    {
      key: row.key,
      column,
      derive: null,
      as,
      maxBytes: row.overflow === undefined ? (entry.bytes ?? 0) : options.dictionary.additionalBytes,
      max: type === 'integer' ? maxInteger : type === 'long' ? maxLong : 0n,
      overflowKey: row.overflow === undefined ? null : additionalKey(row.overflow, content, options),
      when,
      label,
    },
  ]
}

/** The plan of a column without a CEF key: none if it is missing or additional data is switched off. */
function additionalPlan(name: string, { content, layout, options }: Compilation): ValuePlan[] {
  const column = columnIndex(layout, name)
  const key = additionalKey(name, content, options)
  if (column < 0 || key === null) return []
  const maxBytes = options.dictionary.additionalBytes
  return [
    { key, column, derive: null, as: 'text', maxBytes, max: 0n, overflowKey: null, when: null, label: null },
  ]
}

function additionalKey(name: string, { plainPrefix }: TableContent, options: CompileOptions): string | null {
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

/** A column that the layout lacks is empty in every row, so a condition on it is decided here. */
function conditionFor(row: TableRow, layout: Layout): Condition | null | 'never' {
  const [given] = Object.entries(row.when ?? row.unless ?? {})
  if (given === undefined) return null
  const [name, values] = given
  const negate = row.when === undefined
  const column = columnIndex(layout, name)
  if (column >= 0) return { column, values, negate }
  return values.includes('') === negate ? 'never' : null
}
