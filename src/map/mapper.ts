import type { Layout } from '../flow/chunk.ts'
import type { EventPlan } from '../flow/plan.ts'
import { type Problem, ProblemsError } from '../mistakes/problem.ts'
import { columnIndex } from '../records/layouts.ts'
import { type Agent, agentValues } from './agent.ts'
import { addValues } from './compile/added-values.ts'
import { additionalKey, compileMapping } from './compile/compile.ts'
import { giveValues } from './compile/given-values.ts'
import { checkLabels, checkSourceLabels, withLabels } from './compile/label-text.ts'
import {
  type AdditionalStyle,
  type CefVersion,
  type LabelStyle,
  namedCategories,
  type Organisation,
  type RawEvent,
  type SourceFields,
} from './options.ts'
import { checkCefVersion } from './table/check.ts'
import {
  loadAutomaticMappings,
  loadCategories,
  loadDictionary,
  loadMapping,
  loadReadyCategories,
  type MappingTable,
} from './table/load.ts'

export interface MapperOptions {
  /** `auto`, the name of a built-in table or the path of a file. */
  readonly mapping: string
  readonly cefVersion: CefVersion
  readonly additionalData: AdditionalStyle
  /** `space` by default. */
  readonly labels?: LabelStyle | undefined
  /** Path of a file of categories in the form of ArcSight, or one of `namedCategories`; `none` by default. */
  readonly categories?: string | undefined
  /** What is known of the organisation; nothing by default. */
  readonly organisation?: Organisation | undefined
  /** Who sends, where events say so. */
  readonly sentBy?: Agent | undefined
  /** Constants of the sources; none by default. */
  readonly sourceFields?: SourceFields | undefined
  /** `none` by default. */
  readonly rawEvent?: RawEvent | undefined
  /** Whether one row may become several events; false by default. */
  readonly linksEvents?: boolean | undefined
}

/** Gives the plan for the columns at hand; the same object for the same columns and version. */
export interface Mapper {
  planFor(layout: Layout): EventPlan
}

/** Headers come from the logs, so the number of different ones is not ours to choose. */
const maxCachedPlans = 64

/** Undefined when there were problems, which are then among `problems`: those of another file are told with them. */
function loaded<T>(load: () => T, problems: Problem[]): T | undefined {
  try {
    return load()
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

/** Loads and checks the tables at once, so that a mistake shows before anything is sent (ProblemsError). */
export function createMapper(settings: MapperOptions): Mapper {
  const { mapping, cefVersion, additionalData, labels = 'space' } = settings
  const { rawEvent = 'none', linksEvents = false } = settings
  const dictionary = loadDictionary()
  const problems: Problem[] = []
  const { categories: named = 'none' } = settings
  const ready = named === 'arcsight' ? loadReadyCategories() : {}
  const isFile = namedCategories.every((name) => name !== named)
  const categories = (isFile ? loaded(() => loadCategories(named), problems) : undefined) ?? {}
  const load = () =>
    mapping === 'auto' ? loadAutomaticMappings({ dictionary }) : [loadMapping(mapping, { dictionary })]
  const tables = loaded(load, problems) ?? []
  const sourceFields: SourceFields = settings.sourceFields ?? new Map()
  const checked = tables.flatMap(({ content, placeOf }) => [
    ...checkCefVersion(content, dictionary, cefVersion, placeOf),
    ...checkLabels(content, labels, placeOf),
    ...checkSourceLabels(content, sourceFields, dictionary, labels),
  ])
  problems.push(...checked)
  if (rawEvent === 'additional' && additionalData === 'none') problems.push(rawEventNowhere)
  if (problems.length > 0) throw new ProblemsError(problems)
  const { organisation } = settings
  const options = { cefVersion, additionalData, dictionary, ready, categories, organisation }
  const agent = settings.sentBy === undefined ? [] : agentValues(settings.sentBy, dictionary)
  const given = { sourceFields, agent, dictionary }
  const plans = new Map<string, EventPlan>()
  let last: { readonly layout: Layout; readonly plan: EventPlan } | undefined

  function planFor(layout: Layout): EventPlan {
    if (last?.layout === layout) return last.plan
    const key = [layout.version, ...layout.columns].join('\n')
    let plan = plans.get(key)
    if (plan === undefined) {
      const table = tableFor(tables, layout)
      const whole = addValues(compileMapping(table, layout, options), layout, {
        rawEvent,
        linksEvents,
        dictionary,
        additionalKey: (name) => additionalKey(name, table.content, options),
      })
      plan = withLabels(giveValues(whole, given), labels)
      if (plans.size >= maxCachedPlans) plans.clear()
      plans.set(key, plan)
    }
    last = { layout, plan }
    return plan
  }
  return { planFor }
}

const rawEventNowhere: Problem = {
  where: { setting: ['rawEvent'] },
  message: 'there is no additional data that could carry the row',
  remedy: 'write `rawEvent: field`, or set additionalData to something else than none',
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
