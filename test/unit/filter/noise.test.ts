import { describe, expect, test } from 'vitest'
import { compileFilter } from '../../../src/filter/filter.ts'
import { compileNoiseTrim } from '../../../src/filter/noise.ts'
import type { NoiseName } from '../../../src/filter/options.ts'
import type { Records } from '../../../src/flow/records.ts'
import { type Column, knownColumns } from '../../../src/records/layouts.ts'
import { type Bytes, fieldsIn, layoutOf, recordsOf } from '../../support/records.ts'

type Row = Partial<Record<Column, Bytes>>

function recordsFrom(rows: readonly Row[], columns: readonly string[] = knownColumns['2016']): Records {
  return recordsOf(
    layoutOf(columns),
    rows.map((row) => columns.map((name) => row[name as Column] ?? 'x')),
  )
}

function passes(noise: NoiseName, row: Row, columns?: readonly string[]): boolean {
  const records = recordsFrom([row], columns)
  return compileFilter({ noise: [noise] })(records.layout)?.(records, 0) ?? true
}

describe('shadow-redundancy', () => {
  test.each([
    ['HARECEIVE', false],
    ['HADISCARD', false],
    ['HAREDIRECT', false],
    ['HAREDIRECTFAIL', false],
    ['RECEIVE', true],
    ['HANEW', true],
  ])('%s: %j', (event, expected) => {
    expect(passes('shadow-redundancy', { 'event-id': event })).toBe(expected)
  })

  test('drops nothing of a log without event ids', () => {
    expect(passes('shadow-redundancy', { source: 'HARECEIVE' }, ['date-time', 'source'])).toBe(true)
  })
})

describe('monitoring', () => {
  const mailbox = 'HealthMailbox8ca12419fe5146cbb0c8a2e8e5a7f7a1@contoso.com'

  test.each<[string, Row, boolean]>([
    ['ordinary mail', { 'sender-address': 'ann@contoso.com', 'recipient-address': 'bob@contoso.com' }, true],
    ['to a health mailbox', { 'recipient-address': mailbox }, false],
    ['in another case', { 'recipient-address': mailbox.toLowerCase() }, false],
    [
      'to several',
      { 'recipient-address': `${mailbox};SystemMailbox{1f05a927-a8d3-4f23-9c56-4a1b2c3d4e5f}@contoso.com` },
      false,
    ],
    ['to one among others', { 'recipient-address': `${mailbox};bob@contoso.com` }, true],
    [
      'from the probe',
      { 'sender-address': 'inboundproxy@contoso.com', directionality: 'Originating' },
      false,
    ],
    ['from a health mailbox', { 'sender-address': mailbox, directionality: '' }, false],
    ['from outside under such a name', { 'sender-address': mailbox, directionality: 'Incoming' }, true],
    [
      'from outside to a health mailbox',
      { 'sender-address': 'x@y', 'recipient-address': mailbox, directionality: 'Incoming' },
      false,
    ],
    ['a probe', { 'custom-data': 'S:DeliveryPriority=Normal;S:IsProbe=true' }, false],
    ['no probe', { 'custom-data': 'S:DeliveryPriority=Normal;S:IsProbe=false' }, true],
    ['a probe within another value', { 'custom-data': "'S:Subject=a;S:IsProbe=true'" }, true],
    ['a name within an address', { 'sender-address': 'ann.HealthMailbox@contoso.com' }, true],
    ['neither sender nor recipient', { 'sender-address': '', 'recipient-address': '' }, true],
  ])('%s', (_, row, expected) => {
    expect(passes('monitoring', row)).toBe(expected)
  })

  test('of a log of 2007, which has fewer columns', () => {
    expect(passes('monitoring', { 'sender-address': mailbox }, knownColumns['2007'])).toBe(false)
    expect(passes('monitoring', { 'sender-address': 'ann@contoso.com' }, knownColumns['2007'])).toBe(true)
  })
})

describe('agentinfo-performance', () => {
  const times =
    'S:TRA=ETRP|ruleId=00096cc2-899f-4443-b960-8b4f688a5b4e|st=2023-03-10T16:03:35.0000000Z|ExecW=0'
  const wrapped = `'${times}|ExecC=0|Conditions=IP,F,0;IP,F,0'`
  const others = [
    'S:AMA=SUM|v=0|action=|error=|atch=0',
    "'S:TRA=ETR|ruleId=1|action=a;b''s'",
    'S:TRA=ETRI|MsgType=SummaryTnef|Ex=',
    'S:TRA=DC|dcid=1',
    'S:TRA=CI|x',
    'S:TRA=ETRPX|y',
    'S:CompCost=|AMA=0',
    '"quoted", and more',
    'é\xff',
  ]
  const column = knownColumns['2016'].indexOf('custom-data')

  function trimmed(rows: readonly Row[], taken: readonly number[] = rows.map((_, row) => row)) {
    const records = recordsFrom(rows)
    const rewrite = compileNoiseTrim(['agentinfo-performance'])(records.layout)
    return { records, result: rewrite?.(records, Uint32Array.from(taken)) ?? records }
  }
  const agentInfo = (data: string): Row => ({
    'event-id': 'AGENTINFO',
    'custom-data': Buffer.from(data, 'latin1'),
  })
  const dataOf = (records: Records) => fieldsIn(records).map((row) => row[column])

  test.each([
    ['at the start', [times, wrapped, ...others]],
    ['at the end', [...others, wrapped, times]],
    ['in between', others.flatMap((other) => [other, times, wrapped])],
    ['nothing else', [times, wrapped, times]],
    ['a member without more', ['S:TRA=ETRP', ...others]],
  ])('takes them out and keeps the rest: %s', (_, members) => {
    const { result } = trimmed([agentInfo(members.join(';'))])
    const kept = members.filter((member) => others.includes(member))
    expect(dataOf(result)).toEqual([kept.join(';')])
  })

  test('keeps every other field', () => {
    const { records, result } = trimmed([agentInfo(`${times};S:a=b`)])
    const without = (rows: string[][]) => rows.map((row) => row.filter((_, index) => index !== column))
    expect(without(fieldsIn(result))).toEqual(without(fieldsIn(records)))
    expect(result.rowEnds[0]).toBe(records.rowEnds[0])
  })

  test.each([
    ['another event', { ...agentInfo(`${times};S:a=b`), 'event-id': 'RECEIVE' }],
    ['no such member', agentInfo(others.join(';'))],
    ['not closed', agentInfo(`'${times};S:a=b`)],
    ['within another member', agentInfo(`'S:a=b;${times}'`)],
    ['empty', agentInfo('')],
  ])('leaves the row as it is: %s', (_, row) => {
    const { records, result } = trimmed([row])
    expect(result).toBe(records)
  })

  test('takes the given rows only', () => {
    const rows = [
      agentInfo(`${times};S:a=0`),
      agentInfo('S:a=1'),
      agentInfo(`S:a=2;${times}`),
      agentInfo('S:a=3'),
    ]
    expect(dataOf(trimmed(rows, [1, 2]).result)).toEqual(['S:a=1', 'S:a=2'])
    expect(dataOf(trimmed(rows, [1, 3]).result)).toEqual(['S:a=1', 'S:a=3'])
    expect(trimmed(rows, []).result.count).toBe(0)
  })

  test('nothing to do unless it is asked for, or where there is no such column', () => {
    expect(compileNoiseTrim(['monitoring'])(layoutOf('2016'))).toBeNull()
    expect(compileNoiseTrim(undefined)(layoutOf('2016'))).toBeNull()
    expect(compileNoiseTrim(['agentinfo-performance'])(layoutOf('2007'))).toBeNull()
  })
})
