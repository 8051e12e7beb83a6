/**
 * The two tables of the vendor's connector guide, row by row: what the guide names on the left stands in the event
 * under the key on the right. Written from the guide; shares nothing with the mapping tables.
 */
import { describe, expect, test } from 'vitest'
import { decodeCef } from '../../../src/receive/cef-decoder.ts'
import { knownColumns } from '../../../src/records/layouts.ts'
import { onlyBatch } from '../../support/batches.ts'
import { plainTransform } from '../../support/plain-transform.ts'
import { chunkOf, csvRow, layoutOf } from '../../support/records.ts'

type GuideRow = readonly [field: string, deviceField: string, key: string, label?: string]

const both: readonly GuideRow[] = [
  ['Additional data', 'custom-data', 'ad.custom-data'],
  ['Additional data', 'message-info', 'ad.message-info'],
  ['Additional data', 'recipient-status', 'ad.recipient-status'],
  ['Additional data', 'related-recipient-address', 'ad.related-recipient-address'],
  ['Additional data', 'tenant-id', 'ad.tenant-id'],
  ['Destination User Name', 'recipient-address', 'duser'],
  ['Device Address', 'server-ip', 'dvc'],
  ['Device Custom IPv6 Address 1', 'server-ip (IPv6)', 'c6a1', 'Device IPv6 Address'],
  ['Device Custom Number 1', 'recipient-count', 'cn1', 'Recipient Count'],
  ['Device Custom String 1', 'internal-message-id', 'cs1', 'Internal Message ID'],
  ['Device Custom String 2', 'message-id', 'cs2', 'Message ID'],
  ['Device Custom String 3', 'reference', 'cs3', 'Reference'],
  ['Device Custom String 4', 'connector-id', 'cs4', 'Connector ID'],
  ['Device Custom String 5', 'source-context', 'cs5', 'Source Context'],
  ['Device Custom String 6', 'return-path', 'cs6', 'Return Path'],
  ['Device Event Category', 'source', 'cat'],
  ['Device Event Class ID', 'event-id', 'eventClassId'],
  ['Device Host Name', 'server-hostname', 'dvchost'],
  ['Device Product', '"Exchange Server"', 'product'],
  ['Device Receipt Time', 'date-time', 'rt'],
  ['Device Vendor', '"Microsoft"', 'vendor'],
  ['Flex String 1', 'directionality', 'flexString1', 'Directionality'],
  ['Message', 'message-subject', 'msg'],
  ['Name', 'event-id', 'name'],
  ['Source Service Name', 'source', 'sourceServiceName'],
  ['Source User Name', 'sender-address', 'suser'],
]

const guide: Readonly<Record<'2016' | '2010', readonly GuideRow[]>> = {
  '2016': [
    ...both,
    ['Additional data', 'network-message-id', 'ad.network-message-id'],
    ['Additional data', 'transport-traffic-type', 'ad.transport-traffic-type'],
    ['Destination Address', 'client-ip', 'dst'],
    ['Destination Host Name', 'client-hostname', 'dhost'],
    ['Device Custom IPv6 Address 3', 'client-ip (IPv6)', 'c6a3', 'Destination IPv6 Address'],
    ['Source Address', 'original-client-ip', 'src'],
  ],
  '2010': [
    ...both,
    ['Additional data', 'original-client-ip', 'ad.original-client-ip'],
    ['Additional data', 'original-server-ip', 'ad.original-server-ip'],
    ['Device Custom IPv6 Address 2', 'client-ip (IPv6)', 'c6a2', 'Source IPv6 Address'],
    ['Source Address', 'client-ip', 'src'],
    ['Source Host Name', 'client-hostname', 'shost'],
  ],
}

const time = '2026-11-20T14:00:01.037Z'

/** What a column of the record holds: its own name, where its type allows that. */
function sampleOf(column: string, ipVersion: 4 | 6): string {
  const columns: readonly string[] = knownColumns['2016']
  const number = columns.indexOf(column) + 1
  if (column === 'date-time') return time
  if (column.endsWith('-ip')) return ipVersion === 4 ? `192.0.2.${number}` : `2001:db8::${number}`
  if (column === 'recipient-count' || column === 'total-bytes') return String(number)
  return column
}

/** Header and extension of the event of such a record, by key. */
function eventOf(
  version: '2016' | '2010',
  ipVersion: 4 | 6,
  eventId?: string,
): Readonly<Record<string, unknown>> {
  const transform = plainTransform({ framing: 'datagram' })
  const layout = layoutOf(version)
  const cells = layout.columns.map((column) =>
    column === 'event-id' && eventId !== undefined ? eventId : sampleOf(column, ipVersion),
  )
  const decoded = decodeCef(Buffer.from(onlyBatch(transform(chunkOf(csvRow(cells), layout))).frames))
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.errors))
  const { extension, ...header } = decoded.event
  return { ...header, ...Object.fromEntries(extension) }
}

describe.each(['2016', '2010'] as const)('Exchange %s', (version) => {
  const rows = guide[version].map(([field, deviceField, key, label]) => ({ field, deviceField, key, label }))

  test.each(rows)('$field: $deviceField', ({ deviceField, key, label }) => {
    const [column = ''] = deviceField.split(' (')
    const ipVersion = key.startsWith('c6a') ? 6 : 4
    const event = eventOf(version, ipVersion)
    const expected = deviceField.startsWith('"') ? deviceField.slice(1, -1) : sampleOf(column, ipVersion)
    expect(event[key]).toBe(key === 'rt' ? String(Date.parse(time)) : expected)
    expect(event[`${key}Label`]).toBe(label)
  })

  test.each([
    ['Bytes In', 'total-bytes (RECEIVE)', 'RECEIVE', 'in', 'out'],
    ['Bytes Out', 'total-bytes (except for RECEIVE)', 'SEND', 'out', 'in'],
  ])('%s: %s', (_field, _deviceField, eventId, key, other) => {
    const event = eventOf(version, 4, eventId)
    expect([event[key], event[other]]).toEqual([sampleOf('total-bytes', 4), undefined])
  })
})
