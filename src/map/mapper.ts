import { ProblemsError } from '../problems.ts'
import type { EventPlan, Layout } from '../types.ts'
import { checkCefVersion } from './check.ts'
import { columnIndex } from './columns.ts'
import { compileMapping } from './compile.ts'
import { loadAutomaticMappings, loadDictionary, loadMapping, type MappingTable } from './load.ts'
import type { AdditionalStyle, CefVersion } from './options.ts'

export interface MapperOptions {
  /** `auto`, the name of a built-in table or the path of a file. */
  readonly mapping: string
  readonly cefVersion: CefVersion
  readonly additionalData: AdditionalStyle
}

/** Gives the plan for the columns at hand; the same object for the same columns and version. */
export interface Mapper {
  planFor(layout: Layout): EventPlan
}

/** Headers come from the logs, so the number of different ones is not ours to choose. */
const maxCachedPlans = 64

/** Loads and checks the tables at once, so that a mistake shows before anything is sent (ProblemsError). */
export function createMapper({ mapping, cefVersion, additionalData }: MapperOptions): Mapper {
  const dictionary = loadDictionary()
  const tables =
    mapping === 'auto' ? loadAutomaticMappings({ dictionary }) : [loadMapping(mapping, { dictionary })]
  const problems = tables.flatMap(({ file }) => checkCefVersion(file, dictionary, cefVersion))
  if (problems.length > 0) throw new ProblemsError(problems)
  const options = { cefVersion, additionalData, dictionary }
  const plans = new Map<string, EventPlan>()
  let last: { readonly layout: Layout; readonly plan: EventPlan } | undefined

  function planFor(layout: Layout): EventPlan {
    if (last?.layout === layout) return last.plan
    const key = [layout.version, ...layout.columns].join('\n')
    let plan = plans.get(key)
    if (plan === undefined) {
      plan = compileMapping(tableFor(tables, layout), layout, options)
      if (plans.size >= maxCachedPlans) plans.clear()
      plans.set(key, plan)
    }
    last = { layout, plan }
    return plan
  }
  return { planFor }
}

function tableFor(tables: readonly MappingTable[], layout: Layout): MappingTable {
  if (tables.length === 1) return tables[0]!
  const has = (name: string) => columnIndex(layout, name) >= 0
  const fitting = tables.find(({ content: { for: logs } }) => {
    return (logs?.with ?? []).every(has) && !(logs?.without ?? []).some(has)
  })
  // The built-in tables leave no gap; a test holds them to it.
  if (fitting === undefined) throw new Error(`no mapping table for the columns ${layout.columns.join(',')}`)
  return fitting
}
