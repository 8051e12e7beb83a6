/**
 * The text of a value that is more than a copy of one column, compiled for the columns of one layout:
 *
 *   parts (the first that is not empty) → list form → capture → lookup
 *
 * An empty text stays empty all the way, so that a part without a value leaves room for the next one.
 */

import type { Layout } from '../../flow/chunk.ts'
import { compilePattern } from '../../mistakes/pattern.ts'
import { trimBlanks } from '../../records/fields.ts'
import { splitList } from '../../records/list.ts'
import { defaultSeparator, type Lookup, type Part, partsOf, type Value } from '../table/row-schema.ts'
import { parseTemplate } from '../table/template.ts'
import { compileHolding } from './condition.ts'
import { firstOf, type Making, nothing, through, together, where } from './making.ts'
import { namedText } from './named-text.ts'

export type Lookups = Readonly<Record<string, Lookup>>

/** A pattern looks at so many characters: time grows with them, and a field may have hundreds of thousands. */
export const MOST_CAPTURED_FROM = 16_384

/** The text of a value, its own condition aside; null when no record of this layout can have one. */
export function compileText(value: Value, layout: Layout, lookups: Lookups): Making | null {
  const first = firstOf(partsOf(value.from).flatMap((part) => compilePart(part, layout, lookups) ?? []))
  return first && through(stepsOf(value, lookups), first)
}

/** Null when the layout lacks the column, or the condition never holds. */
function compilePart(part: Part, layout: Layout, lookups: Lookups): Making | null {
  const holding = compileHolding(part, layout)
  const source = holding === 'never' ? null : placeOf(part, layout)
  if (source === null || holding === 'never') return null
  const text = through(stepsOf(part, lookups), source)
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

/** What a value or a part of it goes through. */
type Steps = Pick<Value, 'as' | 'separator' | 'capture' | 'lookup'>

function stepsOf(steps: Steps, lookups: Lookups): readonly Step[] {
  return [listStep(steps), captureStep(steps), lookupStep(steps, lookups)].flatMap((step) => step ?? [])
}

type Step = (text: string) => string

function listStep({ as, separator = defaultSeparator }: Steps): Step | null {
  // A member without text is no recipient; between two `;` there is none.
  const members = (text: string) => splitList(text).map(trimBlanks).filter(Boolean)
  switch (as) {
    case 'list':
      return (text) => members(text).join(separator)
    case 'list-first':
      return (text) => members(text)[0] ?? ''
    case 'list-count':
      return (text) => String(members(text).length)
    default:
      return null
  }
}

function captureStep({ capture }: Steps): Step | null {
  if (capture === undefined) return null
  const pattern = compilePattern(capture)
  return (text) => {
    const begin = text.slice(0, MOST_CAPTURED_FROM)
    // Most texts don't match, and to see that is ten times as fast as to look for the groups.
    if (!pattern.test(begin)) return ''
    const [whole = '', ...groups] = pattern.exec(begin) ?? []
    if (groups.length === 0) return trimBlanks(whole)
    return trimBlanks(groups.find((group) => group !== undefined) ?? '')
  }
}

function lookupStep({ lookup: name }: Steps, lookups: Lookups): Step | null {
  if (name === undefined) return null
  const { values = {}, default: otherwise = '' } = lookups[name] ?? {}
  const texts = new Map(Object.entries(values).map(([from, to]) => [from, String(to)]))
  return (text) => texts.get(text) ?? String(otherwise)
}
