import type { Layout } from '../../flow/chunk.ts'
import type { Inputs } from '../../flow/plan.ts'
import { columnIndex } from '../../records/layouts.ts'
import { type Condition, isCustomKey, type Part, partsOf, type Value } from '../table/row-schema.ts'
import { soughtFor } from './custom-data.ts'
import { parseTemplate } from './template.ts'

/**
 * What these values are made of and their conditions look at, in records of a layout. Custom-data is hardly ever
 * twice the same, but mostly without the key that is asked for; null with several keys.
 */
export function inputsOf(values: readonly Value[], layout: Layout): Inputs | null {
  const parts = values.flatMap(({ from }) => partsOf(from))
  const conditions = [...values, ...parts].flatMap(conditionsOf)
  const asksForNone = ([, texts]: (typeof conditions)[number]) => texts.every((text) => text === '')
  const blanks = conditions.filter(asksForNone).map(([name]) => name)
  const others = conditions.filter((condition) => !asksForNone(condition)).map(([name]) => name)
  const names = [...others, ...parts.flatMap(namesOf)]
  const columns = columnsOf(names, layout)
  const inputs = {
    first: -1,
    columns,
    blanks: columnsOf(blanks, layout).filter((column) => !columns.includes(column)),
    unless: null,
  }
  const customData = columnIndex(layout, 'custom-data')
  const [key, ...otherKeys] = new Set([...names, ...blanks].filter(isCustomKey))
  if (key === undefined || customData < 0) return inputs
  return otherKeys.length > 0 ? null : { ...inputs, unless: { column: customData, text: soughtFor(key) } }
}

function columnsOf(names: readonly string[], layout: Layout): readonly number[] {
  return [...new Set(names.map((name) => columnIndex(layout, name)))].filter((column) => column >= 0)
}

function namesOf({ column, custom, template }: Part): readonly string[] {
  const name = column ?? custom
  if (name !== undefined) return [name]
  if (template === undefined) return []
  return parseTemplate(template).flatMap((piece) => ('name' in piece ? piece.name : []))
}

function conditionsOf(one: {
  readonly when?: Condition | undefined
  readonly unless?: Condition | undefined
}) {
  return Object.entries({ ...one.when, ...one.unless })
}
