/** A table that extends another one: its rows put into those of the other, in the order of the event. */
import { didYouMean } from '../../mistakes/nearest.ts'
import type { Path } from '../../mistakes/written.ts'
import type { AdditionalEntry, PlacedRow, TableRow } from './row-schema.ts'
import type { Extension, Feature, TableContent } from './schema.ts'

/** Says what is wrong with a setting of the extension, by its path. */
export type Report = (path: Path, message: string, remedy: string) => void

type Section = 'fields' | 'device'

/** The whole table. What can't be done is reported and left out. */
export function extendTable(other: TableContent, extension: Extension, report: Report): TableContent {
  const { header, severity, lookups, categories, time, plainPrefix } = extension
  const base = extension.features.reduce((table, name, index) => {
    const feature = other.offered[name]
    if (feature !== undefined) return withFeature(table, feature, report)
    const names = Object.keys(other.offered)
    const remedy =
      didYouMean(name, names) ?? (names.length === 0 ? 'leave it out' : `it offers ${names.join(', ')}`)
    report(['features', index], `the table it extends offers no ${name}`, remedy)
    return table
  }, other)
  checkRemoved(base, extension, report)
  return {
    name: extension.name,
    version: extension.version,
    description: extension.description,
    for: extension.for,
    header: { ...base.header, ...given(header) },
    severity: {
      ...base.severity,
      ...given(severity),
      levels: { ...base.severity.levels, ...severity.levels },
    },
    time: time ?? base.time,
    lookups: { ...base.lookups, ...lookups },
    fields: extendRows('fields', base, extension, report),
    device: extendRows('device', base, extension, report),
    categories: { ...base.categories, ...categories },
    plainPrefix: plainPrefix ?? base.plainPrefix,
    additional: extendAdditional(base, extension),
    offered: { ...other.offered, ...extension.offered },
  }
}

function withFeature(table: TableContent, feature: Feature, report: Report): TableContent {
  const rows = { ...feature, remove: [] }
  return {
    ...table,
    lookups: { ...table.lookups, ...feature.lookups },
    fields: extendRows('fields', table, rows, report),
    device: extendRows('device', table, rows, report),
    additional: extendAdditional(table, rows),
  }
}

/** What an extension, or a feature, says of rows. */
type Rows = Pick<Extension, 'fields' | 'device' | 'additional' | 'remove'>

function extendRows(section: Section, base: TableContent, extension: Rows, report: Report): TableRow[] {
  const elsewhere = extension[section === 'fields' ? 'device' : 'fields'].map(({ key }) => key)
  const gone = new Set([...extension.remove, ...elsewhere])
  const rows: TableRow[] = base[section].filter(({ key }) => !gone.has(key))
  extension[section].forEach((placed, index) => {
    const { before, after, ...row } = placed
    const beside = before ?? after
    const same = rows.findIndex(({ key }) => key === row.key)
    if (beside === undefined) {
      if (same >= 0) rows[same] = row
      else rows.push(row)
      return
    }
    if (same >= 0) rows.splice(same, 1)
    const at = rows.findIndex(({ key }) => key === beside)
    if (at < 0) reportPlace([section, index, before === undefined ? 'after' : 'before'], placed, rows, report)
    rows.splice(before === undefined ? at + 1 : Math.max(at, 0), 0, row)
  })
  return rows
}

function reportPlace(
  path: Path,
  { before, after, key }: PlacedRow,
  rows: readonly TableRow[],
  report: Report,
): void {
  const beside = before ?? after ?? ''
  const keys = rows.map((row) => row.key)
  const remedy = didYouMean(beside, keys) ?? `the keys here, in their order: ${keys.join(' ')}`
  report(path, `there is no row ${beside} to put ${key} beside`, remedy)
}

function extendAdditional(base: TableContent, { additional, remove }: Rows): AdditionalEntry[] {
  const entries = base.additional.filter((entry) => !remove.includes(nameOf(entry)))
  for (const entry of additional) {
    const same = entries.findIndex((other) => nameOf(other) === nameOf(entry))
    if (same >= 0) entries[same] = entry
    else entries.push(entry)
  }
  return entries
}

function checkRemoved(base: TableContent, extension: Extension, report: Report): void {
  const names = [...base.fields, ...base.device].map(({ key }) => key).concat(base.additional.map(nameOf))
  const written = [...extension.fields, ...extension.device].map(({ key }) => key)
  const kept = new Set([...written, ...extension.additional.map(nameOf)])
  extension.remove.forEach((name, index) => {
    if (!names.includes(name)) {
      const remedy = didYouMean(name, names) ?? `it has ${names.join(' ')}`
      report(['remove', index], `the table it extends has no ${name}`, remedy)
    } else if (kept.has(name)) {
      report(['remove', index], `${name} is removed and written anew`, 'a row replaces the old one by itself')
    }
  })
}

/** The name that an entry of additional data is written under. */
export function nameOf(entry: AdditionalEntry): string {
  return typeof entry === 'string' ? entry : entry.name
}

/** Without the settings that were left out. */
function given<T extends object>(settings: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
