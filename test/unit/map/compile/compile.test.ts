import { describe, expect, test } from 'vitest'
import type { Layout } from '../../../../src/flow/chunk.ts'
import type { EventPlan, ValuePlan } from '../../../../src/flow/plan.ts'
import { compileMapping } from '../../../../src/map/compile/compile.ts'
import { createMapper } from '../../../../src/map/mapper.ts'
import type { AdditionalStyle } from '../../../../src/map/options.ts'
import { loadDictionary, loadMapping, parseMapping } from '../../../../src/map/table/load.ts'
import { knownColumns } from '../../../../src/records/layouts.ts'

const dictionary = loadDictionary()

function layoutOf(columns: readonly string[], version = '15.02.1544.004'): Layout {
  return { columns, version, header: Buffer.alloc(0) }
}

function automatic(additionalData: AdditionalStyle = 'arcsight', cefVersion: 0 | 1 = 0) {
  return createMapper({ mapping: 'auto', cefVersion, additionalData })
}

function planned(plan: EventPlan, key: string): ValuePlan | undefined {
  return [...plan.fields, ...plan.device].find((value) => value.key === key)
}

describe('the table is chosen by the columns, and each key gets the right one', () => {
  test.each([
    ['2007', 'exchange-2007.v1'],
    ['2010', 'exchange-2007.v1'],
    ['2013', 'exchange-2013.v1'],
    ['2016', 'exchange-2013.v1'],
  ] as const)('%s: %s', (exchange, mapping) => {
    const columns = knownColumns[exchange]
    const plan = automatic().planFor(layoutOf(columns))
    expect(plan.mapping).toBe(mapping)
    for (const [key, column] of [
      ['rt', 'date-time'],
      ['msg', 'message-subject'],
      ['suser', 'sender-address'],
      ['duser', 'recipient-address'],
      ['cs2', 'message-id'],
      ['cs6', 'return-path'],
      ['dvchost', 'server-hostname'],
    ] as const) {
      expect([key, columns[planned(plan, key)?.column ?? -1]]).toEqual([key, column])
    }
  })

  test('rows whose column the log lacks are dropped', () => {
    const plan = automatic().planFor(layoutOf(knownColumns['2007']))
    expect(planned(plan, 'flexString1')).toBeUndefined()
    expect(plan.additional.map(({ key }) => key)).toEqual([
      'ad.message-info',
      'ad.recipient-status',
      'ad.related-recipient-address',
    ])
  })

  test('columns of later versions, other orders and capitals are no matter', () => {
    const columns = ['New-Column', ...knownColumns['2016'].toReversed().map((name) => name.toUpperCase())]
    const plan = automatic().planFor(layoutOf(columns))
    expect(plan.mapping).toBe('exchange-2013.v1')
    expect(columns[planned(plan, 'cs3')?.column ?? -1]).toBe('REFERENCE')
    expect(plan.additional).toHaveLength(7)
  })

  test('columns that nobody knows still make an event', () => {
    const plan = automatic().planFor(layoutOf(['a', 'b']))
    expect(plan).toMatchObject({ mapping: 'exchange-2007.v1', timeColumn: -1, fields: [], additional: [] })
    expect(plan.severity.column).toBe(-1)
    expect(plan.header.map(({ columns }) => columns)).toEqual([[], [], [], [], []])
  })
})

describe('device version', () => {
  test.each([
    ['2016', '15.02.1544.004', [29], '15.02.1544.004'],
    ['2013', ' 15.00.1497.002\r', [], '15.00.1497.002'],
    ['2010', '14.0.0.0', [], '14.0.0.0'],
    ['2007', '', [], 'unknown'],
  ] as const)('%s with #Version "%s"', (exchange, version, columns, fallback) => {
    const plan = automatic().planFor(layoutOf(knownColumns[exchange], version))
    expect(plan.header[2]).toEqual({ columns, fallback, maxBytes: 31 })
  })
})

describe('CEF versions', () => {
  test.each([
    [0, '_cefVer=0.1', 2_147_483_647n, 'ipv4'],
    [1, '_cefVer=1.0', 9_223_372_036_854_775_807n, 'ip'],
  ] as const)('CEF:%i', (cefVersion, trailer, max, address) => {
    const plan = automatic('arcsight', cefVersion).planFor(layoutOf(knownColumns['2016']))
    expect(plan).toMatchObject({ cefVersion, trailer })
    for (const key of ['in', 'out']) expect(planned(plan, key)?.max).toBe(max)
    for (const key of ['src', 'dst', 'dvc']) expect(planned(plan, key)?.as).toBe(address)
    for (const key of ['c6a1', 'c6a2', 'c6a3']) expect(planned(plan, key)?.as).toBe('ipv6')
    expect(planned(plan, 'cn1')?.max).toBe(9_223_372_036_854_775_807n)
  })
})

describe('additional data', () => {
  test.each([
    ['arcsight', 'ad.custom-data', 'ad.transport-traffic-type', 'ad.total-bytes'],
    ['camel', 'ad.CustomData', 'ad.TransportTrafficType', 'ad.TotalBytes'],
    [
      'plain',
      'MicrosoftExchangeCustomData',
      'MicrosoftExchangeTransportTrafficType',
      'MicrosoftExchangeTotalBytes',
    ],
  ] as const)('%s', (style, first, last, overflow) => {
    const plan = automatic(style).planFor(layoutOf(knownColumns['2016']))
    expect(plan.additional.at(0)?.key).toBe(first)
    expect(plan.additional.at(-1)?.key).toBe(last)
    expect(planned(plan, 'in')?.overflowKey).toBe(overflow)
    expect(planned(plan, 'out')?.overflowKey).toBe(overflow)
    expect(planned(plan, 'cn1')?.overflowKey).toBeNull()
  })

  test('none', () => {
    const plan = automatic('none').planFor(layoutOf(knownColumns['2016']))
    expect(plan.additional).toEqual([])
    expect(planned(plan, 'in')?.overflowKey).toBeNull()
  })
})

describe('a condition on a column that the log lacks', () => {
  const text = (condition: string) => `
name: own
version: 2.0.0
header:
  vendor: V
  product: P
  version: { from: ['#Version'], default: unknown }
  eventClassId: { from: [event-id], default: UNKNOWN }
  name: { from: [event-id], default: UNKNOWN }
severity: { from: event-id, default: 3, levels: {} }
time: date-time
plainPrefix: P
fields:
  - { key: msg, from: message-subject, ${condition} }
`
  test.each([
    ['when: { source: [SMTP] }', false],
    ["when: { source: [SMTP, ''] }", true],
    ['unless: { source: [SMTP] }', true],
    ["unless: { source: [''] }", false],
  ])('%s', (condition, kept) => {
    const table = parseMapping('own.yaml', text(condition), { dictionary })
    const options = { cefVersion: 0, additionalData: 'none', dictionary } as const
    const compiled = (columns: readonly string[]) => compileMapping(table, layoutOf(columns), options).fields
    expect(compiled(['message-subject']).map(({ when }) => when)).toEqual(kept ? [null] : [])
    expect(compiled(['message-subject', 'source'])).toMatchObject([{ when: { column: 1 } }])
  })
})

describe('a mapper', () => {
  test('gives one plan for the same columns and version, another for others', () => {
    const mapper = automatic()
    const first = mapper.planFor(layoutOf(knownColumns['2013'], '15.00.1'))
    expect(mapper.planFor(layoutOf([...knownColumns['2013']], '15.00.1'))).toBe(first)
    expect(mapper.planFor(layoutOf(knownColumns['2013'], '15.00.2'))).not.toBe(first)
    expect(mapper.planFor(layoutOf(knownColumns['2013'], '15.00.1'))).toBe(first)
  })

  test('with a table by name uses it for every log', () => {
    const mapper = createMapper({ mapping: 'exchange-2013', cefVersion: 0, additionalData: 'none' })
    expect(mapper.planFor(layoutOf(knownColumns['2007'])).mapping).toBe('exchange-2013.v1')
  })

  test('every log fits exactly one of the tables that are chosen by themselves', () => {
    const tables = ['exchange-2013', 'exchange-2007'].map(
      (name) => loadMapping(name, { dictionary }).content.for,
    )
    expect(tables).toEqual([{ with: ['network-message-id'] }, { without: ['network-message-id'] }])
  })
})
