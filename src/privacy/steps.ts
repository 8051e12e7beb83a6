/** What privacy makes of records: Bcc recipients are taken out, then columns are protected. */

import type { Layout } from '../flow/chunk.ts'
import type { RewriteInParts, RewriteStep } from '../flow/plan.ts'
import type { Pattern } from '../mistakes/pattern.ts'
import { atOnce } from '../records/at-once.ts'
import { fieldText } from '../records/fields.ts'
import { membersIn, ReplacedList, replaceMembers } from '../records/list.ts'
import { rewriteRowsInParts } from '../records/rewrites.ts'
import { bccChanges, bccInParts } from './bcc.ts'
import { RecentValues } from './cache.ts'
import { isAddressKind, type Kind, kindOf } from './columns.ts'
import type { Effort } from './effort.ts'
import { withoutBrackets } from './notation.ts'
import { compileSubject, type Method, type PrivacyOptions } from './options.ts'
import { Protector } from './protector.ts'
import { type Repeatable, Repetitions, repeatablesOf } from './repetitions.ts'
import {
  type Change,
  type ChangesInParts,
  type ChangesOf,
  isLong,
  type Reason,
  repeatedChanges,
  repeatedInParts,
} from './row-changes.ts'

const REMEMBERED_TEXTS = 1000
const LONGEST_REMEMBERED = 512
/** What a member takes beside its protection, in microseconds, about. */
const MEMBER_EFFORT = 1.5

/**
 * The steps of checked settings, in their order. They come before a row is divided among its recipients: each
 * part holds what is said of all of them, so the values of all are looked for in it.
 */
export function compilePrivacy(options: PrivacyOptions): readonly RewriteStep[] {
  const protector = new Protector(options)
  const { effort } = protector
  const subjects = options.dropSubjects?.map(compileSubject) ?? []
  const fieldsOf = ({ columns }: Layout): Fields => {
    const fields = columns.map((name, column) =>
      fieldOf(name.toLowerCase(), column, options.columns, subjects),
    )
    const hidden = fields.filter((field): field is ProtectedField => field.methodOf !== null)
    return { hidden, open: fields.filter(({ methodOf }) => methodOf === null) }
  }
  return [
    // The first: who is hidden is not protected as if he were shown.
    stepOf('Bcc', effort, (layout) => {
      const of = options.hideBcc ? bccChanges(layout) : null
      const inParts = options.hideBcc ? bccInParts(layout, effort) : null
      return of && inParts && { of, inParts }
    }),
    stepOf('privacy', effort, (layout) => {
      const fields = fieldsOf(layout)
      if (fields.hidden.length === 0) return null
      return { of: protectedChanges(fields, protector), inParts: protectedInParts(fields, protector) }
    }),
  ]
}

/** What a step changes in a row, and in a long one. */
interface StepChanges {
  readonly of: ChangesOf
  readonly inParts: ChangesInParts
}

/** The fields of a layout: those that are protected, and those that may repeat their values. */
interface Fields {
  readonly hidden: readonly ProtectedField[]
  readonly open: readonly Field[]
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
function protectedChanges({ hidden, open }: Fields, protector: Protector): ChangesOf {
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
    return repetitions.isEmpty ? changes : [...changes, ...repeatedChanges(open, repetitions, records, row)]
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

/** The same for a long row: nothing of what stands in it is kept. */
function protectedInParts({ hidden, open }: Fields, protector: Protector): ChangesInParts {
  const { effort } = protector
  return function* (records, row) {
    const changes: Change[] = []
    const repetitions = new Repetitions('many')
    for (const { column, kind, methodOf } of hidden) {
      const value = fieldText(records, row, column)
      const protection = value === '' ? null : methodOf(value)
      if (protection === null) continue
      const { method, reason } = protection
      if (kind !== 'addresses') {
        const part = isAddressKind(kind) ? withoutBrackets(value) : value.trim()
        const whole = method === 'drop' ? '' : yield* protector.oneInParts(method, kind, value)
        changes.push({ column, value: whole, reason })
        repetitions.add(repeatablesOf(kind, part, () => protector.one(method, kind, part)))
        continue
      }
      const list = new ReplacedList(value)
      for (const member of membersIn(value)) {
        const { text } = member
        if (text === '') {
          list.replace(member, '')
        } else {
          const one = yield* protector.oneInParts(method, kind, text)
          const part = withoutBrackets(text)
          repetitions.add(
            repeatablesOf(kind, part, () => (part === text ? one : protector.one(method, kind, part))),
          )
          list.replace(member, one)
        }
        effort.add(MEMBER_EFFORT)
        if (effort.isEnough) yield
      }
      changes.push({ column, value: method === 'drop' ? '' : list.text, reason })
    }
    if (repetitions.isEmpty) return changes
    return [...changes, ...(yield* repeatedInParts(open, repetitions, records, row, effort))]
  }
}

function stepOf(
  name: string,
  effort: Effort,
  changesFor: (layout: Layout) => StepChanges | null,
): RewriteStep {
  const inPartsFor = (layout: Layout): RewriteInParts | null => {
    const changes = changesFor(layout)
    return changes && rewriteBy(changes, effort)
  }
  return {
    name,
    inPartsFor,
    rewriteFor: (layout) => {
      const rewrite = inPartsFor(layout)
      return rewrite && ((records, rows) => atOnce(rewrite(records, rows)))
    },
    reasonsFor: (layout) => {
      const changes = changesFor(layout)
      return (
        changes &&
        ((records, row) => new Map(changes.of(records, row).map((one) => [one.column, one.reason])))
      )
    },
  }
}

function rewriteBy({ of, inParts }: StepChanges, effort: Effort): RewriteInParts {
  return (records, rows) =>
    rewriteRowsInParts(records, rows, (row, replace) => {
      if (isLong(records, row)) return replacingLater(inParts(records, row), replace)
      for (const { column, value } of of(records, row)) replace(column, value)
      return effort.isEnough ? oneTurn() : null
    })
}

function* replacingLater(
  parts: Generator<void, readonly Change[]>,
  replace: (column: number, value: string) => void,
): Generator<void> {
  for (const { column, value } of yield* parts) replace(column, value)
}

function* oneTurn(): Generator<void> {
  yield
}
