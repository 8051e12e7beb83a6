/**
 * Bcc recipients. Where a mail enters, recipient-status says for each of recipient-address whether it stood in
 * To, Cc or Bcc. Rows of the mail's later way have its recipients without a word on that; they stay as they are.
 */

import type { Layout } from '../flow/chunk.ts'
import type { Records } from '../flow/records.ts'
import { fieldText } from '../records/fields.ts'
import { columnIndex } from '../records/layouts.ts'
import { allMembersIn, joinList, memberText, splitList } from '../records/list.ts'
import { LongText } from '../records/long-text.ts'
import { kindOf } from './columns.ts'
import type { Effort } from './effort.ts'
import { masked, withoutBrackets } from './notation.ts'
import { type Repeatable, Repetitions, repeatablesOf } from './repetitions.ts'
import {
  type Change,
  type ChangesInParts,
  type ChangesOf,
  repeatedChanges,
  repeatedInParts,
} from './row-changes.ts'
import { TextIndex } from './text-index.ts'

/** What a member takes, in microseconds, about. */
const MEMBER_EFFORT = 0.5

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
  const columns = columnsOf(layout)
  if (columns === null) return null
  const { recipient, status, count, senders, others } = columns
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
      if (!known.has(comparable(address))) repetitions.add(repeatablesOfHidden(address))
    }
    return [
      { column: recipient, value: joinList(shown), reason: 'hideBcc' },
      { column: status, value: joinList(statuses.filter(isShown)), reason: 'hideBcc' },
      ...countChange(count, records, row, recipients.length - shown.length),
      ...repeatedChanges(others, repetitions, records, row),
    ]
  }
}

/** The same for long rows: one with a hundred thousand recipients is never split into texts. */
export function bccInParts(layout: Layout, effort: Effort): ChangesInParts | null {
  const columns = columnsOf(layout)
  if (columns === null) return null
  const { recipient, status, count, senders, others } = columns

  /** Visits the members of the lists that are shown, or hidden. */
  function* inTurn(lists: readonly string[], visit: (...members: string[]) => void): Generator<void> {
    const members = lists.map((list) => allMembersIn(list))
    for (;;) {
      const next = members.map((each) => each.next())
      const texts = next.map(({ value, done }) => (done ? undefined : value))
      if (texts.every((text) => text === undefined)) return
      visit(...texts.map((text) => text ?? ''))
      effort.add(MEMBER_EFFORT)
      if (effort.isEnough) yield
    }
  }

  return function* (records, row) {
    const statuses = fieldText(records, row, status)
    if (!/bcc/i.test(statuses)) return []
    const recipients = fieldText(records, row, recipient)
    let hasBcc = false
    const counts = { statuses: 0, recipients: 0, shown: 0 }
    yield* inTurn([statuses], (one) => {
      counts.statuses++
      hasBcc ||= isBcc(one)
    })
    if (!hasBcc) return []
    yield* inTurn([recipients], () => {
      counts.recipients++
    })
    const parallel = counts.recipients === counts.statuses
    const known = new TextIndex()
    const shown = [new LongText(), new LongText()] as const
    const know = (address: string) => {
      const text = comparable(address)
      if (text !== '') known.set(text, 0)
    }
    for (const column of senders) know(fieldText(records, row, column))
    if (parallel) {
      yield* inTurn([recipients, statuses], (address, is) => {
        if (isBcc(is)) return
        const separator = counts.shown++ === 0 ? '' : ';'
        shown[0].add(separator + memberText(address))
        shown[1].add(separator + memberText(is))
        know(address)
      })
    }
    const repetitions = new Repetitions('many')
    yield* inTurn([recipients], (address) => {
      if (known.get(comparable(address)) < 0) repetitions.add(repeatablesOfHidden(address))
    })
    const found = yield* repeatedInParts(others, repetitions, records, row, effort)
    return [
      { column: recipient, value: shown[0].text, reason: 'hideBcc' },
      { column: status, value: shown[1].text, reason: 'hideBcc' },
      ...countChange(count, records, row, counts.recipients - counts.shown),
      ...found,
    ]
  }
}

/** The columns of a layout that say who is a Bcc recipient, and those that may name one. */
function columnsOf(layout: Layout) {
  const columnOf = (name: string) => columnIndex(layout, name)
  const recipient = columnOf('recipient-address')
  const status = columnOf('recipient-status')
  if (recipient < 0 || status < 0) return null
  return {
    recipient,
    status,
    count: columnOf('recipient-count'),
    senders: [columnOf('sender-address'), columnOf('return-path')].filter((column) => column >= 0),
    others: layout.columns
      .map((name, column) => ({ column, kind: kindOf(name.toLowerCase()), name: name.toLowerCase() }))
      .filter(({ name }) => !visible.has(name)),
  }
}

function countChange(column: number, records: Records, row: number, hidden: number): readonly Change[] {
  const total = column < 0 ? '' : fieldText(records, row, column)
  if (!/^\d{1,9}$/.test(total)) return []
  return [{ column, value: String(Math.max(Number(total) - hidden, 0)), reason: 'hideBcc' }]
}

function repeatablesOfHidden(address: string): readonly Repeatable[] {
  return repeatablesOf('addresses', withoutBrackets(address), () => masked)
}

function isBcc(status: string): boolean {
  return status.trim().toLowerCase() === 'bcc'
}

function comparable(address: string): string {
  return withoutBrackets(address).toLowerCase()
}
