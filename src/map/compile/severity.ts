import type { Layout } from '../../flow/chunk.ts'
import type { DeriveSeverity, EventPlan } from '../../flow/plan.ts'
import { columnIndex } from '../../records/layouts.ts'
import type { TableContent } from '../table/schema.ts'
import { compileHolds } from './condition.ts'
import { inputsOf } from './inputs-of.ts'
import { compileText, type Lookups } from './value-text.ts'

/** The severity of a table for one layout: its lookups in their order, then the level of its column. */
export function compileSeverity(
  { first = [], from, levels, default: otherwise }: TableContent['severity'],
  layout: Layout,
  lookups: Lookups,
): EventPlan['severity'] {
  const tried = first.flatMap((one) => compileLookup(one, layout, lookups) ?? [])
  return {
    column: columnIndex(layout, from),
    levels: new Map(Object.entries(levels)),
    default: otherwise,
    derive: tried.length === 0 ? null : firstHit(tried),
    inputs: inputsOf(first, layout),
  }
}

function firstHit(tried: readonly DeriveSeverity[]): DeriveSeverity {
  return (records, row) => {
    for (const one of tried) {
      const level = one(records, row)
      if (level >= 0) return level
    }
    return -1
  }
}

function compileLookup(
  one: NonNullable<TableContent['severity']['first']>[number],
  layout: Layout,
  lookups: Lookups,
): DeriveSeverity | null {
  const text = compileText(one, layout, lookups)
  const holds = compileHolds(one, layout)
  if (text === null || holds === 'never') return null
  const levels = new Map(Object.entries(one.levels))
  return (records, row) =>
    holds === null || holds(records, row) ? (levels.get(text(records, row)) ?? -1) : -1
}
