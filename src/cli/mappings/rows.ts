/** A mapping table in words: what stands in the event under each key, for showing and comparing. */
import { type DescribedRow, describeConditions, describeTable, describeValue } from '../../map/describe.ts'
import type { Dictionary, DictionaryEntry } from '../../map/table/dictionary.ts'
import type { MappingTable } from '../../map/table/load.ts'
import type { TableContent } from '../../map/table/schema.ts'
import type { Lookup } from '../../map/table/shapes.ts'

/** One value of the event. Texts that have nothing to say are empty. */
export interface MappingRow {
  /** The key, or `(additional)` and the name: its key depends on the style that a destination takes. */
  readonly key: string
  /** What it is made of. */
  readonly from: string
  readonly as: string
  /** Which records have it: `where event-id is RECEIVE`. */
  readonly when: string
  readonly label: string
  /** The largest value or its length. */
  readonly limit: string
}

/** Something said of all events. */
type Fact = readonly [name: string, text: string]

/** A table: what is said of all events, then row by row. */
export interface MappingDescription {
  readonly id: string
  readonly facts: readonly Fact[]
  readonly rows: readonly MappingRow[]
}

/** Describes a table as it is after all that it extends was put in. */
export function describeMapping({ id, content }: MappingTable, dictionary: Dictionary): MappingDescription {
  const { header, severity, lookups, categories, offered } = content
  const facts: readonly Fact[] = [
    ['version', content.version],
    ['description', content.description ?? ''],
    ['for logs', logsText(content.for)],
    ...Object.entries(header).map(([field, value]): Fact => [`header ${field}`, headerText(value)]),
    ...severityFacts(severity),
    ['event time', content.time],
    ['plain prefix', content.plainPrefix],
    ...Object.entries(lookups).map(([name, lookup]): Fact => [`lookup ${name}`, lookupText(lookup)]),
    ...Object.entries(offered).map(([name, { description }]): Fact => [`offers ${name}`, description]),
    ...Object.entries(categories).map(([event, values]): Fact => [`categories ${event}`, pairs(values)]),
  ]
  return {
    id,
    facts: facts.filter(([, text]) => text !== ''),
    rows: describeTable(content).map((row) => mappingRow(row, dictionary)),
  }
}

/** Which logs a table is chosen for, by their columns; empty when it is chosen by its name only. */
export function logsText(logs: TableContent['for']): string {
  const parts = [
    ...(logs?.with ?? []).map((column) => `with ${column}`),
    ...(logs?.without ?? []).map((column) => `without ${column}`),
  ]
  return logs !== undefined && parts.length === 0 ? 'any' : parts.join(', ')
}

function mappingRow(row: DescribedRow, dictionary: Dictionary): MappingRow {
  const { section, key, from, as, when, label, overflow } = row
  const entry = dictionary.keys.get(key)
  const isAdditional = section === 'additional'
  return {
    key: isAdditional ? `(additional) ${key}` : key,
    from,
    as: overflow === '' ? as : `${as}, a larger one in ${overflow}`,
    when,
    label,
    limit: isAdditional ? `${dictionary.additionalBytes} bytes` : entry === undefined ? '' : limitOf(entry),
  }
}

/** The largest length or number, as it is in CEF:0, and what CEF:1 has instead. */
function limitOf({ bytes, type, cef1 }: DictionaryEntry): string {
  if (type === 'integer') return cef1 === 'long' ? '2147483647; CEF:1 64-bit' : '2147483647'
  if (type === 'long') return '64-bit'
  return bytes === undefined ? '' : `${bytes} bytes`
}

function headerText(value: TableContent['header'][keyof TableContent['header']]): string {
  return typeof value === 'string' ? `"${value}"` : [...value.from, `"${value.default}"`].join(', else ')
}

/** What decides first stands first; the values of each level in a line. */
function severityFacts({
  first = [],
  from,
  default: other,
  levels,
}: TableContent['severity']): readonly Fact[] {
  return [
    ...first.map((value, index): Fact => {
      const source = `${describeValue(value)}${describeConditions(value, ' ')}`
      return [`severity first ${index + 1}`, `by ${source}: ${pairs(value.levels)}`]
    }),
    ['severity', `by ${from}, ${other} for others`],
    ...[...new Set(Object.values(levels))]
      .sort((a, b) => a - b)
      .map((level): Fact => {
        const values = Object.keys(levels).filter((value) => levels[value] === level)
        return [`severity ${level}`, values.join(' ')]
      }),
  ]
}

function lookupText({ values, default: other }: Lookup): string {
  return `${pairs(values)}${other === undefined ? '' : `, others ${other}`}`
}

function pairs(values: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return given.map(([name, value]) => `${name} → ${value}`).join(', ')
}
