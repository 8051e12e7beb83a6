/** What exchange-modern says of typical records of each kind. */
import { describe, expect, test } from 'vitest'
import { knownEvents } from '../../../src/filter/events.ts'
import type { Transform } from '../../../src/flow/in-parts.ts'
import { decodeCef } from '../../../src/receive/cef-decoder.ts'
import { allColumns } from '../../../src/records/layouts.ts'
import { createEventTransform } from '../../../src/transform/event-transform.ts'
import { onlyBatch } from '../../support/batches.ts'
import { chunkOf, csvRow, layoutOf } from '../../support/records.ts'

type Fields = Readonly<Partial<Record<(typeof allColumns)[number], string>>>

const address = { v4: '192.0.2.1', v6: '2001:db8::1' }

const [cef0, cef1] = ([0, 1] as const).map((cefVersion) =>
  createEventTransform({
    mapping: 'exchange-modern.v1',
    cefVersion,
    additionalData: 'arcsight',
    syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
    framing: 'lf',
    maxMessageBytes: Number.MAX_SAFE_INTEGER,
  }),
) as [Transform, Transform]

/** The event of a record: its keys and values, and its severity. */
function eventOf(
  fields: Fields,
  { transform = cef0, source = 'ex01' }: { transform?: Transform; source?: string } = {},
): Readonly<Record<string, string>> {
  const times = { 'date-time': '2026-11-20T14:00:01.037Z' }
  const row = csvRow(allColumns.map((column) => ({ ...times, ...fields })[column] ?? ''))
  const chunk = chunkOf(row, layoutOf('2016'))
  const { frames } = onlyBatch(transform({ ...chunk, file: { ...chunk.file, source } }))
  const decoded = decodeCef(Buffer.from(frames.subarray(0, -1)))
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.errors))
  return { ...Object.fromEntries(decoded.event.extension), severity: String(decoded.event.severity) }
}

/** Those keys of an event, empty where it does not have them. */
function pick(event: Readonly<Record<string, string>>, keys: string): string[] {
  return keys.split(' ').map((key) => event[key] ?? '')
}

describe('src is the true client', () => {
  const proxied = 'S:A=1;S:ProxiedClientIPAddress=203.0.113.9'
  test.each<[what: string, fields: Fields, src: string]>([
    ['the original client', { 'original-client-ip': '203.0.113.7', 'client-ip': '10.0.0.1' }, '203.0.113.7'],
    ['else the proxied one', { 'custom-data': proxied, 'client-ip': '10.0.0.1' }, '203.0.113.9'],
    ['else who connected', { 'client-ip': '10.0.0.1' }, '10.0.0.1'],
    [
      'no server instead of a client with IPv6',
      { 'original-client-ip': address.v6, 'client-ip': '10.0.0.1' },
      '',
    ],
  ])('%s', (_, fields, src) =>
    expect(pick(eventOf({ 'event-id': 'RECEIVE', ...fields }), 'src')).toEqual([src]),
  )

  test('and of SEND never the server', () => {
    const fields = { 'event-id': 'SEND', 'client-ip': '10.0.0.1' }
    expect(pick(eventOf(fields), 'src')).toEqual([''])
    expect(pick(eventOf({ ...fields, 'original-client-ip': address.v4 }), 'src')).toEqual([address.v4])
  })

  test('its host is named where it is the one that connected', () => {
    const fields = { 'event-id': 'RECEIVE', 'client-ip': '10.0.0.1', 'client-hostname': 'mx.example' }
    const keys = 'src shost ad.client-ip ad.client-hostname'
    expect(pick(eventOf(fields), keys)).toEqual(['10.0.0.1', 'mx.example', '', ''])
    expect(pick(eventOf({ ...fields, 'original-client-ip': address.v4 }), keys)).toEqual([
      address.v4,
      '',
      '10.0.0.1',
      'mx.example',
    ])
    expect(pick(eventOf({ ...fields, 'custom-data': proxied }), keys)).toEqual([
      '203.0.113.9',
      '',
      '10.0.0.1',
      'mx.example',
    ])
  })
})

describe('dst is the next hop', () => {
  const fields = { 'client-ip': '10.0.0.1', 'server-ip': address.v4, 'server-hostname': 'mx.example' }
  test.each([
    ['SEND', [address.v4, 'mx.example']],
    ['SENDEXTERNAL', [address.v4, 'mx.example']],
    ['RECEIVE', ['', '']],
    ['DELIVER', ['', '']],
  ])('of %s', (event, expected) => {
    expect(pick(eventOf({ ...fields, 'event-id': event }), 'dst dhost')).toEqual(expected)
  })
})

describe('dvchost is the server that wrote the row', () => {
  const fields = {
    'client-hostname': 'CLIENT',
    'client-ip': '10.0.0.1',
    'server-hostname': 'SERVER',
    'server-ip': '10.0.0.2',
  }
  test.each([
    ...['SEND', 'SENDEXTERNAL', 'FAIL', 'DEFER', 'AGENTINFO', 'NOTIFYMAPI'].map((event) => [
      event,
      'CLIENT',
      '10.0.0.1',
    ]),
    ...['RECEIVE', 'HARECEIVE', 'HADISCARD', 'HAREDIRECT', 'HAREDIRECTFAIL', 'DELIVER', 'NEW'].map(
      (event) => [event, 'SERVER', '10.0.0.2'],
    ),
  ] as [string, string, string][])('of %s', (event, host, ip) => {
    expect(pick(eventOf({ ...fields, 'event-id': event }), 'dvchost dvc')).toEqual([host, ip])
  })

  test.each([
    ['SEND', { 'server-hostname': 'NEXT-HOP' }],
    ['RECEIVE', { 'client-hostname': 'CLIENT' }],
    ['NOTIFYMAPI', {}],
  ])('or, where the row of %s does not say it, the source by its name', (event, fields) => {
    expect(pick(eventOf({ ...fields, 'event-id': event }), 'dvchost')).toEqual(['ex01'])
    expect(pick(eventOf({ ...fields, 'event-id': event }, { source: '' }), 'dvchost')).toEqual([''])
  })
})

describe('how it ended', () => {
  const led = '[{LED=550 5.1.1 RESOLVER.ADR.RecipNotFound; not found};{MSG=};{FQDN=}]'
  test.each([
    ['SEND', '250 2.1.5 Recipient OK', ['sent', 'success', '', '3']],
    ['SEND', '250 2.1.5 OK;450 4.2.1 later', ['sent', 'deferred', '450 4.2.1 later', '5']],
    ['SEND', "250 2.1.5 OK;'550 5.1.1 no; really'", ['sent', 'failure', '550 5.1.1 no; really', '6']],
    ['FAIL', led, ['failed', 'failure', '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found', '6']],
    [
      'FAIL',
      led.replace('550 5', '400 4'),
      ['failed', 'failure', '400 4.1.1 RESOLVER.ADR.RecipNotFound; not found', '5'],
    ],
    ['FAIL', '', ['failed', 'failure', '', '6']],
    ['DEFER', '[{LED=421 4.3.2 busy};{MSG=}]', ['deferred', 'deferred', '421 4.3.2 busy', '5']],
    ['DEFER', '', ['deferred', 'deferred', '', '4']],
    ['RECEIVE', 'To;Cc;Bcc', ['received', 'success', '', '3']],
    ['DROP', '', ['dropped', 'failure', 'dropped without a report', '5']],
    ['POISONMESSAGE', '550 5.6.0 x', ['quarantined', 'failure', '550 5.6.0 x', '8']],
    ['NOTIFYMAPI', '', ['notified', '', '', '2']],
    ['NEW', '', ['', '', '', '3']],
    ['NEW', '550 5.6.0 x', ['', 'failure', '550 5.6.0 x', '6']],
    ['SEND', '250 2.6.0 5500 bytes', ['sent', 'success', '', '3']],
  ])('%s with %s', (event, status, expected) => {
    const fields = { 'event-id': event, 'recipient-status': status }
    expect(pick(eventOf(fields), 'act outcome reason severity')).toEqual(expected)
  })

  test('every known event has an action', () => {
    expect(knownEvents.filter((event) => pick(eventOf({ 'event-id': event }), 'act')[0] === '')).toEqual([])
  })
})

test.each([
  ['Incoming', 'RECEIVE', '0'],
  ['Originating', 'RECEIVE', '1'],
  ['Undefined', 'RECEIVE', ''],
  ['', 'RECEIVE', ''],
  ['Incoming', 'SENDEXTERNAL', '1'],
])('direction of %s, %s: %s', (directionality, event, direction) => {
  expect(pick(eventOf({ directionality, 'event-id': event }), 'deviceDirection')).toEqual([direction])
})

test('app, cnt and the ids', () => {
  const id = '0b8a2c4e-0001-4000-8000-08dd09a1b2c3'
  const fields = { source: 'SMTP', 'log-id': id, 'network-message-id': 'n' }
  const keys = 'app cnt externalId ad.log-id ad.network-message-id'
  expect(pick(eventOf(fields), keys)).toEqual(['SMTP', '1', id, '', 'n'])
  expect(pick(eventOf({ source: 'DSN', 'log-id': 'x'.repeat(41) }), keys)).toEqual([
    '',
    '1',
    'x'.repeat(40),
    'x'.repeat(41),
    '',
  ])
})

describe('CEF versions', () => {
  const fields = {
    'event-id': 'SEND',
    'total-bytes': '3000000000',
    'original-client-ip': '2001:db8::1%3',
    'server-ip': '2001:db8::2',
    'client-ip': '2001:db8::3',
  }
  const keys = 'out src dst dvc c6a1 c6a2 c6a3 ad.total-bytes _cefVer'
  const ipv6 = ['2001:db8::3', '2001:db8::1', '2001:db8::2']
  test('CEF:0 has no IPv6 in address keys, and sizes of 32 bits', () => {
    expect(pick(eventOf(fields), keys)).toEqual(['2147483647', '', '', '', ...ipv6, '3000000000', '0.1'])
  })

  test('CEF:1 has IPv6 in address keys too, and sizes of 64 bits', () => {
    const [c6a1, c6a2, c6a3] = ipv6
    const addresses = [c6a2, c6a3, c6a1]
    expect(pick(eventOf(fields, { transform: cef1 }), keys)).toEqual([
      '3000000000',
      ...addresses,
      ...ipv6,
      '',
      '1.0',
    ])
  })

  test('CEF:1 clamps at 63 bits', () => {
    const large = { ...fields, 'total-bytes': '9223372036854775808' }
    expect(pick(eventOf(large, { transform: cef1 }), 'out ad.total-bytes')).toEqual([
      '9223372036854775807',
      '9223372036854775808',
    ])
  })
})

test('msg, suser, duser and cs6 are always followed by a plain key', () => {
  const fields = {
    'message-subject': 'a',
    'sender-address': 'b',
    'recipient-address': 'c',
    'return-path': 'd',
  }
  const keys = Object.keys(eventOf({ ...fields, 'tenant-id': 't' }, { source: '' }))
  for (const key of ['msg', 'suser', 'duser', 'cs6']) {
    expect([key, keys[keys.indexOf(key) + 1]]).toEqual([key, expect.not.stringMatching(/^ad\./)])
  }
})
