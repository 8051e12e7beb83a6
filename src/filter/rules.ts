/** The conditions of a filter as rules: each can be compiled for a layout, and named to a person. */

import type { Layout } from '../flow/chunk.ts'
import type { Filter } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import { allColumns, type Column } from '../records/layouts.ts'
import type { ByteTest } from '../records/members.ts'
import type { AskedOfList } from './asked.ts'
import { type Decision, equalsOneOf, testOfColumn } from './byte-test.ts'
import { columnTests } from './columns.ts'
import { compileCustomData } from './custom-data.ts'
import { compileEventFilter } from './events.ts'
import type { FilterGroup } from './options.ts'

export interface Rule {
  /** Where it stands and what it asks for: `filter.senders: @contoso.com`. */
  readonly name: string
  /**
   * What it says on a layout. `unknown` is the answer where a log has no event ids: the one with which the row
   * passes, since nothing is dropped unasked.
   */
  readonly on: (layout: Layout, unknown: boolean) => Decision
  /** What it is put together from. */
  readonly inner: readonly Rule[]
  /** True for a rule that holds where its inner ones don't. */
  readonly negates: boolean
}

/** A rule of its own. */
export function rule(name: string, on: Rule['on']): Rule {
  return { name, on, inner: [], negates: false }
}

/** A rule that keeps these event ids. */
export function eventRule(name: string, events: readonly string[]): Rule {
  const filterFor = compileEventFilter(events)
  return rule(shown(name, events), (layout, unknown) => filterFor(layout) ?? unknown)
}

/** The rules of a group, which stands at `place`; the group holds where all of them do. */
export function rulesOf(group: FilterGroup, place: string): readonly Rule[] {
  const {
    events,
    sources,
    directionality,
    senders,
    recipients,
    sizeBytes,
    customData,
    columns,
    and,
    or,
    not,
  } = group
  const column = (setting: keyof FilterGroup, name: Column, asked: readonly string[], test: ByteTest) =>
    rule(shown(`${place}.${setting}`, asked), (layout) => testOfColumn(layout, name, test))
  const asked = (setting: string, name: Column, conditions: AskedOfList | undefined) =>
    conditions === undefined
      ? []
      : columnTests(name, conditions).map(({ name: condition, entries, test }) =>
          rule(shown(`${place}.${setting}${condition && `.${condition}`}`, entries), (layout) =>
            testOfColumn(layout, name, test),
          ),
        )
  return [
    events && eventRule(`${place}.events`, events),
    sources && column('sources', 'source', sources, equalsOneOf(sources)),
    directionality && column('directionality', 'directionality', directionality, equalsOneOf(directionality)),
    ...asked('senders', 'sender-address', senders),
    ...asked('recipients', 'recipient-address', recipients),
    sizeBytes && column('sizeBytes', 'total-bytes', [limits(sizeBytes)], sizeTest(sizeBytes)),
    customData && column('customData', 'custom-data', customData, compileCustomData(customData)),
    ...allColumns.flatMap((name) => asked(`columns.${name}`, name, columns?.[name])),
    and && allRule(`${place}.and`, membersOf(and, `${place}.and`)),
    or && anyRule(`${place}.or`, membersOf(or, `${place}.or`)),
    not && notRule(`${place}.not`, rulesOf(not, `${place}.not`)),
  ].filter((rule) => rule !== undefined)
}

/** Whether all of the rules hold. */
export function allOf(rules: readonly Rule[], layout: Layout, unknown: boolean): Decision {
  const filters: Filter[] = []
  for (const rule of rules) {
    const decision = rule.on(layout, unknown)
    if (decision === false) return false
    if (decision !== true) filters.push(decision)
  }
  const [first, second] = filters
  if (first === undefined) return true
  if (second === undefined) return first
  return (records, row) => {
    for (const filter of filters) if (!filter(records, row)) return false
    return true
  }
}

/** The other way round. */
export function negated(decision: Decision): Decision {
  if (typeof decision === 'boolean') return !decision
  return (records, row) => !decision(records, row)
}

/** What a decision is for one row. */
export function holds(decision: Decision, records: Records, row: number): boolean {
  return typeof decision === 'boolean' ? decision : decision(records, row)
}

function membersOf(groups: readonly FilterGroup[], place: string): readonly Rule[] {
  return groups.map((group, index) => allRule(`${place}.${index}`, rulesOf(group, `${place}.${index}`)))
}

function allRule(name: string, inner: readonly Rule[]): Rule {
  return { name, on: (layout, unknown) => allOf(inner, layout, unknown), inner, negates: false }
}

function notRule(name: string, inner: readonly Rule[]): Rule {
  return { name, on: (layout, unknown) => negated(allOf(inner, layout, !unknown)), inner, negates: true }
}

/** Any holds exactly where not all are other than holding. */
export function anyRule(name: string, inner: readonly Rule[]): Rule {
  const others = inner.map((each): Rule => ({ ...each, on: (...at) => negated(each.on(...at)) }))
  return { name, on: (layout, unknown) => negated(allOf(others, layout, unknown)), inner, negates: false }
}

function shown(name: string, asked: readonly string[]): string {
  return `${name}: ${asked.join(', ')}`
}

function limits({ min, max }: NonNullable<FilterGroup['sizeBytes']>): string {
  return [min !== undefined && `min ${min}`, max !== undefined && `max ${max}`].filter(Boolean).join(', ')
}

/** A value that is no number has no size, so it is within no limits. */
function sizeTest({
  min = 0,
  max = Number.POSITIVE_INFINITY,
}: NonNullable<FilterGroup['sizeBytes']>): ByteTest {
  return (bytes, start, end) => {
    if (start === end) return false
    let size = 0
    for (let at = start; at < end; at++) {
      const digit = bytes[at]! - 0x30
      if (digit < 0 || digit > 9) return false
      size = size * 10 + digit
    }
    return size >= min && size <= max
  }
}
