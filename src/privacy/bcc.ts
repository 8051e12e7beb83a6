/**
 * Bcc recipients. Where a mail enters, recipient-status says for each of recipient-address whether it stood in
 * To, Cc or Bcc. Rows of the mail's later way have its recipients without a word on that; they stay as they are.
 */

import type { Layout } from '../flow/chunk.ts'
import { fieldText } from '../records/fields.ts'
import { columnIndex } from '../records/layouts.ts'
import { joinList, splitList } from '../records/list.ts'
import { kindOf } from './columns.ts'
import { masked, withoutBrackets } from './notation.ts'
import { Repetitions, repeatablesOf } from './repetitions.ts'
import { type ChangesOf, repeatedChanges } from './row-changes.ts'

/** These say who sends and who receives openly: a sender may well be a Bcc recipient of his own mail. */
const visible: ReadonlySet<string> = new Set([
  'recipient-address',
  'recipient-status',
  'recipient-count',
  'sender-address',
  'return-path',
])

/** Takes Bcc recipients out of the rows of a layout; null when it has no statuses. */
export function bccChanges(layout: Layout): ChangesOf | null {
  const columnOf = (name: string) => columnIndex(layout, name)
  const recipient = columnOf('recipient-address')
  const status = columnOf('recipient-status')
  const count = columnOf('recipient-count')
  const senders = [columnOf('sender-address'), columnOf('return-path')].filter((column) => column >= 0)
  if (recipient < 0 || status < 0) return null
  const others = layout.columns
    .map((name, column) => ({ column, kind: kindOf(name.toLowerCase()), name: name.toLowerCase() }))
    .filter(({ name }) => !visible.has(name))

  return (records, row) => {
    const text = fieldText(records, row, status)
    if (!/bcc/i.test(text)) return []
    const statuses = splitList(text)
    if (!statuses.some(isBcc)) return []
    const recipients = splitList(fieldText(records, row, recipient))
    // Lists that don't match leave no telling who is who.
    const parallel = recipients.length === statuses.length
    const isShown = (_: string, index: number) => parallel && !isBcc(statuses[index] ?? '')
    const shown = recipients.filter(isShown)
    const known = new Set(
      [...shown, ...senders.map((column) => fieldText(records, row, column))].map(comparable),
    )
    const repetitions = new Repetitions()
    for (const address of recipients) {
      if (!known.has(comparable(address)))
        repetitions.add(repeatablesOf('addresses', withoutBrackets(address), () => masked))
    }
    const total = count < 0 ? '' : fieldText(records, row, count)
    const hidden = recipients.length - shown.length
    return [
      { column: recipient, value: joinList(shown), reason: 'hideBcc' },
      { column: status, value: joinList(statuses.filter(isShown)), reason: 'hideBcc' },
      ...(/^\d{1,9}$/.test(total)
        ? [{ column: count, value: String(Math.max(Number(total) - hidden, 0)), reason: 'hideBcc' as const }]
        : []),
      ...repeatedChanges(others, repetitions, records, row),
    ]
  }
}

function isBcc(status: string): boolean {
  return status.trim().toLowerCase() === 'bcc'
}

function comparable(address: string): string {
  return withoutBrackets(address).toLowerCase()
}
