import fc from 'fast-check'
import { knownEvents } from '../../src/filter/events.ts'

const maybe = (...texts: readonly string[]) => fc.constantFrom('', ...texts)
const ip = maybe('10.0.0.1', '10.0.0.2', '192.0.2.7', 'fe80::1%3', '2001:db8::1', 'mx.example')
const host = maybe('EX01', 'ex01.x.example', 'ex02', 'EX02.x.example', 'mx.example', '[192.0.2.7]')
/** Rows of every event as Exchange may write them, each value another one but for names and addresses. */
export const logged: fc.Arbitrary<Readonly<Record<string, string>>> = fc.record({
  'date-time': fc.constant('2026-11-20T14:00:01.037Z'),
  'event-id': fc.constantFrom(...knownEvents, 'NEW'),
  source: fc.constantFrom('SMTP', 'STOREDRIVER', 'ROUTING', 'AGENT', 'MAILBOXRULE', 'DSN', 'GATEWAY'),
  'client-ip': ip,
  'client-hostname': host,
  'server-ip': ip,
  'server-hostname': host,
  'source-context': maybe('Failure', 'Delay', '08DB;2026-03-01T10:00:00.000Z;0', 'MDB:1, Mailbox:2'),
  'connector-id': maybe('EX01\\Default EX01', 'To the Internet', 'Intra-Organization SMTP Send Connector'),
  'internal-message-id': maybe('164213779595265'),
  'message-id': maybe('<a@x.example>'),
  'network-message-id': maybe('ad8e9f38-83cc-4fd7-7d54-08db3388f694'),
  'recipient-address': maybe('a@x.example', 'a@x.example;b@y.example', '/o=X/cn=a'),
  'recipient-status': maybe(
    'To;Cc',
    '250 2.1.5 OK',
    '[{LED=550 5.1.1 no};{MSG=}]',
    '[{LED=250 2.1.5 RESOLVER.FWD.Forwarded; x}]',
  ),
  'total-bytes': maybe('5890'),
  'recipient-count': maybe('2'),
  'related-recipient-address': maybe('old@x.example'),
  reference: maybe('<b@x.example>'),
  'message-subject': maybe('Hello'),
  'sender-address': maybe('s@x.example'),
  'return-path': maybe('<>', 'r@x.example'),
  'message-info': maybe(
    '0cA:',
    '<a@x.example>:<550 5.1.1 no>',
    '2026-03-01T10:00:00.000Z;LSRV=ex02.x.example:TOTAL-SUB=0.39',
  ),
  directionality: maybe('Incoming', 'Originating', 'Undefined'),
  'tenant-id': maybe('0f0e8b7a-0002-4000-8000-08d86addd4d3'),
  'original-client-ip': maybe('198.51.100.7', '2001:db8::7', 'client.example'),
  'original-server-ip': maybe('198.51.100.8', '2001:db8::8'),
  'custom-data': maybe(
    'S:A=1',
    'S:ProxiedClientIPAddress=203.0.113.9',
    'S:ProxiedClientHostname=h.y.example;S:A=2',
    'S:TRA=ETR|ruleId=r;S:A=1',
    'S:ProxiedClientIPAddress=203.0.113.9;S:ProxiedClientHostname=h.y.example',
  ),
  'transport-traffic-type': maybe('Email'),
  'log-id': maybe('0f0e8b7a-0002-4000-8000-08d86addd4d4'),
  'schema-version': fc.constant('15.02.2562.045'),
})
