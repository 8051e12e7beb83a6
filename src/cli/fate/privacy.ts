/** What privacy makes of a row, for who looks for its mail at the receiver and does not find it. */
import type { Layout } from '../../flow/chunk.ts'
import type { Records } from '../../flow/records.ts'
import { mailOf } from '../../mails/read-row.ts'
import type { PrivacyOptions } from '../../privacy/options.ts'
import { compilePrivacy } from '../../privacy/steps.ts'
import { fieldText } from '../../records/fields.ts'
import { type Column, columnIndex } from '../../records/layouts.ts'

/** By these a mail is known, the best first. */
const ids = ['network-message-id', 'message-id'] as const
/** By these a person looks for one. */
const lookedFor = [
  ...ids,
  'sender-address',
  'recipient-address',
  'message-subject',
  'return-path',
] as const satisfies readonly Column[]

/** Names what it changes of that by which a mail is looked for, and what to look for in its place; empty where all is as it stands. */
export function changedByPrivacy(options: PrivacyOptions): (records: Records, row: number) => string {
  const protect = protecting(options)
  return (records, row) => {
    const { layout } = records
    const [after, at] = protect(records, row)
    const changed = lookedFor.filter((name) => {
      const column = columnIndex(layout, name)
      return column >= 0 && fieldText(records, row, column) !== fieldText(after, at, column)
    })
    if (changed.length === 0) return ''
    return `privacy changed ${changed.join(', ')}${lookFor(layout, changed, (column) => fieldText(after, at, column))}`
  }
}

/** By what the mail of a row is known once privacy was there; empty for a row that is of none. */
export function mailAfterPrivacy(
  options: PrivacyOptions | undefined,
): (records: Records, row: number) => string {
  const protect = options === undefined ? null : protecting(options)
  return (records, row) => {
    const [after, at] = protect === null ? [records, row] : protect(records, row)
    return mailOf(after, at)
  }
}

/** The record that holds the row as it is after privacy, and where. */
function protecting(options: PrivacyOptions): (records: Records, row: number) => readonly [Records, number] {
  const steps = compilePrivacy(options)
  return (records, row) => {
    let after = records
    let at = row
    for (const { rewriteFor } of steps) {
      const rewrite = rewriteFor(records.layout)
      if (rewrite === null) continue
      after = rewrite(after, Uint32Array.of(at))
      at = 0
    }
    return [after, at]
  }
}

function lookFor(layout: Layout, changed: readonly string[], textAt: (column: number) => string): string {
  const found = ids.flatMap((name) => {
    const column = columnIndex(layout, name)
    const text = column < 0 ? '' : textAt(column)
    const isChanged = changed.includes(name)
    // What is masked is the same in every event.
    return text === '' || text.startsWith('***') ? [] : [{ name, text, isChanged }]
  })
  const [best] = found.toSorted((a, b) => Number(a.isChanged) - Number(b.isChanged))
  return best === undefined ? '' : `: look there for ${best.name} ${best.text}`
}
