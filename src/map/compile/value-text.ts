/**
 * The text of a value, compiled for the columns of one layout:
 *
 *   parts (the first that is not empty) → steps
 *
 * An empty text stays empty all the way, so that a part without a value leaves room for the next one.
 */

import type { Layout } from '../../flow/chunk.ts'
import type { Inputs, StandsIn } from '../../flow/plan.ts'
import { type Column, columnIndex } from '../../records/layouts.ts'
import { describePlace } from '../describe.ts'
import type { Organisation } from '../options.ts'
import { compileSteps, defaultSeparator, type Lookups, listFormOf, type Steps } from '../steps.ts'
import { type Part, partsOf, type Value } from '../table/row-schema.ts'
import { columnPattern } from '../table/shapes.ts'
import { parseTemplate } from '../table/template.ts'
import { compileHolding } from './condition.ts'
import { firstOf, type Holding, type Making, nothing, through, together, where } from './making.ts'
import { membersText, namedText } from './named-text.ts'
import { takesNoAddress } from './no-address.ts'
import { runIn, runInList } from './pattern-run.ts'

/** The text of a value, its own condition aside; null when no record of this layout can have one. */
export function compileText(
  value: Value,
  layout: Layout,
  lookups: Lookups,
  organisation: Organisation = {},
): Making | null {
  const compiled = partsOf(value.from).flatMap(
    (part) => compilePart(part, layout, lookups, organisation) ?? [],
  )
  const first = firstOf(compiled)
  return first && stepped(value, first, lookups)
}

/** The text after the steps of a value or of a part. */
function stepped(how: Steps, making: Making, lookups: Lookups): Making {
  const made = through(compileSteps(how, lookups), making)
  const { copies } = making
  const sought = copies?.always === true ? soughtBy(how) : null
  if (copies === null || sought === null) return made
  return { ...made, inputs: { ...nothing, unless: sought.map((text) => ({ column: copies.column, text })) } }
}

/** What stands in a column wherever these steps leave anything of it: one of these; null when that can't be said. */
function soughtBy({ capture, as, separator }: Steps): readonly StandsIn['text'][] | null {
  if (capture === undefined) return null
  const isList = listFormOf(as) !== undefined
  if (!isList && takesNoAddress(capture)) return [null]
  const run = runIn(capture)
  if (run === null || !isList) return run && [run]
  const inList = as === 'list' ? runInList(run, separator ?? defaultSeparator) : null
  return inList && [inList]
}

/** Null when the layout lacks the column, or the condition never holds. */
function compilePart(
  part: Part,
  layout: Layout,
  lookups: Lookups,
  organisation: Organisation,
): Making | null {
  const holding = compileHolding(part, layout, organisation)
  const source = holding === 'never' ? null : placeOf(part, layout, organisation)
  if (source === null || holding === 'never') return null
  const text = stepped(part, source, lookups)
  return { ...whereHeld(part, holding, text, layout), because: () => describePlace(part) }
}

/** The text of a part, only of rows that its own condition holds for; null: of all. */
export function whereHeld(
  part: Pick<Part, 'when'>,
  holding: Holding | null,
  text: Making,
  layout: Layout,
): Making {
  if (holding === null) return text
  return where(holding, text, seldomAsked(part, together([text.inputs, holding.inputs]), layout))
}

/** Columns that hardly say the same twice: what is made of one of them is not found again. */
const varied: readonly Column[] = [
  'custom-data',
  'internal-message-id',
  'log-id',
  'message-id',
  'message-info',
  'message-subject',
  'network-message-id',
  'recipient-address',
  'recipient-status',
  'reference',
  'related-recipient-address',
  'return-path',
  'sender-address',
  'source-context',
]

/**
 * Of a part that is made of such a column, and only where another one has one of a few values: these values, so that
 * what the whole is made of can be kept for all other records. None where it is no such part.
 */
function seldomAsked(
  { when = {} }: Pick<Part, 'when'>,
  inputs: Inputs | null,
  layout: Layout,
): readonly StandsIn[] {
  const looksAt = (name: Column) => inputs?.columns.includes(columnIndex(layout, name))
  if (inputs !== null && inputs.unless.length === 0 && !varied.some(looksAt)) return []
  for (const [name, values] of Object.entries(when)) {
    const column = columnPattern.test(name) ? columnIndex(layout, name) : -1
    const isPlain = !varied.some((one) => one === name) && values.every((value) => /^[!#-~]+$/.test(value))
    if (column >= 0 && isPlain) return values.map((value) => ({ column, text: Buffer.from(value) }))
  }
  return []
}

function placeOf(part: Part, layout: Layout, organisation: Organisation): Making | null {
  const { column, custom, members, template, constant } = part
  const name = column ?? custom
  if (name !== undefined) return namedText(name, layout, organisation)
  if (members !== undefined) return membersText(members, layout)
  if (template !== undefined) return templateText(template, layout, organisation)
  const text = String(constant ?? '')
  return { run: () => text, inputs: nothing, copies: null }
}

/** Empty when everything that is put into it is. */
function templateText(template: string, layout: Layout, organisation: Organisation): Making | null {
  const pieces = parseTemplate(template).map((piece) =>
    'text' in piece ? piece.text : namedText(piece.name, layout, organisation),
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
