import { describe, expect, test } from 'vitest'
import { relatedStatus, repliesOf, statusOf } from '../../../src/mails/status.ts'

const facts = { connector: '', nextHop: 'mx', tellsExternal: true }

test.each([
  ['RECEIVE', '', 'received', 0],
  ['SEND', '250 2.1.5 OK', 'received', 0],
  ['SENDEXTERNAL', '250 2.1.5 OK', 'sent to mx', 3],
  ['SENDEXTERNAL', '550 5.1.1 no', 'failed: 550 5.1.1 no', 3],
  ['SEND', '450 4.1.1 later', 'deferred: 450 4.1.1 later', 1],
  ['DELIVER', '', 'delivered', 3],
  ['DUPLICATEDELIVER', '', 'delivered before', 2],
  ['FAIL', '', 'failed', 3],
  ['DEFER', '451 4.4.0 x', 'deferred: 451 4.4.0 x', 1],
  ['DROP', '250 2.1.5 RESOLVER.FWD.Forwarded', 'replaced: 250 2.1.5 RESOLVER.FWD.Forwarded', 2],
  ['DROP', '', 'dropped', 3],
])('%s with %j: %s', (event, reply, text, finality) => {
  expect(statusOf({ ...facts, event }, reply)).toMatchObject({ text, finality })
})

test.each([
  [true, 'to Internet', 'received'],
  [false, 'to Internet', 'sent to mx'],
  [false, 'Intra-Organization SMTP Send Connector', 'received'],
])('SEND where logs tell of SENDEXTERNAL %j, by %s: %s', (tellsExternal, connector, text) => {
  expect(statusOf({ ...facts, event: 'SEND', tellsExternal, connector }, '250 OK').text).toBe(text)
})

test('only what replaces recipients says something of the related one', () => {
  expect(['EXPAND', 'REDIRECT', 'RESOLVE', 'SEND'].map((event) => relatedStatus(event)?.text)).toEqual([
    ...['expanded', 'redirected', 'resolved'],
    undefined,
  ])
})

describe('replies', () => {
  test.each<[status: string, count: number, replies: string[]]>([
    ['250 a;550 b', 2, ['250 a', '550 b']],
    ["'[{LED=550 5.1.1 no; really};{MSG=}]'", 2, ['550 5.1.1 no; really', '550 5.1.1 no; really']],
    ['To;Cc', 2, ['', '']],
    ['250 a;550 b', 3, ['', '', '']],
    ['', 1, ['']],
  ])('%s of %i', (status, count, replies) => expect(repliesOf(status, count)).toEqual(replies))
})
