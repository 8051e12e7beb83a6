/**
 * What a mapping table says, held against the CEF dictionary. It reads the raw YAML value and takes nothing
 * for granted, so that a table with a mistake in its shape still gets all its other mistakes reported.
 */

import { nearest } from '../../mistakes/nearest.ts'
import type { Place } from '../../mistakes/place.ts'
import type { Problem } from '../../mistakes/problem.ts'
import { type Group, isGroup, type Path, valueAt } from '../../mistakes/written.ts'
import type { YamlFile } from '../../mistakes/yaml.ts'
import type { CefVersion } from '../options.ts'
import { type PlacedText, textsPut } from '../steps.ts'
import { checkColumn, checkValue } from './check-value.ts'
import type { Dictionary, DictionaryEntry } from './dictionary.ts'
import { nameOf } from './extend.ts'
import { type Converter, converters, type ValueType, valueTypeOf } from './row-schema.ts'
import type { TableContent } from './schema.ts'
import { entriesOf, type Report, type Surroundings } from './surroundings.ts'

/** Types of keys that a value can be written to, in CEF 0 and CEF 1 alike. */
const typesOf: Readonly<Record<ValueType, readonly DictionaryEntry['type'][]>> = {
  text: ['string'],
  integer: ['integer', 'long'],
  decimal: ['floating'],
  'epoch-millis': ['timestamp'],
  ipv4: ['ipv4'],
  ipv6: ['ipv6'],
  ip: ['ipv4'],
}

/**
 * Every mistake of a table that its shape does not show, each with its line. `base`: the table it extends, null
 * for one that stands on its own or whose base could not be read.
 */
export function checkTable(file: YamlFile, dictionary: Dictionary, base: TableContent | null): Problem[] {
  const problems: Problem[] = []
  const report: Report = (path, message, remedy) => {
    problems.push({ where: file.place(path), message, ...(remedy !== undefined && { remedy }) })
  }
  const chosen: unknown = valueAt(file.value, ['features'])
  const lookups = new Map([
    ...Object.entries(base?.lookups ?? {}),
    ...(Array.isArray(chosen) ? chosen : []).flatMap((name) =>
      Object.entries(base?.offered[String(name)]?.lookups ?? {}),
    ),
    ...entriesOf(valueAt(file.value, ['lookups'])),
  ])
  const surroundings: Surroundings = { lookups, report }
  checkRows([], file.value, dictionary, surroundings)
  for (const [name, feature] of entriesOf(valueAt(file.value, ['offered']))) {
    const own = new Map([...lookups, ...entriesOf(valueAt(feature, ['lookups']))])
    checkRows(['offered', name], feature, dictionary, { lookups: own, report })
  }
  checkOverflows(file.value, base, report)
  checkHeader(file, dictionary, report)
  checkSeverity(file.value, surroundings)
  checkColumn(['time'], valueAt(file.value, ['time']), report)
  return problems
}

/** The rows of a table, or of a feature that it offers, which stands at `at`. */
function checkRows(at: Path, table: unknown, dictionary: Dictionary, surroundings: Surroundings): void {
  const seenKeys = new Set<string>()
  const seenNames = new Set<string>()
  const { report } = surroundings
  for (const { path, row } of rowsOf(table)) {
    checkRow([...at, ...path], row, dictionary, surroundings)
    if (typeof row.key === 'string') checkRepeated([...at, ...path, 'key'], row.key, seenKeys, report)
  }
  for (const { path, name, row } of additionalOf(table)) {
    checkRepeated([...at, ...path], name, seenNames, report)
    if (row === null) checkColumn([...at, ...path], name, report)
    else checkValue([...at, ...path], row, surroundings)
  }
}

/** Keys of the table that this version of CEF does not have. `placeOf`: the place of a key in its file. */
export function checkCefVersion(
  { fields, device }: TableContent,
  dictionary: Dictionary,
  cefVersion: CefVersion,
  placeOf: (key: string) => Place,
): Problem[] {
  if (cefVersion === 1) return []
  return [...fields, ...device].flatMap(({ key }) => {
    const since = dictionary.keys.get(key)?.since
    if (since === undefined) return []
    return [{ where: placeOf(key), message: `${key} is new in CEF ${since}`, remedy: 'set cefVersion to 1' }]
  })
}

/** Where each row of a file stands: the path of its key. */
export function keyPaths(file: YamlFile): ReadonlyMap<string, Path> {
  return new Map(
    rowsOf(file.value).flatMap(({ path, row }) =>
      typeof row.key === 'string' ? [[row.key, [...path, 'key']]] : [],
    ),
  )
}

function checkRow(path: Path, row: Group, dictionary: Dictionary, surroundings: Surroundings): void {
  const { report } = surroundings
  checkValue(path, row, surroundings)
  const as = row.as ?? 'text'
  if (row.overflow !== undefined && as !== 'integer') {
    report([...path, 'overflow'], 'only numbers overflow', 'add `as: integer`, or leave overflow out')
  }
  if (row.before !== undefined && row.after !== undefined) {
    report([...path, 'after'], 'a row is put either before or after another', 'keep one of the two')
  }
  if (typeof row.key !== 'string') return
  const entry = dictionary.keys.get(row.key)
  if (entry === undefined) {
    report([...path, 'key'], `unknown CEF key ${row.key}`, keyRemedy(row.key, dictionary))
    return
  }
  checkLabel(path, row, entry, dictionary, report)
  checkGiven(path, row, entry, surroundings)
  const fits = (converter: Converter) => typesOf[valueTypeOf(converter)].includes(entry.type)
  if (isConverter(as) && !fits(as)) {
    const fitting = converters.filter(fits)
    report(
      'as' in row ? [...path, 'as'] : path,
      `${as} does not fit ${row.key}, which is of type ${entry.type}`,
      fitting.length === 0 ? 'take another key' : `as: ${fitting.join(' or ')}`,
    )
  }
}

/** Texts that the table itself puts under a key have to be what the key takes. */
function checkGiven(path: Path, row: Group, entry: DictionaryEntry, { lookups, report }: Surroundings): void {
  const check = ([place, text]: PlacedText) => {
    if (typeof text !== 'string' && typeof text !== 'number') return
    if (row.as === 'integer' && !/^\d+$/.test(String(text))) {
      report(place, `${text} is no integer, which ${entry.key} takes`, 'write digits only')
    }
    checkLength(place, String(text), entry.bytes, report)
  }
  const parts: readonly unknown[] = Array.isArray(row.from) ? row.from : [row.from]
  const texts = parts.flatMap((part, index): readonly PlacedText[] => {
    if (!isGroup(part)) return []
    const place = Array.isArray(row.from) ? [...path, 'from', index] : [...path, 'from']
    return textsPut(place, part, lookups) ?? [[[...place, 'constant'], part.constant]]
  })
  for (const text of textsPut(path, row, lookups) ?? texts) check(text)
}

function checkLabel(
  path: Path,
  row: Group,
  entry: DictionaryEntry,
  dictionary: Dictionary,
  report: Report,
): void {
  const owner = [...dictionary.keys.values()].find(({ label }) => label === entry.key)
  if (owner !== undefined) {
    report([...path, 'key'], `${entry.key} is a label`, `write label: in the row of ${owner.key}`)
  } else if (entry.label === undefined && row.label !== undefined) {
    report([...path, 'label'], `${entry.key} is no custom key and has no label`, 'remove the label')
  } else if (entry.label !== undefined && row.label === undefined) {
    report(path, `custom key ${entry.key} without a label`, 'add `label:` with what the value is')
  } else if (entry.label !== undefined && path[0] === 'device') {
    report(
      [...path, 'key'],
      `${entry.key} has a label, and device rows follow the labels`,
      'put it in fields',
    )
  } else if (entry.label !== undefined && typeof row.label === 'string') {
    checkLength([...path, 'label'], row.label, dictionary.keys.get(entry.label)?.bytes, report)
  }
}

/** Rows may share the name of their overflow: of rows that exclude each other only one overflows. */
function checkOverflows(table: unknown, base: TableContent | null, report: Report): void {
  const removed: unknown = valueAt(table, ['remove'])
  const isGone = (name: string) => Array.isArray(removed) && removed.includes(name)
  const own = additionalOf(table)
  const inherited = (base?.additional ?? []).map(nameOf).filter((name) => !isGone(name))
  const names = new Set([...inherited, ...own.map(({ name }) => name)])
  const rows = rowsOf(table)
  for (const { path, row } of rows) {
    if (typeof row.overflow !== 'string' || !names.has(row.overflow)) continue
    report([...path, 'overflow'], `key used twice: ${row.overflow} is additional data already`)
  }
  const overflows = [...(base?.fields ?? []), ...(base?.device ?? [])].flatMap(({ key, overflow }) =>
    isGone(key) || rows.some(({ row }) => row.key === key) ? [] : (overflow ?? []),
  )
  for (const { path, name } of own) {
    if (overflows.includes(name)) report(path, `key used twice: a number that is too large goes to ${name}`)
  }
}

function checkHeader(file: YamlFile, dictionary: Dictionary, report: Report): void {
  for (const field of ['vendor', 'product', 'version', 'eventClassId', 'name'] as const) {
    const value = valueAt(file.value, ['header', field])
    const fallback = typeof value === 'string' ? value : valueAt(value, ['default'])
    const path = typeof value === 'string' ? ['header', field] : ['header', field, 'default']
    if (typeof fallback === 'string') checkLength(path, fallback, dictionary.header[field], report)
    const from = valueAt(value, ['from'])
    for (const [index, name] of (Array.isArray(from) ? from : []).entries()) {
      checkColumn(['header', field, 'from', index], name, report)
    }
  }
}

function checkSeverity(table: unknown, surroundings: Surroundings): void {
  checkColumn(['severity', 'from'], valueAt(table, ['severity', 'from']), surroundings.report)
  const first = valueAt(table, ['severity', 'first'])
  for (const [index, one] of (Array.isArray(first) ? first : []).entries()) {
    if (isGroup(one)) checkValue(['severity', 'first', index], one, surroundings)
  }
}

function checkLength(path: Path, text: string, maxBytes: number | undefined, report: Report): void {
  const bytes = Buffer.byteLength(text)
  if (maxBytes !== undefined && bytes > maxBytes)
    report(path, `${bytes} bytes long; the limit is ${maxBytes}`)
}

function checkRepeated(path: Path, name: string, seen: Set<string>, report: Report): void {
  if (seen.has(name)) report(path, `key used twice: ${name}`, 'keep one of the two rows')
  seen.add(name)
}

function keyRemedy(key: string, dictionary: Dictionary): string {
  const byName = [...dictionary.keys.values()].find(({ name }) => name === key)
  const meant = byName?.key ?? nearest(key, dictionary.keys.keys())
  return meant === undefined ? 'take a key of mappings/cef-dictionary.yaml' : `did you mean ${meant}?`
}

/** The rows of which a file has keys; of each nothing is known yet. */
function rowsOf(table: unknown): { readonly path: Path; readonly row: Group }[] {
  return ['fields', 'device'].flatMap((section) => {
    const rows = valueAt(table, [section])
    if (!Array.isArray(rows)) return []
    return rows.flatMap((row: unknown, index) => (isGroup(row) ? [{ path: [section, index], row }] : []))
  })
}

/** Additional data that has a name; `row` is null for a column under its own. */
function additionalOf(
  table: unknown,
): { readonly path: Path; readonly name: string; readonly row: Group | null }[] {
  const entries = valueAt(table, ['additional'])
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry: unknown, index) => {
    const name = isGroup(entry) ? entry.name : entry
    if (typeof name !== 'string') return []
    return [{ path: ['additional', index], name, row: isGroup(entry) ? entry : null }]
  })
}

function isConverter(value: unknown): value is Converter {
  return converters.some((converter) => converter === value)
}
