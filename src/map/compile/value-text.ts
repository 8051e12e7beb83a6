/**
 * The text of a value, compiled for the columns of one layout:
 *
 *   parts (the first that is not empty) → steps
 *
 * An empty text stays empty all the way, so that a part without a value leaves room for the next one.
 */

import type { Layout } from '../../flow/chunk.ts'
import { compileSteps, type Lookups } from '../steps.ts'
import { type Part, partsOf, type Value } from '../table/row-schema.ts'
import { parseTemplate } from '../table/template.ts'
import { compileHolding } from './condition.ts'
import { firstOf, type Making, nothing, through, together, where } from './making.ts'
import { namedText } from './named-text.ts'

/** The text of a value, its own condition aside; null when no record of this layout can have one. */
export function compileText(value: Value, layout: Layout, lookups: Lookups): Making | null {
  const first = firstOf(partsOf(value.from).flatMap((part) => compilePart(part, layout, lookups) ?? []))
  return first && through(compileSteps(value, lookups), first)
}

/** Null when the layout lacks the column, or the condition never holds. */
function compilePart(part: Part, layout: Layout, lookups: Lookups): Making | null {
  const holding = compileHolding(part, layout)
  const source = holding === 'never' ? null : placeOf(part, layout)
  if (source === null || holding === 'never') return null
  const text = through(compileSteps(part, lookups), source)
  return holding === null ? text : where(holding, text)
}

function placeOf({ column, custom, template, constant }: Part, layout: Layout): Making | null {
  const name = column ?? custom
  if (name !== undefined) return namedText(name, layout)
  if (template !== undefined) return templateText(template, layout)
  const text = String(constant ?? '')
  return { run: () => text, inputs: nothing, copies: null }
}

/** Empty when everything that is put into it is. */
function templateText(template: string, layout: Layout): Making | null {
  const pieces = parseTemplate(template).map((piece) =>
    'text' in piece ? piece.text : namedText(piece.name, layout),
  )
  const named = pieces.flatMap((piece) => (typeof piece === 'string' ? [] : (piece ?? [])))
  if (named.length === 0) return null
  const texts = pieces.map((piece) => (typeof piece === 'string' ? piece : (piece?.run ?? '')))
  return {
    run: (records, row) => {
      let isEmpty = true
      let text = ''
      for (const piece of texts) {
        const part = typeof piece === 'function' ? piece(records, row) : piece
        if (typeof piece === 'function' && part !== '') isEmpty = false
        text += part
      }
      return isEmpty ? '' : text
    },
    inputs: together(named.map(({ inputs }) => inputs)),
    copies: null,
  }
}
