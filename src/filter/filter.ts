/** Which records are delivered, decided on the fields of the log before anything is encoded. */

import type { Layout } from '../flow/chunk.ts'
import type { Filter } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import type { Decision } from './byte-test.ts'
import { noiseRules } from './noise.ts'
import type { FilterSettings } from './options.ts'
import { readyRules } from './ready.ts'
import { allOf, eventRule, holds, type Rule, rulesOf } from './rules.ts'

/** What one rule says on one record. */
export interface RuleResult {
  /** Where the rule stands and what it asks for: `filter.not.senders: @contoso.com`. */
  readonly rule: string
  readonly holds: boolean
  /** 0 for the rules all of which must hold; a rule is followed by those it is put together from, one deeper. */
  readonly depth: number
}

/**
 * The filter of a destination, for each layout; null where every row passes. `failed`, one for each of `ruleNames`, is
 * counted up by the first rule that a row does not meet. Throws an `Error` for a pattern that `filterShape` would have
 * refused.
 */
export function compileFilter(
  settings: FilterSettings,
  failed?: Uint32Array,
): (layout: Layout) => Filter | null {
  const rules = allRules(settings)
  const counted = rules.map((rule, index) => (failed === undefined ? rule : countedRule(rule, index, failed)))
  return (layout) => {
    const decision = allOf(counted, layout, true)
    if (typeof decision === 'boolean') return decision ? null : () => false
    return decision
  }
}

/** What each rule of the filter says on a record; all of those at depth 0 hold where it is delivered. */
export function explainFilter(
  settings: FilterSettings,
  layout: Layout,
): (records: Records, row: number) => readonly RuleResult[] {
  const compile = (rule: Rule, depth: number, unknown: boolean): readonly CompiledRule[] => [
    { rule: rule.name, decision: rule.on(layout, unknown), depth },
    ...rule.inner.flatMap((inner) => compile(inner, depth + 1, rule.negates ? !unknown : unknown)),
  ]
  const compiled = allRules(settings).flatMap((rule) => compile(rule, 0, true))
  return (records, row) =>
    compiled.map(({ rule, decision, depth }) => ({ rule, holds: holds(decision, records, row), depth }))
}

/** The rules that must all hold, in their order. */
export function ruleNames(settings: FilterSettings): readonly string[] {
  return allRules(settings).map(({ name }) => name)
}

/** The rules that must all hold, in words: `filter.senders: @contoso.com`; below one, those it is put together from. */
export function describeFilter(settings: FilterSettings): readonly string[] {
  const lines = ({ name, inner }: Rule, depth: number): readonly string[] => [
    `${'  '.repeat(depth)}${name}`,
    ...inner.flatMap((rule) => lines(rule, depth + 1)),
  ]
  return allRules(settings).flatMap((rule) => lines(rule, 0))
}

/** The same rule; counts the rows that do not meet it. */
function countedRule(rule: Rule, index: number, failed: Uint32Array): Rule {
  return {
    ...rule,
    on: (layout, unknown) => {
      const decision = rule.on(layout, unknown)
      if (decision === true) return true
      return (records, row) => {
        if (decision !== false && decision(records, row)) return true
        failed[index]!++
        return false
      }
    },
  }
}

interface CompiledRule extends Omit<RuleResult, 'holds'> {
  readonly decision: Decision
}

function allRules({ events, filter, noise, only, organisation }: FilterSettings): readonly Rule[] {
  return [
    ...(events === undefined || events.length === 0 ? [] : [eventRule('events', events)]),
    ...(filter === undefined ? [] : rulesOf(filter, 'filter')),
    ...readyRules(only, organisation),
    ...noiseRules(noise),
  ]
}
