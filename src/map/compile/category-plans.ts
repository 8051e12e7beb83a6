import type { Layout } from '../../flow/chunk.ts'
import type { ValuePlan } from '../../flow/plan.ts'
import { type Dictionary, typeIn } from '../table/dictionary.ts'
import { type Categories, categoryKeys, type TableContent } from '../table/schema.ts'
import { compileText } from './value-text.ts'

/** Categories beside those of the table: those that give way to them, and those that go before them. */
interface GivenCategories {
  readonly ready?: Categories | undefined
  readonly categories?: Categories | undefined
  readonly dictionary: Dictionary
}

/** The categories as values of an event: for each key that is used, by the event class id of the header. */
export function categoryPlans(
  { header, categories: own }: TableContent,
  { ready = {}, categories: given = {}, dictionary }: GivenCategories,
  layout: Layout,
): ValuePlan[] {
  const categories = new Map(Object.entries({ ...ready, ...own, ...given }))
  const id = compileText({ from: header.eventClassId.from }, layout, {})
  if (id === null) return []
  const used = categoryKeys.filter((key) =>
    [...categories.values()].some((values) => values[key] !== undefined),
  )
  return used.flatMap((key) => {
    const entry = dictionary.keys.get(key)
    if (entry === undefined || typeIn(entry, 0) !== 'string') return []
    return {
      key,
      column: -1,
      derive: (records, row) => categories.get(id.run(records, row))?.[key] ?? '',
      inputs: id.inputs,
      origin: `categories of ${header.eventClassId.from.join(', else ')}`,
      as: 'text',
      maxBytes: entry.bytes ?? 0,
      max: 0n,
      overflowKey: null,
      when: null,
      label: null,
    }
  })
}
