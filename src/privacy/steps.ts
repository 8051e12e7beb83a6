/** What privacy makes of records: Bcc recipients are taken out, then columns are protected. */

import type { Layout } from '../flow/chunk.ts'
import type { Prepare, Rewrite, RewriteStep } from '../flow/plan.ts'
import type { Pattern } from '../mistakes/pattern.ts'
import { fieldText } from '../records/fields.ts'
import { replaceMembers } from '../records/list.ts'
import { rewriteRows } from '../records/rewrites.ts'
import { bccChanges } from './bcc.ts'
import { RecentValues } from './cache.ts'
import { isAddressKind, type Kind, kindOf } from './columns.ts'
import { preparesLists } from './long-lists.ts'
import { withoutBrackets } from './notation.ts'
import { compileSubject, type Method, type PrivacyOptions } from './options.ts'
import { Protector } from './protector.ts'
import { type Repeatable, Repetitions, repeatablesOf } from './repetitions.ts'
import { type Change, type ChangesOf, type Reason, repeatedChanges } from './row-changes.ts'

const REMEMBERED_TEXTS = 1000
const LONGEST_REMEMBERED = 512

/**
 * The steps of checked settings, in their order. They come before a row is divided among its recipients: each
 * part holds what is said of all of them, so the values of all are looked for in it.
 */
export function compilePrivacy(options: PrivacyOptions): readonly RewriteStep[] {
  const protector = new Protector(options)
  const subjects = options.dropSubjects?.map(compileSubject) ?? []
  return [
    // The first: who is hidden is not protected as if he were shown.
    stepOf('Bcc', (layout) => (options.hideBcc ? bccChanges(layout) : null)),
    stepOf(
      'privacy',
      (layout) => {
        const fields = layout.columns.map((name, column) =>
          fieldOf(name.toLowerCase(), column, options.columns, subjects),
        )
        const hidden = fields.filter((field): field is ProtectedField => field.methodOf !== null)
        const open = fields.filter(({ methodOf }) => methodOf === null)
        return hidden.length === 0 ? null : protectedChanges(hidden, open, protector)
      },
      (layout) => {
        const lists = layout.columns.flatMap((name, column) => {
          const method = methodOf(name.toLowerCase(), options.columns)
          return method !== undefined && kindOf(name.toLowerCase()) === 'addresses'
            ? [{ column, method }]
            : []
        })
        return preparesLists(lists, protector)
      },
    ),
  ]
}

interface Field {
  readonly column: number
  readonly kind: Kind
  /** How to protect a value, null to leave it; null itself for a column that nothing protects. */
  readonly methodOf: ((value: string) => Protection | null) | null
}

interface ProtectedField extends Field {
  readonly methodOf: (value: string) => Protection | null
}

interface Protection {
  readonly method: Method
  readonly reason: Reason
}

function fieldOf(
  name: string,
  column: number,
  columns: PrivacyOptions['columns'],
  subjects: readonly Pattern[],
): Field {
  const method = methodOf(name, columns)
  const always = method === undefined ? null : { method, reason: method }
  const kind = kindOf(name)
  if (name !== 'message-subject' || subjects.length === 0) {
    return { column, kind, methodOf: always && (() => always) }
  }
  const dropped: Protection = { method: 'drop', reason: 'dropSubjects' }
  return {
    column,
    kind,
    methodOf: (subject) => (subjects.some((pattern) => pattern.test(subject)) ? dropped : always),
  }
}

function methodOf(name: string, columns: PrivacyOptions['columns']): Method | undefined {
  return Object.entries(columns).find(([known]) => known === name)?.[1]
}

/** Changes protected fields first, then what repeats their values in the others. */
function protectedChanges(
  hidden: readonly ProtectedField[],
  open: readonly Field[],
  protector: Protector,
): ChangesOf {
  const prepared = hidden.map((field) => rememberingText((value) => prepare(field, value, protector)))
  return (records, row) => {
    const changes: Change[] = []
    const repetitions = new Repetitions()
    for (let index = 0; index < hidden.length; index++) {
      const value = fieldText(records, row, (hidden[index] as ProtectedField).column)
      const one = value === '' ? null : (prepared[index]?.(value) ?? null)
      if (one === null) continue
      changes.push(one.change)
      for (const repeatables of one.parts) repetitions.add(repeatables)
    }
    return repetitions.size === 0
      ? changes
      : [...changes, ...repeatedChanges(open, repetitions, records, row)]
  }
}

/** What becomes of a field with some value, in whichever row. */
interface Prepared {
  readonly change: Change
  /** What is looked for of each part that may stand elsewhere on its own. */
  readonly parts: readonly (readonly Repeatable[])[]
}

function prepare(
  { column, kind, methodOf }: ProtectedField,
  value: string,
  protector: Protector,
): Prepared | null {
  const protection = methodOf(value)
  if (protection === null) return null
  const { method, reason } = protection
  if (kind !== 'addresses') {
    const part = isAddressKind(kind) ? withoutBrackets(value) : value.trim()
    return {
      change: { column, value: protector.field(method, kind, value), reason },
      parts: [repeatablesOf(kind, part, () => protector.one(method, kind, part))],
    }
  }
  const parts: (readonly Repeatable[])[] = []
  // Each member is protected once: there may be more of them than are remembered.
  const list = replaceMembers(value, (member) => {
    const one = protector.one(method, kind, member)
    const part = withoutBrackets(member)
    const repeatables = repeatablesOf(kind, part, () =>
      part === member ? one : protector.one(method, kind, part),
    )
    if (repeatables.length > 0) parts.push(repeatables)
    return one
  })
  return { change: { column, value: method === 'drop' ? '' : list, reason }, parts }
}

/** The rows of a mail follow each other closely, with the same values. */
function rememberingText<T>(make: (text: string) => T): (text: string) => T {
  const recent = new RecentValues<T>(REMEMBERED_TEXTS)
  return (text) => (text.length > LONGEST_REMEMBERED ? make(text) : recent.get(text, () => make(text)))
}

function stepOf(
  name: string,
  changesFor: (layout: Layout) => ChangesOf | null,
  prepareFor: (layout: Layout) => Prepare | null = () => null,
): RewriteStep {
  return {
    name,
    prepareFor,
    rewriteFor: (layout) => {
      const changes = changesFor(layout)
      return changes && rewriteBy(changes)
    },
    reasonsFor: (layout) => {
      const changes = changesFor(layout)
      return (
        changes && ((records, row) => new Map(changes(records, row).map((one) => [one.column, one.reason])))
      )
    },
  }
}

function rewriteBy(changes: ChangesOf): Rewrite {
  return (records, rows) =>
    rewriteRows(records, rows, (row, replace) => {
      for (const { column, value } of changes(records, row)) replace(column, value)
    })
}
