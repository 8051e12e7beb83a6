/** What exchange-modern says of typical records of each kind. */
import { describe, expect, test } from 'vitest'
import { knownEvents } from '../../../src/filter/events.ts'
import type { Transform } from '../../../src/flow/in-parts.ts'
import { decodeCef } from '../../../src/receive/cef-decoder.ts'
import { allColumns } from '../../../src/records/layouts.ts'
import { onlyBatch } from '../../support/batches.ts'
import { plainTransform } from '../../support/plain-transform.ts'
import { chunkOf, csvRow, layoutOf } from '../../support/records.ts'

type Fields = Readonly<Partial<Record<(typeof allColumns)[number], string>>>

const address = { v4: '192.0.2.1', v6: '2001:db8::1' }

const [cef0, cef1] = ([0, 1] as const).map((cefVersion) =>
  plainTransform({ mapping: 'exchange-modern.v1', cefVersion }),
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
    ['HARECEIVE', ['', '']],
  ])('of %s', (event, expected) => {
    expect(pick(eventOf({ ...fields, 'event-id': event }), 'dst dhost')).toEqual(expected)
  })
})

describe('dvchost is the server that wrote the row', () => {
  const long = { 'client-hostname': 'EX01', 'client-ip': '10.0.0.1', 'server-hostname': 'ex02.x.example' }
  const [client, server] = [
    { ...long, 'server-ip': '10.0.0.2' },
    { ...long, 'client-hostname': 'ex01.x.example', 'server-hostname': 'EX02', 'server-ip': '10.0.0.2' },
  ]
  const keys = 'dvchost dvc dhost dst shost src'
  test.each(['SEND', 'FAIL', 'DEFER', 'SUBMIT', 'SUBMITFAIL', 'SUBMITDEFER', 'NEW'])(
    'the client of %s',
    (event) => {
      const made = eventOf({ ...client, 'event-id': event })
      expect(pick(made, keys)).toEqual(['EX01', '10.0.0.1', 'ex02.x.example', '10.0.0.2', '', ''])
    },
  )

  test.each(['RECEIVE', 'HARECEIVE', 'DELIVER', 'NEW'])('the server of %s', (event) => {
    const made = eventOf({ ...server, 'event-id': event })
    expect(pick(made, keys)).toEqual(['EX02', '10.0.0.2', '', '', 'ex01.x.example', '10.0.0.1'])
  })

  test('never a client that a receiving agent refused', () => {
    const fields = { 'client-ip': '192.0.2.9', 'client-hostname': 'EX01', 'server-ip': '10.0.0.1' }
    const event = eventOf({ ...fields, 'event-id': 'FAIL', source: 'SMTP', 'connector-id': 'EX01\\Default' })
    expect(pick(event, keys)).toEqual(['EX01', '10.0.0.1', '', '', '', '192.0.2.9'])
    const open = eventOf({ ...fields, 'event-id': 'FAIL', source: 'SMTP' })
    expect(pick(open, `${keys} ad.client-ip ad.server-ip`)).toEqual([
      'EX01',
      ...['', '', '', '', ''],
      '192.0.2.9',
      '10.0.0.1',
    ])
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

test('the server itself is no source', () => {
  const fields = {
    'client-ip': '2001:db8::1',
    'client-hostname': 'ex01.x.example',
    'server-hostname': 'EX01',
  }
  const event = eventOf({ ...fields, 'event-id': 'RECEIVE', source: 'STOREDRIVER' })
  expect(pick(event, 'shost c6a2 ad.client-ip ad.client-hostname')).toEqual([
    ...['', ''],
    fields['client-ip'],
    fields['client-hostname'],
  ])
})

test('shost is the client that a front end names', () => {
  const custom = 'S:ProxiedClientIPAddress=203.0.113.9;S:ProxiedClientHostname=mail.y.example'
  const fields = { 'client-ip': '10.0.0.1', 'client-hostname': 'fe01.x.example', 'custom-data': custom }
  const event = eventOf({ ...fields, 'event-id': 'RECEIVE', source: 'SMTP' })
  expect(pick(event, 'src shost ad.client-ip ad.client-hostname')).toEqual([
    ...['203.0.113.9', 'mail.y.example'],
    ...['10.0.0.1', 'fe01.x.example'],
  ])
})

test.each([
  ['RECEIVE', ['5', '', '']],
  ['SEND', ['', '5', '']],
  ['SENDEXTERNAL', ['', '5', '']],
  ['DELIVER', ['', '', '5']],
  ['AGENTINFO', ['', '', '5']],
])('bytes of %s are in, out or only a size', (event, sizes) => {
  expect(pick(eventOf({ 'event-id': event, 'total-bytes': '5' }), 'in out cn2')).toEqual(sizes)
})

describe('how it ended', () => {
  const passed = (what: string) => `[{LED=250 2.1.5 RESOLVER.${what}; x};{MSG=}]`
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
    ['DROP', led, ['dropped', 'failure', '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found', '6']],
    ['DROP', '[{LED=420 4.2.0 x}]', ['dropped', 'failure', '420 4.2.0 x', '5']],
    [
      'DROP',
      `${passed('FWD.Forwarded')};${led}`,
      ['forwarded', 'failure', '250 2.1.5 RESOLVER.FWD.Forwarded; x', '6'],
    ],
    ...([
      ['FWD.Forwarded', 'forwarded'],
      ['GRP.Expanded', 'expanded'],
      ['MSGTYPE.AF', 'auto-forward blocked'],
      ['OOF.IntToExt', 'auto-reply blocked'],
      ['ELSE.New', 'dropped'],
    ].map(([what = '', act = '']) => [
      'DROP',
      passed(what),
      [act, 'success', `250 2.1.5 RESOLVER.${what}; x`, '3'],
    ]) as [string, string, string[]][]),
    [
      'DELIVERFAIL',
      "'STOREDRV.Deliver.Exception:Full; x'",
      ['failed', 'failure', 'STOREDRV.Deliver.Exception:Full; x', '6'],
    ],
    ['HAREDIRECTFAIL', '', ['failed', '', 'no copy on another server', '1']],
    ['SUPPRESSED', '', ['suppressed', '', 'delivery was suppressed', '4']],
    ['MODERATORREJECT', '', ['rejected', 'failure', 'rejected by a moderator', '4']],
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

describe('a report on a delivery', () => {
  test.each<[context: string, info: string, expected: string[]]>([
    ['Failure', '<a@x.example>:<550 5.1.1 no; <such> user>', ['failure', '550 5.1.1 no; <such> user', '6']],
    ['Delay', '<a@x.example>:<400 4.4.7 later>', ['deferred', '400 4.4.7 later', '5']],
    ['Failure', '<a@x.example>:<550 5.1.1 a>;<b@x.example>:<550 5.1.2 b>', ['failure', '550 5.1.1 a', '6']],
    ['', '<a@x.example>:<550 5.1.1 no>', ['failure', '550 5.1.1 no', '6']],
    ['', '<a@x.example>:<400 4.4.7 Message delayed>', ['deferred', '400 4.4.7 Message delayed', '5']],
    ['', '<a@x.example>:<550 4.4.7 QUEUE.Expired>', ['failure', '550 4.4.7 QUEUE.Expired', '6']],
    ['', '<a@x.example>:<250 2.1.5 ok>', ['success', '250 2.1.5 ok', '3']],
    ['Expanded', '', ['success', '', '3']],
    ['', '', ['', '', '5']],
  ])('%s, %s', (context, info, expected) => {
    const event = eventOf({ 'event-id': 'DSN', 'source-context': context, 'message-info': info })
    expect(pick(event, 'outcome reason severity')).toEqual(expected)
  })

  test('of an older server, by its status', () => {
    const event = eventOf({ 'event-id': 'DSN', 'recipient-status': '550 5.1.1 no' })
    expect(pick(event, 'outcome reason')).toEqual(['failure', '550 5.1.1 no'])
  })
})

test('what a rule of a mailbox sends is forwarded', () => {
  const event = eventOf({ 'event-id': 'RECEIVE', source: 'MAILBOXRULE' })
  expect(pick(event, 'act outcome reason')).toEqual(['forwarded', 'success', 'by a rule of the mailbox'])
})

test.each([
  ['Incoming', 'RECEIVE', '0'],
  ['Originating', 'RECEIVE', ''],
  ['Undefined', 'RECEIVE', ''],
  ['', 'RECEIVE', ''],
  ['Incoming', 'SENDEXTERNAL', '0'],
  ['Originating', 'SENDEXTERNAL', '1'],
  ['', 'SENDEXTERNAL', '1'],
  ['Originating', 'SEND', ''],
  ['Originating', 'DELIVER', ''],
])('direction of %s, %s: %s', (directionality, event, direction) => {
  const fields = { directionality, 'event-id': event, source: 'SMTP', 'schema-version': '15.02.2562.045' }
  expect(pick(eventOf(fields), 'deviceDirection')).toEqual([direction])
})

test.each([
  ['to the Internet', 'Originating', '1'],
  ['Intra-Organization SMTP Send Connector', 'Originating', ''],
  ['to the Internet', 'Incoming', ''],
])('direction of SEND before 2016, by %s, %s: %s', (connector, directionality, direction) => {
  const fields = { directionality, 'event-id': 'SEND', source: 'SMTP', 'connector-id': connector }
  expect(pick(eventOf(fields), 'deviceDirection')).toEqual([direction])
})

test('app, cnt and the ids', () => {
  const id = '0b8a2c4e-0001-4000-8000-08dd09a1b2c3'
  const fields = { source: 'SMTP', 'log-id': id, 'network-message-id': 'n' }
  const keys = 'app cnt externalId ad.network-message-id'
  expect(pick(eventOf(fields), keys)).toEqual(['SMTP', '1', id, 'n'])
  expect(pick(eventOf({ source: 'DSN' }), keys)).toEqual(['', '1', '', ''])
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
