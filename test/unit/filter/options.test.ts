import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { doubtsOf } from '../../../src/filter/doubts.ts'
import { wantedEvents } from '../../../src/filter/events.ts'
import { type FilterGroup, filterShape, type NoiseName } from '../../../src/filter/options.ts'

const schema = z.strictObject(filterShape)

function mistakes(value: unknown): string[] {
  const issues = schema.safeParse(value).error?.issues ?? []
  return issues.map(({ path, message }) => `${path.join('.')} ${message}`)
}

test('nothing is filtered by default', () => {
  expect(schema.parse({})).toEqual({})
})

test('a whole filter', () => {
  const filter = {
    events: ['SEND', 'RECEIVE'],
    sources: ['SMTP'],
    directionality: ['Incoming' as const],
    senders: ['ann@contoso.com', '@contoso.com', '*@*.contoso.com', '/^ann/', '<>', '/o=contoso/cn=ann'],
    recipients: ['*@monitoring.example'],
    sizeBytes: { min: 0, max: 1000 },
    customData: ['S:IsProbe', 'IsProbe=true', 'S:Empty=', 'S:AMA=/x/'],
    and: [{ events: ['SEND'] }],
    or: [{ not: { not: { senders: ['@x.example'] } } }],
    not: { recipients: ['/x/'] },
  }
  const noise: NoiseName[] = ['shadow-redundancy', 'monitoring', 'agentinfo-performance']
  expect(schema.parse({ events: ['FAIL'], filter, noise })).toEqual({ events: ['FAIL'], filter, noise })
})

describe('mistakes', () => {
  test.each<[unknown, string[]]>([
    [{ events: [] }, ['events names no event; leave it out to deliver all of them']],
    [{ events: ['SEND,RECEIVE'] }, ['events.0 is no event id, such as SEND']],
    [{ filter: {} }, ['filter has no condition; give one, such as events, or leave it out']],
    [
      { filter: { not: { or: [{ senders: ['@a.example'] }, {}] } } },
      ['filter.not.or.1 has no condition; give one, such as events, or leave it out'],
    ],
    [{ filter: { and: [] } }, ['filter.and is empty; leave it out']],
    [
      { filter: { senders: ['@a.example', '/(/', '/a(?=b)/'] } },
      [
        'filter.senders.1 is no regular expression: missing closing )',
        'filter.senders.2 uses lookaround such as (?=…), which is not supported; write it without, or as two conditions',
      ],
    ],
    [{ filter: { recipients: ['//'] } }, ['filter.recipients.0 is empty; give a regular expression']],
    [{ filter: { recipients: [] } }, ['filter.recipients is empty; leave it out to let all pass']],
    [
      { filter: { recipients: ['contoso.com'] } },
      [
        'filter.recipients.0 is no address; write @contoso.com for a domain, or *word* for a part of an address',
      ],
    ],
    [{ filter: { senders: ['@'] } }, ['filter.senders.0 has no domain; write @contoso.com']],
    [{ filter: { senders: [' '] } }, ['filter.senders.0 is empty; leave it out']],
    [{ filter: { sizeBytes: {} } }, ['filter.sizeBytes has no limit; give min, max or both']],
    [
      { filter: { sizeBytes: { min: 2, max: 1 } } },
      ['filter.sizeBytes.min is more than max; no record is that large'],
    ],
    [
      { filter: { customData: ['=true', 'S:A=/[/'] } },
      [
        'filter.customData.0 has no key; write S:IsProbe or S:IsProbe=true',
        'filter.customData.1 is no regular expression: missing closing ]',
      ],
    ],
    [{ filter: { sources: ['a b'] } }, ['filter.sources.0 is no source, such as SMTP']],
  ])('%j', (value, expected) => {
    expect(mistakes(value)).toEqual(expected)
  })
})

test('wantedEvents are those in both lists', () => {
  expect(wantedEvents({})).toBeUndefined()
  expect(wantedEvents({ filter: { senders: ['@a.example'] } })).toBeUndefined()
  expect(wantedEvents({ filter: { or: [{ events: ['SEND'] }] } })).toBeUndefined()
  expect(wantedEvents({ events: ['send', ' SEND '] })).toEqual(['SEND'])
  expect(wantedEvents({ filter: { events: ['Fail'] } })).toEqual(['FAIL'])
  expect(wantedEvents({ events: ['send', 'FAIL'], filter: { events: ['Fail', 'DSN'] } })).toEqual(['FAIL'])
  expect(wantedEvents({ events: ['SEND'], filter: { events: ['DSN'] } })).toEqual([])
})

test('doubtsOf finds the unknown names of every group', () => {
  const filter = {
    events: ['SEND', 'SENT'],
    sources: ['smtp', 'smpt'],
    and: [{ or: [{ events: ['recieve'] }] }],
    not: { sources: ['AGENTS'] },
  }
  const doubts = doubtsOf({ events: ['FAILED', 'SEND'], filter })
  expect(doubts.map(({ path, fields }) => [path?.join('.'), fields])).toEqual([
    ['events', { unknown: ['FAILED (did you mean FAIL?)'] }],
    ['filter.events', { unknown: ['SENT (did you mean SEND?)'] }],
    ['filter.sources', { unknown: ['SMPT (did you mean SMTP?)'] }],
    ['filter.and.0.or.0.events', { unknown: ['RECIEVE (did you mean RECEIVE?)'] }],
    ['filter.not.sources', { unknown: ['AGENTS (did you mean AGENT?)'] }],
  ])
  expect(doubtsOf({})).toEqual([])
  expect(doubtsOf({ events: ['SEND', 'FAIL'], filter: { events: ['fail'] } })).toEqual([])
})

test('doubtsOf finds that nothing can pass', () => {
  expect(doubtsOf({ events: ['SEND'], filter: { events: ['FAIL'] } })).toEqual([
    {
      message: 'Nothing can be delivered: events and filter.events have nothing in common',
      fields: { events: ['SEND'], 'filter.events': ['FAIL'] },
    },
  ])
  const noise = ['monitoring', 'shadow-redundancy'] as const
  expect(doubtsOf({ events: ['hareceive', 'HADISCARD'], noise })).toEqual([
    {
      message: 'Nothing can be delivered: noise takes all the events that are wanted',
      fields: { events: ['hareceive', 'HADISCARD'], noise },
    },
  ])
  expect(doubtsOf({ events: ['HARECEIVE', 'SEND'], noise })).toEqual([])
  const not = { events: ['send', 'FAIL'] }
  expect(doubtsOf({ events: ['SEND'], filter: { not } })).toEqual([
    {
      message: 'Nothing can be delivered: filter.not takes all the events that are wanted',
      fields: { events: ['SEND'], 'filter.events': undefined, 'filter.not.events': ['send', 'FAIL'] },
    },
  ])
  expect(doubtsOf({ events: ['SEND', 'DSN'], filter: { not } })).toEqual([])
  expect(doubtsOf({ events: ['SEND'], filter: { not: { ...not, sources: ['SMTP'] } } })).toEqual([])
  expect(doubtsOf({ events: ['HARECEIVE'], noise: ['monitoring'] })).toEqual([])
})

test('doubtsOf finds recipients under not whose mail to others is left out, too', () => {
  const ours = ['@contoso.com']
  const paths = (filter: FilterGroup) => doubtsOf({ filter }).map(({ path }) => path?.join('.'))
  expect(paths({ not: { recipients: ours } })).toEqual(['filter.not.recipients'])
  expect(paths({ not: { or: [{ events: ['SEND'] }, { recipients: ours }] } })).toEqual([
    'filter.not.or.1.recipients',
  ])
  expect(paths({ recipients: ours, and: [{ recipients: ours }] })).toEqual([])
  expect(paths({ not: { not: { recipients: ours } } })).toEqual([])
  expect(
    paths({ not: { recipients: { any: ours } }, and: [{ not: { recipients: { all: ours } } }] }),
  ).toEqual([])
})
