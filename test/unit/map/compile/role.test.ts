/** Who wrote a row, over rows as Exchange 2007 to SE write them, and over what strangers can put into one. */
import { describe, expect, test } from 'vitest'
import { roleText } from '../../../../src/map/compile/role.ts'
import { roles } from '../../../../src/map/table/roles.ts'
import { layoutOf, recordsOf } from '../../../support/records.ts'

const columns = [
  'event-id', 'source', 'client-ip', 'client-hostname', 'server-ip', 'server-hostname', 'connector-id',
] // biome-ignore format: a list of words
const layout = layoutOf(columns)

/** The roles of client-ip, client-hostname, server-ip, server-hostname. */
function rolesOf(row: string, asked: readonly string[] = ['other']): string {
  const records = recordsOf(layout, [row.split(',')])
  const sides = ['client-ip', 'client-hostname', 'server-ip', 'server-hostname'] as const
  return sides.map((side) => roleText(side, layout, asked).run(records, 0)).join(' ')
}

const byClient = 'writer writer other other'
const byServer = 'other other writer writer'
const byClientAlone = 'writer writer itself itself'
const byServerAlone = 'itself itself writer writer'

describe('who wrote it', () => {
  test.each<[what: string, row: string, roles: string]>([
    [
      'an Edge server that took mail',
      'RECEIVE,SMTP,10.0.0.1,ex01.x.example,10.0.0.2,edge01,edge01\\In',
      byServer,
    ],
    ['from its own front end', 'RECEIVE,SMTP,10.0.0.1,ex01.x.example,10.0.0.1,ex01,EX01\\In', byServerAlone],
    [
      'from a mailbox of its own',
      'RECEIVE,STOREDRIVER,fe80::1%3,EX01.x.example,fe80::2,EX01,',
      byServerAlone,
    ],
    ['by a rule of a mailbox', 'RECEIVE,MAILBOXRULE,,EX01,,EX01,', byServerAlone],
    ['what was sent', 'SEND,SMTP,10.0.0.1,ex01,10.0.0.2,edge01.x.example,To Edge', byClient],
    ['to itself', 'SEND,SMTP,10.0.0.1,ex01,10.0.0.1,ex01.x.example,Intra', byClientAlone],
    ['out', 'SENDEXTERNAL,SMTP,10.0.0.1,edge01,192.0.2.7,mx.example,To the Internet', byClient],
    ['a copy taken', 'HARECEIVE,SMTP,,ex01.x.example,,ex05,', byServer],
    ['a copy given', 'HAREDIRECT,SMTP,,,,ex01,', byServer],
    ['delivered, since 2013', 'DELIVER,STOREDRIVER,,ex01.x.example,,ex01,', byServerAlone],
    ['delivered by a hub, 2007 and 2010', 'DELIVER,STOREDRIVER,,hub01,,mbx01,', byClient],
    ['submitted to itself', 'SUBMIT,STOREDRIVER,10.0.0.1,EX01,,ex01.x.example,', byClientAlone],
    ['submitted to another server', 'SUBMIT,STOREDRIVER,10.0.0.2,EX02,,ex03.x.example,', byClient],
    ['submitted to a hub, 2010', 'SUBMIT,STOREDRIVER,10.0.0.2,mbx01,,hub01,', byClient],
    ['submitted, 2007', 'SUBMIT,STOREDRIVER,10.0.0.2,MBX01,,MBX01,', byClientAlone],
    ['an agent', 'AGENTINFO,AGENT,,ex01,,,', byClient],
    ['dropped by routing', 'DROP,ROUTING,,,,EX01,', byServer],
    ['dropped by an agent', 'DROP,AGENT,,EX01,,,', byClient],
    ['not delivered', 'DELIVERFAIL,STOREDRIVER,,EX03,,,', byClient],
    ['refused by the next hop', 'FAIL,SMTP,10.0.0.1,EX01,10.0.0.40,10.0.0.40,To O365', byClient],
    ['by one with a short name', 'FAIL,SMTP,10.0.0.1,EX01,10.0.0.40,relay,To relay', byClient],
    ['by one without a name', 'DEFER,SMTP,10.0.0.1,EX01,10.0.0.40,,To relay', byClient],
    [
      'refused by a receiving agent',
      'FAIL,SMTP,192.0.2.9,EX01,10.0.0.1,,EX01\\In',
      'other writer writer writer',
    ],
    ['that has no name', 'FAIL,SMTP,192.0.2.9,,10.0.0.1,,EX01\\In', 'other writer writer writer'],
    ['refused, whoever did', 'FAIL,SMTP,192.0.2.9,EX01,10.0.0.1,,', 'unknown writer unknown other'],
    ['notified', 'NOTIFYMAPI,STOREDRIVER,fe80::1,EX01,,,', byClient],
    ['notified, 2010', 'NOTIFYMAPI,STOREDRIVER,,,,,', 'unknown unknown unknown unknown'],
    ['both in full', 'SUBMITFAIL,STOREDRIVER,,ex01.x.example,,ex02.x.example,', byClient],
    ['an event to come', 'NEW,X,,ex01.x.example,,ex02.x.example,', byServer],
  ])('%s', (_, row, expected) => expect(rolesOf(row)).toBe(expected))
})

describe('what strangers choose', () => {
  test.each<[what: string, row: string, roles: string]>([
    ['a short name in HELO', 'RECEIVE,SMTP,192.0.2.9,ex02,10.0.0.1,ex01,ex01\\In', byServer],
    [
      'also where the server stands in full',
      'RECEIVE,SMTP,192.0.2.9,ex02,10.0.0.1,ex01.x.example,',
      byServer,
    ],
    ['and where an agent refused it', 'FAIL,SMTP,192.0.2.9,ex02,10.0.0.1,ex01.x.example,ex01\\In', byServer],
    ['the name of the server', 'RECEIVE,SMTP,192.0.2.9,ex01.evil.example,10.0.0.1,ex01,ex01\\In', byServer],
    ['a short name of a next hop', 'SENDEXTERNAL,SMTP,10.0.0.1,ex01.x.example,192.0.2.9,ex02,Out', byClient],
    ['also of one that refused', 'FAIL,SMTP,10.0.0.1,ex01.x.example,192.0.2.9,ex02,Out', byClient],
  ])('%s', (_, row, expected) => expect(rolesOf(row)).toBe(expected))
})

test('that it is the same server matters only where that is asked for', () => {
  const row = 'DELIVER,STOREDRIVER,,ex01.x.example,,ex01,'
  expect(rolesOf(row, ['other', 'itself'])).toBe(byServer)
  expect(rolesOf(row, roles)).toBe(byServer)
  expect(rolesOf(row, ['itself'])).toBe(byServerAlone)
})
