/** A mapping table in words, for people who read it: what a value is made of, and when an event has it. */

import { describeSteps } from './steps.ts'
import { madeNames } from './table/made-names.ts'
import { type Condition, type Converter, type Part, partsOf, type Value } from './table/row-schema.ts'
import type { TableContent } from './table/schema.ts'

/** One value of the event, in the order of the event. Texts that have nothing to say are empty. */
export interface DescribedRow {
  readonly section: 'fields' | 'device' | 'additional'
  /** The CEF key, or the name of the additional data. */
  readonly key: string
  readonly from: string
  readonly as: Converter
  /** `where event-id is SEND or FAIL`. */
  readonly when: string
  readonly label: string
  readonly overflow: string
}

/** The rows of a table, those of what it extends included. */
export function describeTable({ fields, device, additional }: TableContent): readonly DescribedRow[] {
  const described = (section: 'fields' | 'device', rows: TableContent['fields']) =>
    rows.map((row) => ({
      section,
      key: row.key,
      from: describeValue(row),
      as: row.as,
      when: describeConditions(row),
      label: row.label ?? '',
      overflow: row.overflow ?? '',
    }))
  return [
    ...described('fields', fields),
    ...described('device', device),
    ...additional.map((entry) => {
      const row = typeof entry === 'string' ? { name: entry, from: entry, as: 'text' as const } : entry
      const texts = { from: describeValue(row), when: describeConditions(row), label: '', overflow: '' }
      return { section: 'additional' as const, key: row.name, as: row.as, ...texts }
    }),
  ]
}

/** What a value is made of: `the first of original-client-ip, client-ip where event-id is RECEIVE`. */
export function describeValue(value: Value): string {
  const parts = partsOf(value.from).map(describePlace)
  return describeSteps(parts.length === 1 ? (parts[0] ?? '') : `the first of ${parts.join(', ')}`, value)
}

/** `where event-id is SEND or FAIL and source is SMTP`, behind `lead`; empty without a condition. */
export function describeConditions(
  { when, unless }: { readonly when?: Condition | undefined; readonly unless?: Condition | undefined },
  lead = '',
): string {
  if (unless === undefined) return when === undefined ? '' : `${lead}where ${describeCondition(when)}`
  if (when !== undefined) {
    return `${lead}where ${describeCondition(when)}, except where ${describeCondition(unless)}`
  }
  const [only, ...others] = Object.entries(unless)
  // One column reads best turned round; of several, not all hold.
  if (only !== undefined && others.length === 0) return `${lead}where ${only[0]} is not ${oneOf(only[1])}`
  return `${lead}except where ${describeCondition(unless)}`
}

function describeCondition(condition: Condition): string {
  return Object.entries(condition)
    .map(([name, values]) => `${nameOf(name)} is ${oneOf(values)}`)
    .join(' and ')
}

function oneOf(values: readonly string[]): string {
  return values.map((value) => (value === '' ? 'empty' : value)).join(' or ')
}

/** One of the places of a value in words, with its condition. */
export function describePlace(part: Part): string {
  return `${describePart(part)}${describeConditions(part, ' ')}`
}

function describePart(part: Part): string {
  const { column, custom, members, template, constant } = part
  const place =
    (column !== undefined && nameOf(column)) ||
    (custom !== undefined && `${custom} of custom-data`) ||
    (members !== undefined && `what follows ${members} in members of custom-data`) ||
    (template !== undefined && `"${template}"`) ||
    `"${constant ?? ''}"`
  return describeSteps(place, part)
}

function nameOf(column: string): string {
  return madeNames[column] ?? column
}
