/** What exchange-hunting says beyond exchange-modern, of typical records of each kind. */
import { describe, expect, test } from 'vitest'
import type { Transform } from '../../../src/flow/in-parts.ts'
import type { Organisation } from '../../../src/map/options.ts'
import { decodeCef } from '../../../src/receive/cef-decoder.ts'
import { allColumns } from '../../../src/records/layouts.ts'
import { onlyBatch } from '../../support/batches.ts'
import { plainTransform } from '../../support/plain-transform.ts'
import { chunkOf, csvRow, layoutOf } from '../../support/records.ts'

type Fields = Readonly<Partial<Record<(typeof allColumns)[number], string>>>

const transforms = new Map<Organisation | undefined, Transform>()

/** Those keys of the event of a record, empty where it does not have them. */
function pick(fields: Fields, keys: string, organisation?: Organisation): string[] {
  const transform =
    transforms.get(organisation) ?? plainTransform({ mapping: 'exchange-hunting.v1', organisation })
  transforms.set(organisation, transform)
  const given: Fields = { 'date-time': '2026-11-20T14:00:01.037Z', 'schema-version': '15.02', ...fields }
  const row = csvRow(allColumns.map((column) => given[column] ?? ''))
  const { frames } = onlyBatch(transform(chunkOf(row, layoutOf('2016'))))
  const decoded = decodeCef(Buffer.from(frames.subarray(0, -1)))
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.errors))
  const { extension } = decoded.event
  return keys.split(' ').map((key) => extension.get(key) ?? '')
}

test.each([
  ['00A: ', ['anonymous', 'none']],
  ['00A: NTS:', ['anonymous', 'none']],
  ['0aI: ', ['internal', 'login']],
  ['0cA: ', ['anonymous', 'exchange']],
  ['04I: ', ['internal', 'mapi']],
  ['11I: ', ['internal', '11']],
  ['0dP: ', ['partner', '0d']],
  ['0cX: ', ['', 'exchange']],
  ['2026-11-20T14:00:00.000Z;SRV=a', ['', '']],
])('authentication of a sender with %s', (info, expected) => {
  const keys = 'spriv ad.authentication-mechanism'
  expect(pick({ 'event-id': 'RECEIVE', 'message-info': info }, keys)).toEqual(expected)
  expect(pick({ 'event-id': 'SEND', 'message-info': info }, keys)).toEqual(['', ''])
})

describe('auto-forward', () => {
  const to = { 'recipient-address': 'a@x.example;b@y.example' }
  const dropped = (what: string) => ({
    'event-id': 'DROP',
    'recipient-status': `[{LED=250 2.1.5 RESOLVER.${what}; x}]`,
  })
  test.each<[fields: Fields, expected: string[]]>([
    [{ 'event-id': 'RECEIVE', source: 'MAILBOXRULE', ...to }, ['inbox rule', 'a@x.example, b@y.example']],
    [{ 'event-id': 'RECEIVE', source: 'SMTP', ...to }, ['', '']],
    [{ 'event-id': 'REDIRECT', ...to }, ['redirection', 'a@x.example, b@y.example']],
    [dropped('FWD.Forwarded'), ['mailbox', '']],
    [dropped('MSGTYPE.AF'), ['blocked', '']],
    [dropped('GRP.Expanded'), ['', '']],
  ])('%j', (fields, expected) => {
    expect(pick(fields, 'ad.forwarded-by ad.forwarded-to')).toEqual(expected)
  })
})

describe('rules and malware', () => {
  const rules = 'ad.rule-id ad.rule-action ad.dlp-policy ad.data-classification ad.rule-hits'
  test('of rules that acted', () => {
    const custom =
      'S:A=1;S:TRA=ETR|ruleId=r1|dlpid=d|action=Reject|action=Encrypt|sev=1;S:TRA=DC|dcid=c|count=2;S:TRA=ETR|ruleId=r2'
    expect(pick({ 'event-id': 'AGENTINFO', 'custom-data': custom }, rules)).toEqual([
      ...['r1', 'Reject', 'd', 'dcid=c|count=2'],
      'ruleId=r1|dlpid=d|action=Reject|action=Encrypt|sev=1; ruleId=r2',
    ])
  })

  test.each([
    'S:TRA=ETRP|ruleId=r1|action=x',
    "'S:X=a;S:TRA=ETR|ruleId=forged|action=none';S:A=1",
    'XS:TRA=ETR|ruleId=r1',
  ])('of no other: %s', (custom) => {
    expect(pick({ 'event-id': 'AGENTINFO', 'custom-data': custom }, rules)).toEqual(['', '', '', '', ''])
  })

  test('a verdict with its name', () => {
    const custom = 'S:AMA=SUM|v=1|action=b|error=|atch=1;S:AMA=EV|engine=A|v=1|sig=2|name=W32/X|file=a.exe'
    const keys = 'ad.malware-verdict ad.malware-name'
    expect(pick({ 'event-id': 'AGENTINFO', 'custom-data': custom }, keys)).toEqual([
      'action=b|error=|atch=1',
      'W32/X',
    ])
    expect(pick({ 'event-id': 'AGENTINFO', 'custom-data': custom.replaceAll('v=1', 'v=0') }, keys)).toEqual([
      '',
      '',
    ])
  })
})

test.each([
  ['ann@x.example', 'ann@x.example', '', ''],
  ['Ann@X.example', '<ann@x.example>', '', ''],
  ['ann@x.example', 'ann+1@x.example', '', 'address'],
  ['ann@x.example', 'ann@y.example', '', 'domain'],
  ['ann@x.example', 'ann@x.example', 'S:OriginalFromAddress=z@y.example', 'domain'],
  ['ann@x.example', '<>', '', ''],
  ['', 'ann@y.example', '', ''],
])('sender %s of envelope %s, %s differs: %s', (sender, path, custom, expected) => {
  const fields = {
    'event-id': 'RECEIVE',
    'sender-address': sender,
    'return-path': path,
    'custom-data': custom,
  }
  expect(pick(fields, 'ad.sender-differs')).toEqual([expected])
})

test('client, connectors, latency and status', () => {
  const context = 'MDB:1, Mailbox:2, ClientType:AirSync, SubmissionAssistant:x'
  const submitted: Fields = { 'event-id': 'SUBMIT', source: 'STOREDRIVER', 'source-context': context }
  expect(pick(submitted, 'requestClientApplication')).toEqual(['AirSync'])
  const connectors = 'deviceInboundInterface deviceOutboundInterface'
  expect(pick({ 'event-id': 'RECEIVE', 'connector-id': 'EX01\\In' }, connectors)).toEqual(['EX01\\In', ''])
  expect(pick({ 'event-id': 'SEND', 'connector-id': 'Out' }, connectors)).toEqual(['', 'Out'])
  const latency = (seconds: string) =>
    pick({ 'custom-data': `S:E2ELatency=${seconds};S:A=1` }, 'cfp1 cfp1Label')
  expect(latency('1.235')).toEqual(['1.235', 'Latency Seconds'])
  expect(latency('0,5')).toEqual(['', ''])
  expect(pick({ 'event-id': 'FAIL', 'recipient-status': '[{LED=550 5.1.8 no}]' }, 'flexString2')).toEqual([
    '5.1.8',
  ])
  expect(pick({ 'event-id': 'SEND', 'recipient-status': '250 2.1.5 OK' }, 'flexString2')).toEqual([''])
})

describe('what the organisation is', () => {
  const organisation = {
    domains: ['x.example', '*.y.example'],
    connectors: ['To our cloud', 'EX01\\From Edge'],
  }
  const keys = 'cn3 deviceDirection'
  test.each<[recipients: string, outside: string, direction: string]>([
    ['a@x.example;B@X.Example', '0', ''],
    ['a@x.example;b@z.example;c@z.example', '2', '1'],
    ["'o''brien@a.y.example';a@y.example", '1', '1'],
    ['/o=Org/cn=Ann', '', '0'],
  ])('says of %s how many are outside, and whether mail leaves', (recipients, ...expected) => {
    const fields: Fields = {
      'event-id': 'SENDEXTERNAL',
      directionality: 'Incoming',
      'recipient-address': recipients,
    }
    expect(pick(fields, keys, organisation)).toEqual(expected)
    expect(pick(fields, keys)).toEqual(['', '0'])
  })

  test.each<[event: string, connector: string, known: string, unknown: string]>([
    ['SENDEXTERNAL', 'To our cloud', '', '1'],
    ['SENDEXTERNAL', 'to OUR cloud', '', '1'],
    ['SENDEXTERNAL', 'To the Internet', '1', '1'],
    ['RECEIVE', 'EX01\\From Edge', '', '0'],
    ['RECEIVE', 'EX02\\From Edge', '0', '0'],
  ])('says of %s by %s whether it is inside', (event, connector, known, unknown) => {
    const fields: Fields = {
      'event-id': event,
      source: 'SMTP',
      'connector-id': connector,
      directionality: event === 'RECEIVE' ? 'Incoming' : 'Originating',
    }
    expect(pick(fields, 'deviceDirection', organisation)).toEqual([known])
    expect(pick(fields, 'deviceDirection')).toEqual([unknown])
  })
})
