import { columnIndex } from '../layouts.ts'
import type { Layout } from '../types.ts'
import { type Condition, isCustomKey, type Part, partsOf, sourceName, type Value } from './row-schema.ts'
import { parseTemplate } from './template.ts'

/**
 * The columns of a layout that a value is made of and its conditions look at; null where these are hardly ever
 * twice the same, as with custom-data.
 */
export function fieldsOf(value: Value, layout: Layout): readonly number[] | null {
  const parts = partsOf(value.from)
  const names = [value, ...parts].flatMap(namesOfConditions)
  for (const part of parts) names.push(...namesOf(part))
  if (names.some(isCustomKey)) return null
  const columns = names
    .filter((name) => name !== sourceName)
    .map((name) => columnIndex(layout, name))
    .filter((column) => column >= 0)
  return [...new Set(columns)]
}

function namesOf({ column, custom, template }: Part): readonly string[] {
  const name = column ?? custom
  if (name !== undefined) return [name]
  if (template === undefined) return []
  return parseTemplate(template).flatMap((piece) => ('name' in piece ? piece.name : []))
}

function namesOfConditions(one: {
  readonly when?: Condition | undefined
  readonly unless?: Condition | undefined
}): readonly string[] {
  return Object.keys({ ...one.when, ...one.unless })
}
