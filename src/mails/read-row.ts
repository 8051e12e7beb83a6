/** What a row of a tracking log adds to its mail. */
import type { Layout } from '../flow/chunk.ts'
import type { Records } from '../flow/records.ts'
import { domainOf, ownConnectors, ownDomains } from '../records/domains.ts'
import { fieldText, trimBlanks } from '../records/fields.ts'
import { type Column, columnIndex } from '../records/layouts.ts'
import { splitList } from '../records/list.ts'
import { isSameServer, rowAt, sidesOf, writerOf } from '../records/writer.ts'
import type { MailRow } from './mail.ts'
import { relatedStatus, repliesOf, statusOf, withinConnector } from './status.ts'

const trusts: Readonly<Record<string, string>> = {
  A: 'anonymous',
  E: 'external',
  I: 'internal',
  P: 'partner',
}

/** What is known of the organisation whose logs these are. */
export interface Organisation {
  readonly domains?: readonly string[] | undefined
  readonly connectors?: readonly string[] | undefined
}

/** What a row says of a mail, and the id of that. */
export type ReadRow = (records: Records, row: number) => readonly [id: string, MailRow] | null

/** The id of the mail that a row is of; empty for one that is of none. */
export function mailOf(records: Records, row: number): string {
  for (const name of ['network-message-id', 'message-id'] as const) {
    const column = columnIndex(records.layout, name)
    const id = column < 0 ? '' : trimBlanks(fieldText(records, row, column))
    if (id !== '') return id
  }
  return ''
}

/** Reads the rows of one layout; null for a row that is of no mail. */
export function mailReader(layout: Layout, { domains = [], connectors = [] }: Organisation = {}): ReadRow {
  const sides = sidesOf(layout)
  const isOwnDomain = domains.length === 0 ? null : ownDomains(domains)
  const isOwnConnector = ownConnectors(connectors)
  const tellsExternal = columnIndex(layout, 'schema-version') >= 0
  return (records, row) => {
    const text = (name: Column) => {
      const column = columnIndex(layout, name)
      return column < 0 ? '' : trimBlanks(fieldText(records, row, column))
    }
    const id = mailOf(records, row)
    if (id === '') return null
    const at = rowAt(records, row, sides)
    const { event } = at
    const source = text('source')
    const isSmtp = source === 'SMTP' || source === 'GATEWAY'
    const isIncoming = text('directionality') === 'Incoming'
    const writer = writerOf(at, sides)
    const isClient = writer === 'client' || writer === 'receiver'
    const other =
      writer === null || isSameServer(at, sides) ? '' : text(isClient ? 'server-hostname' : 'client-hostname')
    // Copies for the case that a server fails are not on the way.
    const isOnTheWay = writer !== null && !event.startsWith('HA') && event !== 'NOTIFYSHADOW'
    const isSent = event === 'SEND' || event === 'SENDEXTERNAL'
    const nextHop = isSent ? text('server-hostname') : ''
    const connector = text('connector-id')
    const facts = { event, connector, nextHop, tellsExternal }
    const addresses = splitList(text('recipient-address')).map(trimBlanks)
    const replies = repliesOf(text('recipient-status'), addresses.length)
    const custom = text('custom-data')
    const statuses = addresses.map(
      (address, index) => [address, statusOf(facts, replies[index] ?? '')] as const,
    )
    const isInside = isOwnConnector(connector)
    const isLeaving =
      event === 'SENDEXTERNAL' ||
      (event === 'SEND' &&
        !tellsExternal &&
        connector !== withinConnector &&
        text('directionality') === 'Originating')
    // Addresses without a domain say nothing.
    const reached = isOwnDomain === null ? [] : addresses.flatMap((address) => domainOf(address) ?? [])
    const isToOutside =
      isOwnDomain === null || reached.length === 0
        ? !isIncoming
        : reached.some((domain) => !isOwnDomain(domain))
    const related = relatedStatus(event)
    const replaced =
      related === null
        ? []
        : splitList(text('related-recipient-address')).map((one) => [one, related] as const)
    return [
      id,
      {
        time: text('date-time'),
        texts: {
          'message-id': text('message-id'),
          'sender-address': text('sender-address'),
          'return-path': text('return-path'),
          'original-client-ip':
            text('original-client-ip') || (event === 'RECEIVE' && other !== '' ? text('client-ip') : ''),
          'message-subject': text('message-subject'),
          authentication:
            event === 'RECEIVE'
              ? (trusts[/^[0-9A-Fa-f]{2}([A-Z]):/.exec(text('message-info'))?.[1] ?? ''] ?? '')
              : '',
        },
        bytes: Number(/^\d{1,15}$/.exec(text('total-bytes'))?.[0] ?? 0),
        recipients: [...statuses, ...replaced],
        server: isOnTheWay ? text(isClient ? 'client-hostname' : 'server-hostname') : '',
        from: !isClient && event === 'RECEIVE' ? other : '',
        to: isClient && (isSent || event === 'SUBMIT') ? other : '',
        enters: event === 'RECEIVE' && isSmtp && isIncoming && !isInside,
        leaves: isLeaving && isToOutside && !isInside,
        rules: valuesOf(custom, 'S:TRA=ETR|', /\bruleId=([^|]+)/),
        malware: valuesOf(custom, 'S:AMA=EV|', /\|v=1\|.*\bname=([^|]+)/),
      },
    ]
  }
}

/** Of the members of custom-data that begin so, what the pattern finds. */
function valuesOf(custom: string, beginning: string, pattern: RegExp): readonly string[] {
  if (!custom.includes(beginning)) return []
  return splitList(custom).flatMap((member) => {
    const found = member.startsWith(beginning) ? pattern.exec(member)?.[1] : undefined
    return found === undefined ? [] : [found]
  })
}
