/** What privacy makes of records: Bcc recipients are taken out, then columns are protected. */
import { RecordsEditor } from '../edit-records.ts'
import { fieldText } from '../field-text.ts'
import { splitList } from '../list.ts'
import type { Pattern } from '../pattern.ts'
import type { Layout, Records, Rewrite } from '../types.ts'
import { bccChanges } from './bcc.ts'
import { isAddressKind, type Kind, kindOf } from './columns.ts'
import { withoutBrackets } from './notation.ts'
import { compileSubject, type Method, type PrivacyOptions } from './options.ts'
import { Protector } from './protector.ts'
import { Repetitions } from './repetitions.ts'
import { type Change, type ChangesOf, type Reason, repeatedChanges } from './row-changes.ts'

/** Something privacy does with rows. */
export interface PrivacyStep {
  /** For people. */
  readonly name: string
  /** Null for a layout without columns that it changes. */
  readonly rewriteFor: (layout: Layout) => Rewrite | null
  /** Why it changes fields of a row, by column; null likewise. */
  readonly reasonsFor: (
    layout: Layout,
  ) => ((records: Records, row: number) => ReadonlyMap<number, Reason>) | null
}

/**
 * The steps of checked settings, in their order. They come before a row is divided among its recipients: each
 * part holds what is said of all of them, so the values of all are looked for in it.
 */
export function compilePrivacy(options: PrivacyOptions): readonly PrivacyStep[] {
  const protector = new Protector(options)
  const subjects = options.dropSubjects?.map(compileSubject) ?? []
  return [
    // The first: who is hidden is not protected as if he were shown.
    stepOf('Bcc', (layout) => (options.hideBcc ? bccChanges(layout) : null)),
    stepOf('privacy', (layout) => {
      const fields = layout.columns.map((name, column) =>
        fieldOf(name.toLowerCase(), column, options.columns, subjects),
      )
      const hidden = fields.filter((field): field is ProtectedField => field.methodOf !== null)
      const open = fields.filter(({ methodOf }) => methodOf === null)
      return hidden.length === 0 ? null : protectedChanges(hidden, open, protector)
    }),
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
  const method = Object.entries(columns).find(([known]) => known === name)?.[1]
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

/** Changes protected fields first, then what repeats their values in the others. */
function protectedChanges(
  hidden: readonly ProtectedField[],
  open: readonly Field[],
  protector: Protector,
): ChangesOf {
  return (records, row) => {
    const changes: Change[] = []
    const repetitions = new Repetitions()
    for (const { column, kind, methodOf } of hidden) {
      const value = fieldText(records, row, column)
      const protection = value === '' ? null : methodOf(value)
      if (protection === null) continue
      const { method, reason } = protection
      changes.push({ column, value: protector.field(method, kind, value), reason })
      for (const part of partsOf(value, kind)) {
        repetitions.add(kind, part, () => protector.one(method, kind, part))
      }
    }
    return repetitions.size === 0
      ? changes
      : [...changes, ...repeatedChanges(open, repetitions, records, row)]
  }
}

/** What of a value may stand elsewhere on its own. */
function partsOf(value: string, kind: Kind): readonly string[] {
  if (kind === 'addresses') return splitList(value).map(withoutBrackets)
  return [isAddressKind(kind) ? withoutBrackets(value) : value.trim()]
}

function stepOf(name: string, changesFor: (layout: Layout) => ChangesOf | null): PrivacyStep {
  return {
    name,
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
  return (records, rows) => {
    const editor = new RecordsEditor(records, rows.length)
    for (const row of rows) {
      editor.copy(row)
      for (const { column, value } of changes(records, row)) editor.replace(column, value)
    }
    return editor.records()
  }
}
