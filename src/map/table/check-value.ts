/** Mistakes in where a value comes from and what it goes through, found in the raw YAML value of a row. */

import { nearest } from '../../mistakes/nearest.ts'
import { compilePattern } from '../../mistakes/pattern.ts'
import { allColumns } from '../../records/layouts.ts'
import { columnPattern, isCustomKey, partSettings, sourceName } from './row-schema.ts'
import { parseTemplate } from './template.ts'

export type Path = readonly PropertyKey[]
export type Report = (path: Path, message: string, remedy?: string) => void
export type Loose = Readonly<Record<string, unknown>>

/** What the checks need to know of the whole table. */
export interface Surroundings {
  /** Lookups by name, those of the table that is extended included; nothing is known of what they hold. */
  readonly lookups: ReadonlyMap<string, unknown>
  readonly report: Report
}

const places = ['column', 'custom', 'template', 'constant'] as const

/** Checks a value: its parts, its steps and its conditions. */
export function checkValue(path: Path, value: Loose, surroundings: Surroundings): void {
  checkFrom([...path, 'from'], value.from, surroundings)
  checkSteps(path, value, surroundings)
}

/** Checks the name of a column: one that is nearly a known one was probably meant to be it. */
export function checkColumn(path: Path, name: unknown, report: Report): void {
  if (typeof name !== 'string' || !columnPattern.test(name) || isKnown(name)) return
  // What is like no known column may be one of a version to come.
  const meant = nearest(name, allColumns)
  if (meant !== undefined) report(path, `unknown column ${name}`, `did you mean ${meant}?`)
}

/** The values of a group, by name; none of anything else. */
export function entriesOf(value: unknown): readonly [string, unknown][] {
  return isGroup(value) ? Object.entries(value) : []
}

/** True for what YAML writes as `name: value` pairs. */
export function isGroup(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isKnown(name: string): boolean {
  return allColumns.some((column) => column === name)
}

function checkFrom(path: Path, from: unknown, surroundings: Surroundings): void {
  if (Array.isArray(from)) {
    for (const [index, part] of from.entries()) checkPart([...path, index], part, surroundings)
  } else {
    checkPart(path, from, surroundings)
  }
}

function checkPart(path: Path, part: unknown, surroundings: Surroundings): void {
  const { report } = surroundings
  if (!isGroup(part)) {
    checkColumn(path, part, report)
    return
  }
  const given = places.filter((place) => part[place] !== undefined)
  // An unknown setting, which the shape reports, was probably meant to be the one that is missing.
  const isComplete = Object.keys(part).every((name) => partSettings.includes(name))
  if (given.length > 1 || (given.length === 0 && isComplete)) {
    const message = given.length === 0 ? 'says not what is taken' : `takes ${given.join(' and ')} at once`
    report(path, message, `write one of ${places.join(', ')}; several make a list`)
  }
  checkColumn([...path, 'column'], part.column, report)
  if (typeof part.template === 'string') checkTemplate([...path, 'template'], part.template, report)
  checkSteps(path, part, surroundings)
}

function checkTemplate(path: Path, template: string, report: Report): void {
  try {
    for (const piece of parseTemplate(template)) {
      if ('text' in piece || piece.name === sourceName || isCustomKey(piece.name)) continue
      if (columnPattern.test(piece.name)) checkColumn(path, piece.name, report)
      else report(path, `{${piece.name}} is no column`, 'lower-case words joined by hyphens, or Type:Key')
    }
  } catch (error) {
    if (template !== '') report(path, (error as Error).message)
  }
}

function checkSteps(path: Path, value: Loose, { lookups, report }: Surroundings): void {
  if (value.when !== undefined && value.unless !== undefined) {
    report([...path, 'unless'], 'a row has either when or unless', 'give the values in one of the two')
  }
  for (const setting of ['when', 'unless']) {
    for (const [name] of entriesOf(value[setting])) checkColumn([...path, setting, name], name, report)
  }
  if (value.separator !== undefined && value.as !== 'list') {
    report([...path, 'separator'], 'only a list has separators', 'add `as: list`, or leave separator out')
  }
  if (typeof value.capture === 'string') {
    try {
      compilePattern(value.capture)
    } catch (error) {
      report([...path, 'capture'], (error as Error).message)
    }
  }
  if (typeof value.lookup === 'string' && !lookups.has(value.lookup)) {
    const meant = nearest(value.lookup, lookups.keys())
    const others = [...lookups.keys()].join(', ') || 'none; write one under lookups:'
    report(
      [...path, 'lookup'],
      `there is no lookup ${value.lookup}`,
      meant === undefined ? `there are: ${others}` : `did you mean ${meant}?`,
    )
  }
}
