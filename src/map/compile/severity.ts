import type { Layout } from '../../flow/chunk.ts'
import type { DeriveSeverity, EventPlan, Inputs } from '../../flow/plan.ts'
import { columnIndex } from '../../records/layouts.ts'
import type { Organisation } from '../options.ts'
import type { Lookups } from '../steps.ts'
import type { TableContent } from '../table/schema.ts'
import { compileHolding } from './condition.ts'
import { together } from './making.ts'
import { compileText, whereHeld } from './value-text.ts'

/** The severity of a table for one layout: its lookups in their order, then the level of its column. */
export function compileSeverity(
  { first = [], from, levels, default: otherwise }: TableContent['severity'],
  layout: Layout,
  lookups: Lookups,
  organisation: Organisation = {},
): EventPlan['severity'] {
  const tried = first.flatMap((one) => compileLookup(one, layout, lookups, organisation) ?? [])
  return {
    column: columnIndex(layout, from),
    levels: new Map(Object.entries(levels)),
    default: otherwise,
    derive: tried.length === 0 ? null : firstHit(tried.map(({ level }) => level)),
    inputs: together(tried.map(({ inputs }) => inputs)),
  }
}

/** One lookup: the level it gives, -1 for none, and what that depends on. */
interface Tried {
  readonly level: DeriveSeverity
  readonly inputs: Inputs | null
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
  organisation: Organisation,
): Tried | null {
  const text = compileText(one, layout, lookups, organisation)
  const holding = compileHolding(one, layout, organisation)
  if (text === null || holding === 'never') return null
  const levels = new Map(Object.entries(one.levels))
  const level: DeriveSeverity = (records, row) => levels.get(text.run(records, row)) ?? -1
  if (holding === null) return { level, inputs: text.inputs }
  const { holds } = holding
  return {
    level: (records, row) => (holds(records, row) ? level(records, row) : -1),
    inputs: whereHeld(one, holding, text, layout).inputs,
  }
}
