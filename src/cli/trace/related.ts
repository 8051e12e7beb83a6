/** Other ids that the rows of a mail name, and when it helps to trace them. */
import type { AskedId } from './asked-id.ts'
import { bare } from './asked-id.ts'
import type { Mention, TracedRow } from './rows.ts'

export interface RelatedId {
  readonly id: string
  readonly why: string
}

const most = 10

/** Each once, the most useful first. */
export function relatedIds(
  asked: AskedId,
  rows: readonly TracedRow<unknown>[],
  mentions: readonly Mention[],
): readonly RelatedId[] {
  const found = new Map<string, RelatedId>()
  const add = (id: string, why: string): void => {
    const key = id.toLowerCase()
    if (id !== '' && !asked.is(id) && !found.has(key)) found.set(key, { id, why })
  }
  const networkIds = new Set(rows.map((row) => row.networkMessageId).filter((id) => id !== ''))
  for (const { networkMessageId } of rows) {
    add(
      networkMessageId,
      networkIds.size > 1
        ? 'network-message-id of some of these rows: the message-id was used for several mails, and this is one of them'
        : 'network-message-id: the same in all copies of the mail; finds those, too, whose message-id was changed on the way',
    )
  }
  for (const { messageId } of rows) {
    add(
      messageId,
      'message-id: finds rows, too, that have no network-message-id, as those of Exchange 2010 and earlier',
    )
  }
  for (const { references, event } of rows) {
    for (const id of references)
      add(id, `reference in its row ${event}: the mail that it is about, or that came of it`)
  }
  for (const { column, messageId } of mentions) {
    if (column === 'reference')
      add(bare(messageId), 'a mail whose rows refer to it, such as a report on its delivery')
  }
  return [...found.values()].slice(0, most)
}
