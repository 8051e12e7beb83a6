import { describe, expect, test } from 'vitest'
import { knownEvents } from '../../../src/filter/events.ts'
import type { Conversion, EventPlan, ValuePlan } from '../../../src/flow/plan.ts'
import { createMapper } from '../../../src/map/mapper.ts'
import { builtInMappings, loadDictionary, loadMapping } from '../../../src/map/table/load.ts'
import { knownColumns } from '../../../src/records/layouts.ts'

type Expected = readonly [
  key: string,
  column: string,
  as: Conversion,
  label?: string | undefined,
  condition?: string | undefined,
]

/** The vendor's two tables as the contract of the output has them, in the order of the event. */
const fields: Readonly<Record<'2013' | '2007', readonly Expected[]>> = {
  '2013': [
    ['rt', 'date-time', 'epoch-millis'],
    ['msg', 'message-subject', 'text'],
    ['in', 'total-bytes', 'integer', undefined, 'event-id is RECEIVE'],
    ['out', 'total-bytes', 'integer', undefined, 'event-id is not RECEIVE'],
    ['cat', 'source', 'text'],
    ['sourceServiceName', 'source', 'text'],
    ['src', 'original-client-ip', 'ipv4'],
    ['suser', 'sender-address', 'text'],
    ['dhost', 'client-hostname', 'text'],
    ['dst', 'client-ip', 'ipv4'],
    ['duser', 'recipient-address', 'text'],
    ['cs1', 'internal-message-id', 'text', 'Internal Message ID'],
    ['cs2', 'message-id', 'text', 'Message ID'],
    ['cs3', 'reference', 'text', 'Reference'],
    ['cs4', 'connector-id', 'text', 'Connector ID'],
    ['cs5', 'source-context', 'text', 'Source Context'],
    ['cs6', 'return-path', 'text', 'Return Path'],
    ['cn1', 'recipient-count', 'integer', 'Recipient Count'],
    ['c6a1', 'server-ip', 'ipv6', 'Device IPv6 Address'],
    ['c6a2', 'original-client-ip', 'ipv6', 'Source IPv6 Address'],
    ['c6a3', 'client-ip', 'ipv6', 'Destination IPv6 Address'],
    ['flexString1', 'directionality', 'text', 'Directionality'],
  ],
  '2007': [
    ['rt', 'date-time', 'epoch-millis'],
    ['msg', 'message-subject', 'text'],
    ['in', 'total-bytes', 'integer', undefined, 'event-id is RECEIVE'],
    ['out', 'total-bytes', 'integer', undefined, 'event-id is not RECEIVE'],
    ['cat', 'source', 'text'],
    ['sourceServiceName', 'source', 'text'],
    ['shost', 'client-hostname', 'text'],
    ['src', 'client-ip', 'ipv4'],
    ['suser', 'sender-address', 'text'],
    ['duser', 'recipient-address', 'text'],
    ['cs1', 'internal-message-id', 'text', 'Internal Message ID'],
    ['cs2', 'message-id', 'text', 'Message ID'],
    ['cs3', 'reference', 'text', 'Reference'],
    ['cs4', 'connector-id', 'text', 'Connector ID'],
    ['cs5', 'source-context', 'text', 'Source Context'],
    ['cs6', 'return-path', 'text', 'Return Path'],
    ['cn1', 'recipient-count', 'integer', 'Recipient Count'],
    ['c6a1', 'server-ip', 'ipv6', 'Device IPv6 Address'],
    ['c6a2', 'client-ip', 'ipv6', 'Source IPv6 Address'],
    ['flexString1', 'directionality', 'text', 'Directionality'],
  ],
}

const device: readonly Expected[] = [
  ['dvchost', 'server-hostname', 'text'],
  ['dvc', 'server-ip', 'ipv4'],
]

const additional = {
  '2013': [
    'custom-data',
    'message-info',
    'network-message-id',
    'recipient-status',
    'related-recipient-address',
    'tenant-id',
    'transport-traffic-type',
  ],
  '2007': [
    'custom-data',
    'message-info',
    'original-client-ip',
    'original-server-ip',
    'recipient-status',
    'related-recipient-address',
    'tenant-id',
  ],
} as const

// The version of Exchange that has all columns the table knows.
const columnsOf = { '2013': knownColumns['2016'], '2007': knownColumns['2010'] } as const

function planOf(table: '2013' | '2007'): EventPlan {
  const mapper = createMapper({ mapping: `exchange-${table}.v1`, cefVersion: 0, additionalData: 'arcsight' })
  return mapper.planFor({ columns: columnsOf[table], version: '15.1', header: Buffer.alloc(0) })
}

/** A compiled row in the words of the tables above. */
function described(value: ValuePlan | undefined, columns: readonly string[]): Expected | undefined {
  if (value === undefined) return undefined
  const { when } = value
  const condition =
    when === null
      ? undefined
      : `${columns[when.column]} ${when.negate ? 'is not' : 'is'} ${when.values.join(' or ')}`
  return [value.key, columns[value.column] ?? '', value.as, value.label?.text, condition]
}

function padded([key, column, as, label, condition]: Expected): Expected {
  return [key, column, as, label, condition]
}

describe.each(['2013', '2007'] as const)('exchange-%s.v1', (table) => {
  const plan = planOf(table)
  const columns = columnsOf[table]

  test.each(fields[table].map((row, position) => ({ position, key: row[0], row })))(
    'field $position is $key',
    ({ position, row }) => {
      expect(described(plan.fields[position], columns)).toEqual(padded(row))
    },
  )

  test('has no other field', () => expect(plan.fields).toHaveLength(fields[table].length))

  test('every label stands in the label key of its custom key', () => {
    for (const { key, label } of plan.fields) if (label !== null) expect(label.key).toBe(`${key}Label`)
  })

  test('device', () => {
    expect(plan.device.map((value) => described(value, columns))).toEqual(device.map(padded))
  })

  test('additional data', () => {
    expect(plan.additional.map(({ column }) => columns[column])).toEqual(additional[table])
    expect(plan.additional.map(({ key }) => key)).toEqual(additional[table].map((name) => `ad.${name}`))
  })

  test('header', () => {
    const [vendor, product, version, eventClassId, name] = plan.header
    expect(vendor).toEqual({ columns: [], fallback: 'Microsoft', maxBytes: 63 })
    expect(product).toEqual({ columns: [], fallback: 'Exchange Server', maxBytes: 63 })
    expect(version).toEqual({ columns: table === '2013' ? [29] : [], fallback: '15.1', maxBytes: 31 })
    const eventId = { columns: [8], fallback: 'UNKNOWN' }
    expect(eventClassId).toEqual({ ...eventId, maxBytes: 1023 })
    expect(name).toEqual({ ...eventId, maxBytes: 512 })
  })

  test('time and severity come from their columns, and every known event has a severity', () => {
    expect(columns[plan.timeColumn]).toBe('date-time')
    expect(columns[plan.severity.column]).toBe('event-id')
    expect(plan.severity.default).toBe(3)
    expect([...plan.severity.levels.keys()].sort()).toEqual([...knownEvents].sort())
  })

  test.each([
    ['HARECEIVE', 1],
    ['NOTIFYMAPI', 2],
    ['RECEIVE', 3],
    ['SENDEXTERNAL', 3],
    ['DEFER', 4],
    ['DSN', 5],
    ['FAIL', 6],
    ['BADMAIL', 7],
    ['POISONMESSAGE', 8],
  ])('severity of %s is %i', (event, level) => expect(plan.severity.levels.get(event)).toBe(level))

  test.each([
    [1023, ['msg', 'suser', 'duser', 'cat', 'sourceServiceName', 'flexString1']],
    [4000, ['cs1', 'cs2', 'cs3', 'cs4', 'cs5', 'cs6']],
    [100, ['dvchost']],
  ] as const)('limit of %i bytes', (maxBytes, keys) => {
    const values = [...plan.fields, ...plan.device].filter(({ key }) => keys.some((known) => known === key))
    expect(values.map((value) => value.maxBytes)).toEqual(keys.map(() => maxBytes))
  })

  test('host names and additional data have their limits', () => {
    const host = plan.fields.find(({ key }) => key === 'shost' || key === 'dhost')
    expect(host?.maxBytes).toBe(1023)
    expect(plan.additional.every(({ maxBytes }) => maxBytes === 4000)).toBe(true)
  })
})

test('the id of every built-in table is the name of its file', () => {
  const dictionary = loadDictionary()
  for (const id of builtInMappings()) expect(loadMapping(id, { dictionary }).id).toBe(id)
})
