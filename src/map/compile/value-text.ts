/**
 * The text of a value that is more than a copy of one column, compiled for the columns of one layout:
 *
 *   parts (the first that is not empty) → list form → capture → lookup
 *
 * An empty text stays empty all the way, so that a part without a value leaves room for the next one.
 */

import type { Layout } from '../../flow/chunk.ts'
import type { Derive } from '../../flow/plan.ts'
import { compilePattern } from '../../mistakes/pattern.ts'
import { columnIndex } from '../../records/layouts.ts'
import { splitList } from '../../records/list.ts'
import {
  type Converter,
  defaultSeparator,
  type From,
  type Lookup,
  type Part,
  partsOf,
  sourceName,
  type Value,
} from '../table/row-schema.ts'
import { compileHolds } from './condition.ts'
import { namedText } from './named-text.ts'
import { parseTemplate } from './template.ts'
import { trimBlanks } from './trim-blanks.ts'

export type Lookups = Readonly<Record<string, Lookup>>

/** A pattern looks at so many characters: time grows with them, and a field may have hundreds of thousands. */
export const MOST_CAPTURED_FROM = 16_384

/** Makes the text of a value; null when no record of this layout can have one. */
export function compileText(value: Value, layout: Layout, lookups: Lookups): Derive | null {
  const first = firstOf(value.from, layout, lookups)
  return first && withSteps(first, value, lookups)
}

/** A column that a value is a copy of. */
interface Copied {
  readonly column: number
  /** False when the value is something else where the column is blank. */
  readonly always: boolean
}

/** The column that a value copies, of those that the layout has; null when it does more than that. */
export function copiedColumn(value: Value, layout: Layout): Copied | null {
  if (hasSteps(value)) return null
  const parts = partsOf(value.from).filter((part) => compilePart(part, layout, {}) !== null)
  const [part, ...others] = parts
  if (part?.column === undefined || part.column === sourceName) return null
  if (hasSteps(part) || part.when !== undefined || part.unless !== undefined) return null
  return { column: columnIndex(layout, part.column), always: others.length === 0 }
}

interface Steps {
  readonly as?: Converter | undefined
  readonly separator?: string | undefined
  readonly capture?: string | undefined
  readonly lookup?: string | undefined
}

function hasSteps({ as, capture, lookup }: Steps): boolean {
  return as?.startsWith('list') === true || capture !== undefined || lookup !== undefined
}

function firstOf(from: From, layout: Layout, lookups: Lookups): Derive | null {
  const parts = partsOf(from).flatMap((part) => compilePart(part, layout, lookups) ?? [])
  if (parts.length < 2) return parts[0] ?? null
  return (records, row) => {
    for (const part of parts) {
      const text = part(records, row)
      if (text !== '') return text
    }
    return ''
  }
}

/** Null when the layout lacks the column, or the condition never holds. */
function compilePart(part: Part, layout: Layout, lookups: Lookups): Derive | null {
  const holds = compileHolds(part, layout)
  const source = holds === 'never' ? null : placeOf(part, layout)
  if (source === null || holds === 'never') return null
  const text = withSteps(source, part, lookups)
  return holds === null ? text : (records, row) => (holds(records, row) ? text(records, row) : '')
}

function placeOf({ column, custom, template, constant }: Part, layout: Layout): Derive | null {
  const name = column ?? custom
  if (name !== undefined) return namedText(name, layout)
  if (template !== undefined) return templateText(template, layout)
  const text = String(constant ?? '')
  return () => text
}

/** Empty when everything that is put into it is. */
function templateText(template: string, layout: Layout): Derive | null {
  const pieces = parseTemplate(template).map((piece) => {
    return 'text' in piece ? piece.text : namedText(piece.name, layout)
  })
  if (!pieces.some((piece) => typeof piece === 'function')) return null
  return (records, row) => {
    let isEmpty = true
    let text = ''
    for (const piece of pieces) {
      const part = typeof piece === 'function' ? piece(records, row) : (piece ?? '')
      if (typeof piece === 'function' && part !== '') isEmpty = false
      text += part
    }
    return isEmpty ? '' : text
  }
}

function withSteps(source: Derive, steps: Steps, lookups: Lookups): Derive {
  const all = [listStep(steps), captureStep(steps), lookupStep(steps, lookups)].flatMap((step) => step ?? [])
  if (all.length === 0) return source
  return (records, row) => {
    let text = source(records, row)
    for (const step of all) if (text !== '') text = step(text)
    return text
  }
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
