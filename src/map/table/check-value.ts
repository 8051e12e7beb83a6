/** Mistakes in where a value comes from and what it goes through, found in the raw YAML value of a row. */

import { didYouMean } from '../../mistakes/nearest.ts'
import { type Group, isGroup, type Path } from '../../mistakes/written.ts'
import { allColumns } from '../../records/layouts.ts'
import { checkSteps } from '../steps.ts'
import { madeNames } from './made-names.ts'
import { roleColumn, roles } from './roles.ts'
import { isCustomKey, partSettings } from './row-schema.ts'
import { columnPattern } from './shapes.ts'
import { entriesOf, type Report, type Surroundings, telling } from './surroundings.ts'
import { parseTemplate } from './template.ts'

const places = ['column', 'custom', 'members', 'template', 'constant'] as const

/** Checks a value: its parts, its steps and its conditions. */
export function checkValue(path: Path, value: Group, surroundings: Surroundings): void {
  checkFrom([...path, 'from'], value.from, surroundings)
  checkConditions(path, value, surroundings.report)
  checkSteps(path, value, surroundings)
}

/** Checks the name of a column: one that is nearly a known one was probably meant to be it. */
export function checkColumn(path: Path, name: unknown, report: Report): void {
  if (typeof name !== 'string' || !columnPattern.test(name) || isKnown(name)) return
  // What is like no known column may be one of a version to come.
  const remedy = didYouMean(name, allColumns)
  if (remedy !== undefined) report(path, `unknown column ${name}`, remedy)
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
  checkConditions(path, part, report)
  checkSteps(path, part, surroundings)
}

function checkTemplate(path: Path, template: string, report: Report): void {
  // Told by the shape.
  if (template === '') return
  telling(report, path, () => {
    for (const piece of parseTemplate(template)) {
      if ('text' in piece || piece.name in madeNames || isCustomKey(piece.name)) continue
      if (columnPattern.test(piece.name)) checkColumn(path, piece.name, report)
      else report(path, `{${piece.name}} is no column`, 'lower-case words joined by hyphens, or Type:Key')
    }
  })
}

function checkConditions(path: Path, value: Group, report: Report): void {
  for (const setting of ['when', 'unless']) {
    for (const [name, values] of entriesOf(value[setting])) {
      checkColumn([...path, setting, name], name, report)
      if (roleColumn(name) !== null) checkRoles([...path, setting, name], values, report)
    }
  }
}

function checkRoles(path: Path, values: unknown, report: Report): void {
  // What is no text is a mistake of the shape.
  const unknown = (Array.isArray(values) ? values : []).filter(
    (value): value is string => typeof value === 'string' && !roles.some((role) => role === value),
  )
  for (const value of unknown) report(path, `${value} is no role`, `there are: ${roles.join(', ')}`)
}
