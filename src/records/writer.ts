/**
 * Which side of a record is the server that wrote it, and who the other side is. No column says it; what does, in this
 * order:
 *
 *   SEND, SENDEXTERNAL              the client: it sent, and what the other side calls itself is up to strangers
 *   connector-id is SERVER\Name     the server, as that is a receive connector. Where it has no name, a receiving agent
 *                                   wrote the row: its name stands with the client then, and the client's is not known
 *   RECEIVE                         the server
 *   only one side has a name        that one
 *   FAIL, DEFER                     the client: the server is the next hop
 *   one name is short, one full     the short one: a server writes itself short, and others in full
 *   else                            the client for the events below, and the server for all others
 */
import type { Layout } from '../flow/chunk.ts'
import type { Sides as BothSides } from '../flow/plan.ts'
import type { Records } from '../flow/records.ts'
import { SHAPE_BACKSLASH, SHAPE_BLANK, SHAPE_DOTTED } from '../hot-loop/contract.ts'
import { fieldText, trimBlanks } from './fields.ts'
import { type Column, columnIndex } from './layouts.ts'
import { shapeOf } from './shape.ts'

/** Events that the client side writes, where the names of both sides do not say it. */
const writtenByClient = new Set([
  'AGENTINFO', 'CLIENTSUBMISSION', 'DELIVER', 'DELIVERFAIL', 'DUPLICATEDELIVER', 'NOTIFYMAPI', 'SUBMIT', 'SUBMITDEFER',
  'SUBMITFAIL',
]) // biome-ignore format: a list of words

/** Which side wrote a row; `receiver`: the server, under its name with the client. Null where nothing says it. */
export type Writer = 'client' | 'server' | 'receiver' | null

/** The columns of one layout, -1 for those it lacks. */
export interface Sides extends BothSides {
  readonly event: number
  readonly connector: number
}

/** The columns by which a log of this layout says it. */
export function sidesOf(layout: Layout): Sides {
  const at = (name: Column) => columnIndex(layout, name)
  return {
    event: at('event-id'),
    source: at('source'),
    connector: at('connector-id'),
    client: { name: at('client-hostname'), address: at('client-ip') },
    server: { name: at('server-hostname'), address: at('server-ip') },
  }
}

/** A row as it is looked at here. */
export function rowAt(records: Records, row: number, sides: Sides): Row {
  return { records, row, event: textAt({ records, row }, sides.event) }
}

/** A row at hand, with its event id. */
export interface Row {
  readonly records: Records
  readonly row: number
  readonly event: string
}

/** Which side wrote the row. */
export function writerOf(row: Row, { connector, client, server }: Sides): Writer {
  const { event } = row
  const clientName = shapeAt(row, client.name)
  const serverName = shapeAt(row, server.name)
  const isServerNamed = serverName !== SHAPE_BLANK
  const isClientNamed = clientName !== SHAPE_BLANK
  if (isSend(event)) return 'client'
  if (shapeAt(row, connector) & SHAPE_BACKSLASH) return isServerNamed ? 'server' : 'receiver'
  if (event === 'RECEIVE') return 'server'
  if (!isClientNamed && !isServerNamed) return null
  if (!isClientNamed || !isServerNamed) return isClientNamed ? 'client' : 'server'
  if (event === 'FAIL' || event === 'DEFER') return 'client'
  const isClientFull = (clientName & SHAPE_DOTTED) !== 0
  const isServerFull = (serverName & SHAPE_DOTTED) !== 0
  if (isClientFull !== isServerFull) return isClientFull ? 'server' : 'client'
  return writtenByClient.has(event) ? 'client' : 'server'
}

function isSend(event: string): boolean {
  return event === 'SEND' || event === 'SENDEXTERNAL'
}

/** A client with a name and a server without one, addresses of both and no connector: who has which can't be told. */
export function isEitherOnes(row: Row, { connector, client, server }: Sides, writer: Writer): boolean {
  if (writer !== 'client' || isSend(row.event)) return false
  const isBlank = (column: number) => shapeAt(row, column) === SHAPE_BLANK
  return isBlank(server.name) && isBlank(connector) && !isBlank(client.address) && !isBlank(server.address)
}

/** The other side is the server that wrote the row: mail that went from one of its services to another. */
export function isSameServer(
  row: Pick<Row, 'records' | 'row'>,
  { source, client, server }: BothSides,
): boolean {
  const addresses = [client.address, server.address].map((column) => withoutZone(textAt(row, column)))
  const [clientAddress = '', serverAddress = ''] = addresses
  const areBoth = clientAddress !== '' && serverAddress !== ''
  if (areBoth && clientAddress === serverAddress) return true
  if (addresses.some((address) => address === '::1' || address.startsWith('127.'))) return true
  // What a client calls itself over SMTP is up to it.
  if (areBoth && textAt(row, source) === 'SMTP') return false
  return isSameName(textAt(row, client.name), textAt(row, server.name))
}

function isSameName(one: string, other: string): boolean {
  const [short = '', full = ''] = [one.toLowerCase(), other.toLowerCase()].sort((a, b) => a.length - b.length)
  return short !== '' && (full === short || (!/[.:]/.test(short) && full.startsWith(`${short}.`)))
}

function withoutZone(address: string): string {
  return address.replace(/%.*/s, '').toLowerCase()
}

function shapeAt({ records, row }: Row, column: number): number {
  if (column < 0) return SHAPE_BLANK
  const index = row * records.layout.columns.length + column
  return shapeOf(records.bytes, records.starts[index]!, records.ends[index]!)
}

function textAt({ records, row }: Pick<Row, 'records' | 'row'>, column: number): string {
  return column < 0 ? '' : trimBlanks(fieldText(records, row, column))
}
