import { describe, expect, test } from 'vitest'
import type { Records } from '../../../src/flow/records.ts'
import { type Column, knownColumns } from '../../../src/records/layouts.ts'
import { trimRulePerformance } from '../../../src/rewrite/trim-noise.ts'
import { type Bytes, fieldsIn, layoutOf, recordsOf } from '../../support/records.ts'

type Row = Partial<Record<Column, Bytes>>

function recordsFrom(rows: readonly Row[], columns: readonly string[] = knownColumns['2016']): Records {
  return recordsOf(
    layoutOf(columns),
    rows.map((row) => columns.map((name) => row[name as Column] ?? 'x')),
  )
}

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
    const rewrite = trimRulePerformance(records.layout)
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

  test('does nothing to a layout without one of its columns', () => {
    const columns = knownColumns['2016']
    expect(trimRulePerformance(layoutOf(columns.filter((name) => name !== 'custom-data')))).toBeNull()
    expect(trimRulePerformance(layoutOf(columns.filter((name) => name !== 'event-id')))).toBeNull()
  })
})
