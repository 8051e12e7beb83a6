/** What the columns of a log hold, as far as protecting them goes. */
import { allColumns, type Column } from '../records/layouts.ts'

/**
 * `address`: one mail address. `addresses`: a list of them. `ip`: an IP address. `host`: a name, or an IP address.
 * `text`: anything that people, programs and other servers wrote. `fixed`: what Exchange alone chooses.
 */
export type Kind = 'address' | 'addresses' | 'ip' | 'host' | 'text' | 'fixed'

const kinds: Readonly<Record<Column, Kind>> = {
  'date-time': 'fixed',
  'client-ip': 'ip',
  'client-hostname': 'host',
  'server-ip': 'ip',
  'server-hostname': 'host',
  'source-context': 'text',
  'connector-id': 'fixed',
  source: 'fixed',
  'event-id': 'fixed',
  'internal-message-id': 'fixed',
  'message-id': 'address',
  'network-message-id': 'fixed',
  'recipient-address': 'addresses',
  'recipient-status': 'text',
  'total-bytes': 'fixed',
  'recipient-count': 'fixed',
  'related-recipient-address': 'addresses',
  reference: 'addresses',
  'message-subject': 'text',
  'sender-address': 'address',
  'return-path': 'address',
  'message-info': 'text',
  directionality: 'fixed',
  'tenant-id': 'fixed',
  'original-client-ip': 'ip',
  'original-server-ip': 'ip',
  'custom-data': 'text',
  'transport-traffic-type': 'fixed',
  'log-id': 'fixed',
  'schema-version': 'fixed',
}

/** What a column holds; one that is not known may hold anything. */
export function kindOf(column: string): Kind {
  return Object.hasOwn(kinds, column) ? kinds[column as Column] : 'text'
}

/** Without these an event would have no time and no name; the version stands in the header of the log, too. */
const needed = ['date-time', 'event-id', 'schema-version'] as const satisfies readonly Column[]

export type ProtectableColumn = Exclude<Column, (typeof needed)[number]>

/** The columns that can be protected. */
export const protectableColumns = allColumns.filter((name): name is ProtectableColumn =>
  needed.every((other) => other !== name),
)

/** True when a value may be an IP address that is to stay one. */
export function isIpKind(kind: Kind): boolean {
  return kind === 'ip' || kind === 'host'
}

/** True when a value is a mail address, or a list of them. */
export function isAddressKind(kind: Kind): boolean {
  return kind === 'address' || kind === 'addresses'
}
