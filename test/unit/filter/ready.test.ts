/** Filters by name: what each takes, and what it leaves. */
import { expect, test } from 'vitest'
import { configSchema } from '../../../src/config/schema.ts'
import { compileFilter, describeFilter } from '../../../src/filter/filter.ts'
import type { FilterSettings, ReadyName } from '../../../src/filter/options.ts'
import { allColumns } from '../../../src/records/layouts.ts'
import { layoutOf, recordsOf } from '../../support/records.ts'

type Fields = Readonly<Partial<Record<(typeof allColumns)[number], string>>>

function takes(settings: FilterSettings, fields: Fields): boolean {
  const layout = layoutOf('2016')
  const row = allColumns.map((column) => ({ 'schema-version': '15.02', ...fields })[column] ?? '')
  const filter = compileFilter(settings)(layout)
  return filter === null || filter(recordsOf(layout, [row]), 0)
}

const led = (reply: string) => `'[{LED=${reply};x};{MSG=}]'`
const organisation = { domains: ['x.example'], connectors: ['To our cloud'] }

test.each<[name: ReadyName, fields: Fields, isTaken: boolean]>([
  ['failed', { 'event-id': 'FAIL' }, true],
  ['failed', { 'event-id': 'SEND', 'recipient-status': '250 2.1.5 OK;550 5.1.1 no' }, true],
  ['failed', { 'event-id': 'SEND', 'recipient-status': '250 2.1.5 OK;450 4.1.1 later' }, false],
  ['failed', { 'event-id': 'DEFER', 'recipient-status': led('451 4.7.0') }, false],
  ['failed', { 'event-id': 'DROP' }, true],
  ['failed', { 'event-id': 'DROP', 'recipient-status': led('550 4.3.2') }, true],
  ['failed', { 'event-id': 'DROP', 'recipient-status': led('250 2.1.5 RESOLVER.GRP.Expanded') }, false],
  ['failed', { 'event-id': 'DSN', 'source-context': 'Failure' }, true],
  ['failed', { 'event-id': 'DSN', 'source-context': 'Delay' }, false],
  ['failed', { 'event-id': 'DSN', 'source-context': 'Delay', 'message-info': '<a@x>:<550 5.1.1 no>' }, false],
  ['failed', { 'event-id': 'DSN', 'message-info': '<a@x>:<550 4.4.7 QUEUE.Expired>' }, true],
  ['failed', { 'event-id': 'DSN', 'message-info': '<a@x>:<400 4.4.7 Message delayed>' }, false],
  ['failed', { 'event-id': 'DSN', 'recipient-status': '550 5.1.1 no' }, true],
  ['failed', { 'event-id': 'DSN' }, false],
  ['rule-hits', { 'event-id': 'AGENTINFO', 'custom-data': 'S:A=1;S:TRA=ETR|ruleId=a' }, true],
  ['rule-hits', { 'event-id': 'AGENTINFO', 'custom-data': 'S:AMA=SUM|v=1|action=b' }, true],
  [
    'rule-hits',
    { 'event-id': 'AGENTINFO', 'custom-data': 'S:AMA=SUM|v=0|action=;S:TRA=ETRP|ruleId=a' },
    false,
  ],
  ['left-organisation', { 'event-id': 'SENDEXTERNAL', 'recipient-address': 'a@y.example' }, true],
  ['left-organisation', { 'event-id': 'SENDEXTERNAL', 'recipient-address': 'a@x.example' }, false],
  [
    'left-organisation',
    { 'event-id': 'SENDEXTERNAL', 'connector-id': 'to our cloud', 'recipient-address': 'a@y.example' },
    false,
  ],
])('%s, of %j: %j', (name, fields, isTaken) => {
  expect(takes({ only: [name], organisation }, fields)).toBe(isTaken)
})

test('several are what one of them takes', () => {
  const settings: FilterSettings = { only: ['failed', 'auto-forwarded'] }
  expect(takes(settings, { 'event-id': 'REDIRECT' })).toBe(true)
  expect(takes(settings, { 'event-id': 'FAIL' })).toBe(true)
  expect(takes(settings, { 'event-id': 'RECEIVE', source: 'SMTP' })).toBe(false)
  expect(describeFilter(settings)[0]).toBe('only')
})

test('a connector is meant by its name, whatever stands in it', () => {
  const settings: FilterSettings = { only: ['left-organisation'], organisation: { connectors: ['a.*(b)'] } }
  const sent = (connector: string) =>
    takes(settings, { 'event-id': 'SENDEXTERNAL', 'connector-id': connector })
  expect(['A.*(b)', 'EX01\\a.*(b)', 'axx(b)', 'a.*(b)c'].map(sent)).toEqual([false, false, true, true])
})

test('anonymous-relay needs to know the domains', () => {
  const config = (organisation?: object) =>
    configSchema.safeParse({
      sources: [{ folder: 'a' }],
      destinations: [{ to: 'udp://a', only: ['anonymous-relay'], organisation }],
    })
  expect(config().error?.issues.map(({ path }) => path.join('.'))).toEqual(['destinations.0.only'])
  expect(config({ connectors: ['a'] }).success).toBe(false)
  expect(config({ domains: ['x.example'] }).success).toBe(true)
})
