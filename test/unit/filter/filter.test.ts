import { describe, expect, test } from 'vitest'
import { compileFilter, explainFilter } from '../../../src/filter/filter.ts'
import type { FilterGroup, FilterSettings } from '../../../src/filter/options.ts'
import { type Column, knownColumns } from '../../../src/records/layouts.ts'
import { type Bytes, layoutOf, recordsOf } from '../../support/records.ts'

type Row = Partial<Record<Column, Bytes>>

const time = '2026-11-20T00:00:00.010Z'

function fields(columns: readonly string[], row: Row): Bytes[] {
  return columns.map((name) => row[name as Column] ?? (name === 'date-time' ? time : ''))
}

/** Whether the settings let a record pass, and whether the rules say the same. */
function passes(
  settings: FilterSettings,
  row: Row,
  columns: readonly string[] = knownColumns['2016'],
): boolean {
  const layout = layoutOf(columns)
  const records = recordsOf(layout, [fields(columns, row)])
  const passed = compileFilter(settings)(layout)?.(records, 0) ?? true
  const results = explainFilter(settings, layout)(records, 0)
  expect(results.filter(({ depth }) => depth === 0).every(({ holds }) => holds)).toBe(passed)
  return passed
}

const keeps = (filter: FilterGroup, row: Row) => passes({ filter }, row)

describe('events, sources, directionality', () => {
  const row: Row = { 'event-id': 'SEND', source: 'SMTP', directionality: 'Originating' }

  test.each<[FilterGroup, boolean]>([
    [{ events: ['send', 'RECEIVE'] }, true],
    [{ events: ['RECEIVE', 'SENDEXTERNAL'] }, false],
    [{ sources: ['smtp'] }, true],
    [{ sources: ['SMTPX', 'STOREDRIVER'] }, false],
    [{ directionality: ['Incoming', 'Originating'] }, true],
    [{ directionality: ['Incoming', 'Undefined'] }, false],
    [{ events: ['SEND'], sources: ['SMTP'] }, true],
    [{ events: ['SEND'], sources: ['AGENT'] }, false],
  ])('%j: %j', (filter, expected) => {
    expect(keeps(filter, row)).toBe(expected)
  })

  test('both event lists must hold', () => {
    const both = { events: ['SEND', 'FAIL'], filter: { events: ['FAIL', 'DSN'] } }
    const kept = ['SEND', 'FAIL', 'DSN'].filter((event) => passes(both, { 'event-id': event }))
    expect(kept).toEqual(['FAIL'])
  })
})

describe('senders', () => {
  test.each<[string, string, boolean]>([
    ['ann@contoso.com', 'Ann@CONTOSO.com', true],
    ['ann@contoso.com', 'joann@contoso.com', false],
    ['ann@contoso.com', 'ann@contoso.com.evil.example', false],
    ['@contoso.com', 'Ann@Contoso.Com', true],
    ['@contoso.com', 'ann@mail.contoso.com', false],
    ['@contoso.com', 'ann@notcontoso.com', false],
    ['*@*.contoso.com', 'ann@mail.contoso.com', true],
    ['*@*.contoso.com', 'ann@contoso.com', false],
    ['@*.contoso.com', 'ann@MAIL.contoso.com', true],
    ['ann?@contoso.com', 'ann1@contoso.com', true],
    ['/^no-?reply@/', 'NoReply@contoso.com', true],
    ['/^no-?reply@/', 'ann.noreply@contoso.com', false],
    ['/^$/', '', true],
    ['"ann b"@contoso.com', '"Ann B"@contoso.com', true],
    ['@contoso.com', '"a, b"@contoso.com', true],
    ['/^"a, b"@/', '"a, b"@contoso.com', true],
    ['jörg@contoso.com', 'JÖRG@contoso.com', true],
    ['@bücher.example', 'ann@BÜCHER.example', true],
    ['/o=contoso/ou=ex/cn=ann', '/O=CONTOSO/ou=ex/cn=Ann', true],
    ['<>', '<>', true],
  ])('%j and %j: %j', (asked, sender, expected) => {
    expect(keeps({ senders: [asked] }, { 'sender-address': sender })).toBe(expected)
    expect(keeps({ senders: ['nobody@example.com', asked] }, { 'sender-address': sender })).toBe(expected)
    expect(keeps({ not: { senders: [asked] } }, { 'sender-address': sender })).toBe(!expected)
  })

  test('invalid UTF-8 does not match, and hides nothing behind it', () => {
    const sender = Buffer.concat([Buffer.of(0xff, 0xe2, 0x82), Buffer.from('ann@contoso.com')])
    expect(keeps({ senders: ['ann@contoso.com'] }, { 'sender-address': sender })).toBe(false)
    expect(keeps({ senders: ['@contoso.com'] }, { 'sender-address': sender })).toBe(true)
    expect(keeps({ senders: ['/^\\x{FFFD}+ann@/'] }, { 'sender-address': sender })).toBe(true)
  })
})

describe('recipients', () => {
  test.each<[string, string, boolean]>([
    ['bob@contoso.com', 'ann@contoso.com;Bob@contoso.com', true],
    ['bob@contoso.com', 'ann@contoso.com;bob@contoso.com.example', false],
    ["o'brien@contoso.com", "ann@x.example;'o''brien@contoso.com';bob@x.example", true],
    ['a;b@contoso.com', "'a;b@contoso.com'", true],
    ['b@contoso.com', "'a;b@contoso.com'", false],
    ['@contoso.com', "'o''brien@contoso.com'", true],
    ['"a, b"@contoso.com', 'x@y.example;"a, b"@contoso.com', true],
    ["'o'brien@contoso.com", "'o'brien@contoso.com;bob@contoso.com'", true],
    ['/^bob@/', 'ann@contoso.com;bob@contoso.com', true],
    ['/^$/', '', false],
    ['/^$/', 'ann@contoso.com;;', false],
    ["'bob@contoso.com", "'bob@contoso.com;ann@contoso.com", true],
    ['ann@contoso.com', "'bob@contoso.com;ann@contoso.com", true],
  ])('%j and %j: %j', (asked, recipients, expected) => {
    expect(keeps({ recipients: [asked] }, { 'recipient-address': recipients })).toBe(expected)
  })

  test('a row with thousands of recipients', () => {
    const many = Array.from({ length: 5000 }, (_, i) => `'o''user${i}@contoso.com'`).join(';')
    expect(keeps({ recipients: ["o'user4999@contoso.com"] }, { 'recipient-address': many })).toBe(true)
    expect(keeps({ recipients: ['/(a+)+$/'] }, { 'recipient-address': many })).toBe(false)
  })
})

describe('lists by name', () => {
  const ours = ['@contoso.com', 'partner@fabrikam.example']

  test.each<[string, Record<'any' | 'all' | 'none' | 'anyOther', boolean>]>([
    ['Ann@contoso.com;bob@contoso.com', { any: true, all: true, none: false, anyOther: false }],
    ['ann@contoso.com;eve@else.example', { any: true, all: false, none: false, anyOther: true }],
    ['eve@else.example', { any: false, all: false, none: true, anyOther: true }],
    [
      "'o''brien@contoso.com';partner@fabrikam.example",
      { any: true, all: true, none: false, anyOther: false },
    ],
    ['', { any: false, all: false, none: true, anyOther: false }],
    [';', { any: false, all: false, none: true, anyOther: false }],
  ])('recipients %j', (recipients, expected) => {
    const names = ['any', 'all', 'none', 'anyOther'] as const
    const row = { 'recipient-address': recipients }
    const found = names.map((name) => [name, keeps({ recipients: { [name]: ours } }, row)])
    expect(Object.fromEntries(found)).toEqual(expected)
    expect(keeps({ recipients: ours }, row)).toBe(expected.any)
  })

  test('all of several must hold', () => {
    const recipients = { any: ['@partner.example'], none: ['@contoso.com'] }
    expect(keeps({ recipients }, { 'recipient-address': 'x@partner.example;y@else.example' })).toBe(true)
    expect(keeps({ recipients }, { 'recipient-address': 'x@partner.example;y@contoso.com' })).toBe(false)
    expect(keeps({ recipients }, { 'recipient-address': 'y@else.example' })).toBe(false)
  })

  test('senders: a domain without some of its addresses', () => {
    const senders = { any: ['@contoso.com'], none: ['scanner@contoso.com'] }
    expect(keeps({ senders }, { 'sender-address': 'ann@contoso.com' })).toBe(true)
    expect(keeps({ senders }, { 'sender-address': 'Scanner@contoso.com' })).toBe(false)
    expect(keeps({ senders: { none: ['@contoso.com'] } }, { 'sender-address': '' })).toBe(true)
  })
})

describe('any column', () => {
  test.each<[FilterGroup['columns'], Row, boolean]>([
    [{ 'connector-id': ['ex01\\internet*'] }, { 'connector-id': 'EX01\\Internet Send' }, true],
    [{ 'connector-id': { none: ['*internet*'] } }, { 'connector-id': 'EX01\\Internet Send' }, false],
    [{ 'connector-id': ['?*'] }, { 'connector-id': '' }, false],
    [{ 'message-info': ['/SRV=ex01/'] }, { 'message-info': '2026;SRV=EX01:TOTAL-HUB=0.3' }, true],
    [{ 'return-path': ['@contoso.com'] }, { 'return-path': 'ann@contoso.com' }, true],
    [{ 'recipient-status': ['250*'] }, { 'recipient-status': "'250 2.0.0 Ok; queued';451 later" }, true],
    [{ 'recipient-status': { all: ['250*'] } }, { 'recipient-status': "'250 Ok; queued';451" }, false],
    [{ 'message-subject': ['*"a, b"*'] }, { 'message-subject': 'say "a, b"' }, true],
    [{ 'tenant-id': ['x'], 'log-id': ['y'] }, { 'tenant-id': 'x', 'log-id': 'z' }, false],
    [{ 'tenant-id': ['x'], 'log-id': ['y'] }, { 'tenant-id': 'x', 'log-id': 'Y' }, true],
  ])('%j and %j: %j', (columns, row, expected) => {
    expect(keeps({ columns }, row)).toBe(expected)
  })

  test.each(knownColumns['2016'])('%s', (name) => {
    const value = name === 'date-time' ? time : 'value'
    expect(keeps({ columns: { [name]: [value.toUpperCase()] } }, { [name]: value })).toBe(true)
    expect(keeps({ columns: { [name]: { none: [value] } } }, { [name]: value })).toBe(false)
  })

  test('one that the log lacks is empty', () => {
    expect(passes({ filter: { columns: { 'log-id': ['*'] } } }, {}, ['date-time'])).toBe(true)
    expect(passes({ filter: { columns: { 'log-id': ['?*'] } } }, {}, ['date-time'])).toBe(false)
    expect(passes({ filter: { columns: { 'log-id': { none: ['x'] } } } }, {}, ['date-time'])).toBe(true)
  })
})

test.each<[FilterGroup['sizeBytes'], string, boolean]>([
  [{ min: 10 }, '10', true],
  [{ min: 10 }, '9', false],
  [{ max: 10 }, '10', true],
  [{ max: 10 }, '11', false],
  [{ min: 5, max: 5 }, '0005', true],
  [{ min: 0 }, '', false],
  [{ min: 0 }, '-1', false],
  [{ min: 0 }, '1.5', false],
  [{ max: 10 }, '99999999999999999999999', false],
])('sizeBytes %j and %j: %j', (sizeBytes, size, expected) => {
  expect(keeps({ sizeBytes }, { 'total-bytes': size })).toBe(expected)
})

describe('customData', () => {
  const data =
    "S:AMA=SUM|v=0|action=|error=|atch=0;'S:TRA=ETR|ruleId=1|Conditions=CP,M.S,0;CP,M.B,0';S:IsProbe=true;I32:Count=3;bare"

  test.each<[string, boolean]>([
    ['S:IsProbe', true],
    ['s:isprobe=TRUE', true],
    ['IsProbe', true],
    ['IsProbe=true', true],
    ['S:Count', false],
    ['I32:Count=3', true],
    ['Count=33', false],
    ['S:AMA=SUM|*', true],
    ['S:AMA=/atch=0$/', true],
    ['S:AMA=SUM', false],
    ['S:TRA=ETR|ruleId=1|Conditions=CP,M.S,0;CP,M.B,0', true],
    ['CP,M.B,0', false],
    ['bare', true],
    ['bare=', false],
    ['bare=*', false],
    ['ama', true],
    ['Probe', false],
    ['S:IsProbe=', false],
  ])('%j: %j', (asked, expected) => {
    expect(keeps({ customData: [asked] }, { 'custom-data': data })).toBe(expected)
  })

  test('a value may be empty', () => {
    expect(keeps({ customData: ['S:Empty='] }, { 'custom-data': 'S:Empty=' })).toBe(true)
    expect(keeps({ customData: ['S:Empty='] }, { 'custom-data': 'S:Empty' })).toBe(false)
  })
})

describe('and, or, not', () => {
  const row: Row = { 'event-id': 'SEND', 'sender-address': 'ann@contoso.com', 'total-bytes': '5' }
  const yes: FilterGroup = { senders: ['ann@contoso.com'] }
  const no: FilterGroup = { sizeBytes: { min: 6 } }

  test.each<[FilterGroup, boolean]>([
    [{ ...yes, ...no }, false],
    [{ and: [yes, yes] }, true],
    [{ and: [yes, no] }, false],
    [{ or: [no, yes] }, true],
    [{ or: [no, no] }, false],
    [{ or: [{ ...yes, ...no }, yes] }, true],
    [{ not: yes }, false],
    [{ not: no }, true],
    [{ not: { ...yes, ...no } }, true],
    [{ not: { not: { or: [no, { and: [yes, { not: no }] }] } } }, true],
    [{ events: ['SEND'], not: { recipients: ['*@monitoring.example'] } }, true],
  ])('%j: %j', (filter, expected) => {
    expect(keeps(filter, row)).toBe(expected)
  })
})

describe('columns that a layout lacks', () => {
  const columns = ['date-time', 'sender-address']
  const row: Row = { 'sender-address': 'ann@contoso.com' }

  test.each<[FilterGroup, boolean]>([
    [{ customData: ['S:IsProbe'] }, false],
    [{ not: { customData: ['S:IsProbe'] } }, true],
    [{ sources: ['SMTP'] }, false],
    [{ sizeBytes: { min: 0 } }, false],
    [{ events: ['SEND'] }, true],
    [{ not: { events: ['SEND'] } }, true],
    [{ or: [{ events: ['SEND'] }, { senders: ['bob@contoso.com'] }] }, true],
    [{ and: [{ events: ['SEND'] }, { senders: ['bob@contoso.com'] }] }, false],
    [{ not: { or: [{ events: ['SEND'] }, { senders: ['ann@contoso.com'] }] } }, false],
    [{ not: { or: [{ events: ['SEND'] }, { senders: ['bob@contoso.com'] }] } }, true],
    [{ not: { not: { events: ['SEND'] } } }, true],
  ])('%j: %j', (filter, expected) => {
    expect(passes({ filter }, row, columns)).toBe(expected)
  })

  test('the names of columns are compared without regard to case', () => {
    const upper = columns.map((name) => name.toUpperCase())
    const layout = layoutOf(upper)
    const records = recordsOf(layout, [[time, 'ann@contoso.com']])
    const filter = compileFilter({ filter: { senders: ['@contoso.com'] } })(layout)
    expect(filter?.(records, 0)).toBe(true)
  })
})

test('no filter where every row passes', () => {
  const layout = layoutOf('2016')
  expect(compileFilter({})(layout)).toBeNull()
  expect(compileFilter({ noise: ['agentinfo-performance'] })(layout)).toBeNull()
  expect(compileFilter({ events: ['SEND'] })(layoutOf(['date-time']))).toBeNull()
})

test('explainFilter names each rule, and below it what it is put together from', () => {
  const layout = layoutOf('2016')
  const records = recordsOf(layout, [
    fields(layout.columns, { 'event-id': 'HARECEIVE', 'sender-address': 'ann@contoso.com' }),
  ])
  const settings: FilterSettings = {
    events: ['SEND', 'HARECEIVE'],
    filter: {
      recipients: { anyOther: ['@contoso.com'], none: ['@x.example'] },
      columns: { 'client-ip': ['10.0.0.0/8'] },
      or: [{ senders: ['@contoso.com', '/x/'] }, { not: { sizeBytes: { min: 1, max: 2 } } }],
    },
    noise: ['shadow-redundancy', 'monitoring'],
  }
  expect(explainFilter(settings, layout)(records, 0)).toEqual([
    { rule: 'events: SEND, HARECEIVE', holds: true, depth: 0 },
    { rule: 'filter.recipients.anyOther: @contoso.com', holds: false, depth: 0 },
    { rule: 'filter.recipients.none: @x.example', holds: true, depth: 0 },
    { rule: 'filter.columns.client-ip: 10.0.0.0/8', holds: false, depth: 0 },
    { rule: 'filter.or', holds: true, depth: 0 },
    { rule: 'filter.or.0', holds: true, depth: 1 },
    { rule: 'filter.or.0.senders: @contoso.com, /x/', holds: true, depth: 2 },
    { rule: 'filter.or.1', holds: true, depth: 1 },
    { rule: 'filter.or.1.not', holds: true, depth: 2 },
    { rule: 'filter.or.1.not.sizeBytes: min 1, max 2', holds: false, depth: 3 },
    { rule: 'noise: shadow-redundancy', holds: false, depth: 0 },
    { rule: 'noise: monitoring', holds: true, depth: 0 },
  ])
})
