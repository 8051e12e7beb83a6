/**
 * What a mapping table says, held against the CEF dictionary. It reads the raw YAML value and takes nothing
 * for granted, so that a table with a mistake in its shape still gets all its other mistakes reported.
 */

import { nearest } from '../nearest.ts'
import type { Problem } from '../problems.ts'
import type { YamlFile } from '../yaml.ts'
import type { Dictionary, DictionaryEntry } from './dictionary.ts'
import type { CefVersion } from './options.ts'
import { conversions } from './schema.ts'

type Conversion = (typeof conversions)[number]
type Path = readonly PropertyKey[]
type Report = (path: Path, message: string, remedy?: string) => void

/** Types a conversion can serve, in CEF 0 and CEF 1 alike. */
const typesOf: Readonly<Record<Conversion, readonly DictionaryEntry['type'][]>> = {
  text: ['string'],
  integer: ['integer', 'long'],
  'epoch-millis': ['timestamp'],
  ipv4: ['ipv4'],
  ipv6: ['ipv6'],
  ip: ['ipv4'],
}

/** Every mistake of a table's rows that its shape does not show, each with its line. */
export function checkTable(file: YamlFile, dictionary: Dictionary): Problem[] {
  const problems: Problem[] = []
  const report: Report = (path, message, remedy) => {
    const where = `${file.where(path)} ${path.join('.')}`
    problems.push(remedy === undefined ? { where, message } : { where, message, remedy })
  }
  const seenKeys = new Set<string>()
  for (const { path, row } of rowsOf(file.value)) {
    checkRow(path, row, dictionary, report)
    if (typeof row.key === 'string') checkRepeated([...path, 'key'], row.key, seenKeys, report)
  }
  const additional = partOf(file.value, 'additional')
  const seenNames = new Set<string>()
  for (const [index, name] of (Array.isArray(additional) ? additional : []).entries()) {
    if (typeof name === 'string') checkRepeated(['additional', index], name, seenNames, report)
  }
  // Rows may share the name of their overflow: of rows that exclude each other only one overflows.
  for (const { path, row } of rowsOf(file.value)) {
    if (typeof row.overflow !== 'string' || !seenNames.has(row.overflow)) continue
    report([...path, 'overflow'], `key used twice: ${row.overflow} is additional data already`)
  }
  checkHeader(file, dictionary, report)
  return problems
}

/** Keys of the table that this version of CEF does not have. */
export function checkCefVersion(file: YamlFile, dictionary: Dictionary, cefVersion: CefVersion): Problem[] {
  if (cefVersion === 1) return []
  return rowsOf(file.value).flatMap(({ path, row }) => {
    const since = typeof row.key === 'string' ? dictionary.keys.get(row.key)?.since : undefined
    if (since === undefined) return []
    const where = `${file.where([...path, 'key'])} ${[...path, 'key'].join('.')}`
    return [{ where, message: `${row.key} is new in CEF ${since}`, remedy: 'set cefVersion to 1' }]
  })
}

function checkRow(path: Path, row: LooseRow, dictionary: Dictionary, report: Report): void {
  if (row.when !== undefined && row.unless !== undefined) {
    report([...path, 'unless'], 'a row has either when or unless', 'give the values in one of the two')
  }
  const as = row.as ?? 'text'
  if (row.overflow !== undefined && as !== 'integer') {
    report([...path, 'overflow'], 'only numbers overflow', 'add `as: integer`, or leave overflow out')
  }
  if (typeof row.key !== 'string') return
  const entry = dictionary.keys.get(row.key)
  if (entry === undefined) {
    report([...path, 'key'], `unknown CEF key ${row.key}`, keyRemedy(row.key, dictionary))
    return
  }
  checkLabel(path, row, entry, dictionary, report)
  if (isConversion(as) && !typesOf[as].includes(entry.type)) {
    const fitting = conversions.filter((conversion) => typesOf[conversion].includes(entry.type))
    report(
      'as' in row ? [...path, 'as'] : path,
      `${as} does not fit ${row.key}, which is of type ${entry.type}`,
      fitting.length === 0 ? 'take another key' : `as: ${fitting.join(' or ')}`,
    )
  }
}

function checkLabel(
  path: Path,
  row: LooseRow,
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
  } else if (entry.label !== undefined && typeof row.label === 'string') {
    checkLength([...path, 'label'], row.label, dictionary.keys.get(entry.label)?.bytes, report)
  }
}

function checkHeader(file: YamlFile, dictionary: Dictionary, report: Report): void {
  for (const field of ['vendor', 'product', 'version', 'eventClassId', 'name'] as const) {
    const value = partOf(partOf(file.value, 'header'), field)
    const fallback = typeof value === 'string' ? value : partOf(value, 'default')
    const path = typeof value === 'string' ? ['header', field] : ['header', field, 'default']
    if (typeof fallback === 'string') checkLength(path, fallback, dictionary.header[field], report)
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

/** A row of which nothing is known yet. */
type LooseRow = Readonly<Partial<Record<'key' | 'as' | 'when' | 'unless' | 'label' | 'overflow', unknown>>>

function rowsOf(table: unknown): { readonly path: Path; readonly row: LooseRow }[] {
  return ['fields', 'device'].flatMap((section) => {
    const rows = partOf(table, section)
    if (!Array.isArray(rows)) return []
    return rows.flatMap((row: unknown, index) => {
      return typeof row === 'object' && row !== null ? [{ path: [section, index], row }] : []
    })
  })
}

function partOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([k]) => k === key)?.[1]
    : undefined
}

function isConversion(value: unknown): value is Conversion {
  return conversions.some((conversion) => conversion === value)
}
